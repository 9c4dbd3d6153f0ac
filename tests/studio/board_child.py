"""The process of test_board_kills: a page without its page, that takes uploads until it is killed.

python -m tests.studio.board_child WORKSPACE UPLOADS SEED
Lines on standard output: "ready", then "HASH NAME" for every photo once its upload is acknowledged.
"""

from __future__ import annotations

import hashlib
import os
import sys
import zipfile
from pathlib import Path

import numpy as np

from core.settings import Settings
from studio.batches import BATCHES, add_files, judge_waiting, start_import, sweep_uploads
from studio.desk import Desk
from studio.jobs import Jobs
from studio.workspace import Workspace
from tests.made import encoded, scene
from tests.soak.honest import HonestEngines


def opened(folder: Path) -> Jobs:
    """The board as the page opens it: what a stop left goes on."""
    workspace = Workspace.open(folder)
    workspace.clean()
    jobs = Jobs(Desk(workspace, HonestEngines(), Settings(workspace=folder), "poste"), BATCHES)
    jobs.resume()
    sweep_uploads(jobs)
    judge_waiting(jobs, who="poste")
    return jobs


def main() -> None:
    folder, uploads, rng = Path(sys.argv[1]), Path(sys.argv[2]), np.random.default_rng(int(sys.argv[3]))
    jobs = opened(folder)
    os.write(1, b"ready\n")
    while True:
        job = None
        for last in (False, False, True):
            files, told = _upload(rng, uploads)
            if job is None:
                job = start_import(jobs, files, who="Ana", more=True)
            else:
                add_files(jobs, job, files)
            os.write(1, "".join(f"{sha} {name}\n" for sha, name in told).encode())
            if last:
                job.seal()
            for path, _ in files:
                path.unlink()
        job.wait(float(rng.uniform(0, 0.3)))


def _upload(rng: np.random.Generator, uploads: Path) -> tuple[list[tuple[Path, str]], list[tuple[str, str]]]:
    """Three photos unlike any other, one time in three as an archive: (files, hashes and names of the photos)."""
    photos = [encoded(scene(32, 24, int(rng.integers(1 << 30))), "PNG") for _ in range(3)]
    named = [(f"{rng.integers(1 << 40):x}.png", data) for data in photos]
    told = [(hashlib.sha256(data).hexdigest(), name) for name, data in named]
    if rng.random() < 1 / 3:
        path = uploads / f"{rng.integers(1 << 40):x}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in named:
                archive.writestr(name, data)
        return [(path, path.name)], told
    for name, data in named:
        (uploads / name).write_bytes(data)
    return [(uploads / name, name) for name, _ in named], told


if __name__ == "__main__":
    main()
