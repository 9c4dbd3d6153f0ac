"""The process that is killed: acts at the desk in a loop, telling each act before it and acknowledging it after.

python -m tests.soak.child WORKSPACE SCRATCH SEED [ACTS]
Lines of JSON on standard output, written without a buffer: {"ready"}, {"begin": act},
{"done": act, "events": [[number, hash], …], "results": […]}, {"refused": act, "fr": message}.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import PaddockError
from core.settings import Settings
from studio import space
from studio.desk import Desk
from studio.workspace import Workspace
from tests.soak.acts import ACTS, NothingToDo
from tests.soak.honest import HonestEngines


def tell(**line: Any) -> None:
    """One line, in one write: it is in the pipe whole, or not at all."""
    os.write(1, (json.dumps(line) + "\n").encode())


def work(desk: Desk, rng: np.random.Generator, scratch: Path, acts: int) -> None:
    """So many acts, each drawn by its weight."""
    names = list(ACTS)
    weights = np.array([ACTS[name][1] for name in names], dtype=float)
    for _ in range(acts):
        name = names[rng.choice(len(names), p=weights / weights.sum())]
        before = desk.workspace.head().size
        if not before:
            name = "import"  # everything else needs a photo
        tell(begin=name)
        try:
            results = ACTS[name][0](desk, rng, scratch)
        except NothingToDo:
            continue
        except PaddockError as error:
            tell(refused=name, kind=type(error).__name__, fr=error.message("fr"))
            continue
        events = [[event.seq, event.hash] for event in desk.workspace.events(after=before)]
        tell(done=name, events=events, results=results)


def main() -> None:
    folder, scratch, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    acts = int(sys.argv[4]) if len(sys.argv) > 4 else 1 << 30
    if "SOAK_RESERVE" in os.environ:  # on a small disk: what happens when the look at the free space came too early
        space.RESERVE = int(os.environ["SOAK_RESERVE"])
    workspace = Workspace.open(folder)
    workspace.clean()
    tell(ready=True)
    desk = Desk(workspace, HonestEngines(), Settings(workspace=folder), "Camille")
    work(desk, np.random.default_rng(seed), scratch, acts)
    workspace.close()


if __name__ == "__main__":
    main()
