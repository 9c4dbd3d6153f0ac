"""Kill a working desk at random moments and look whether anything that was acknowledged is gone.

SIGKILL ends a process between any two machine instructions; what it handed to the kernel stays. It does
not test a power cut: there the kernel's own memory goes too, and only what fsync forced out is left. The
order of writing (audit/store.py) is made for both; only the first is shown here.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.page.served import ROOT

PER_WORKSPACE = 25
"""Kills before a new workspace is begun: verifying after each kill reads the whole workspace."""
LINES = 16
"""Lines that a child tells, at most, before it is killed: up to eight acts."""
LONGEST = 0.06
"""Seconds that it may then go on, at most: about as long as an act takes on a machine that is not busy."""


@dataclass
class Kills:
    """What was seen. fell_in: how many kills fell into each act ("start": before the desk was open)."""

    kills: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    fell_in: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    unfinished: int = 0
    strays: int = 0
    largest: int = 0

    def figures(self) -> dict[str, Any]:
        """As they are kept in a result's JSON."""
        return {
            "kills": self.kills, "acknowledged_acts": self.acknowledged, "lost": len(self.lost),
            "losses": self.lost[:20],
            "slowest_recovery_s": round(max(self.recoveries), 3),
            "median_recovery_s": round(sorted(self.recoveries)[len(self.recoveries) // 2], 3),
            "kills_by_act": dict(sorted(self.fell_in.items())), "acknowledged_by_act": dict(sorted(self.acts.items())),
            "kills_that_left_a_file_half_written": self.unfinished,
            "kills_between_storing_and_recording": self.strays, "events_in_the_largest_ledger": self.largest,
        }  # fmt: skip


def run(folder: Path, kills: int, seed: int, progress: Callable[[str], None] = lambda _: None) -> Kills:
    """So many kills, over as many workspaces as that takes, below ``folder``. Needs SIGKILL (POSIX)."""
    chance, found = random.Random(seed), Kills()
    while found.kills < kills and not found.lost:
        workspace = folder / f"desk-{found.kills}"
        _one_workspace(workspace, min(PER_WORKSPACE, kills - found.kills), chance, found)
        progress(f"{found.kills} kills, {found.acknowledged} acts acknowledged, {len(found.lost)} lost")
        if not found.lost:
            shutil.rmtree(workspace)
    return found


def _one_workspace(workspace: Path, kills: int, chance: random.Random, found: Kills) -> None:
    workspace.parent.mkdir(parents=True, exist_ok=True)
    acknowledged = workspace.with_suffix(".acknowledged")
    acknowledged.write_bytes(b"")
    last: dict[str, int] = {}
    strays = 0
    for _ in range(kills):
        lines = kill_one(workspace, chance)
        done = [line for line in lines if "done" in line]
        refused = [f"{line['refused']} was refused: {line['fr']}" for line in lines if "refused" in line]
        with acknowledged.open("a", encoding="utf-8") as out:
            out.writelines(map(as_line, done))
        found.kills += 1
        found.acknowledged += len(done)
        found.acts.update(line["done"] for line in done)
        found.fell_in[_in_flight(lines)] += 1
        seen = look(workspace, acknowledged)
        # A style image is the one thing that undoing takes off its table.
        counts = {"events": seen["size"], **{name: n for name, n in seen["counts"].items() if name != "styles"}}
        shrunk = [name for name, number in last.items() if counts[name] < number]
        found.lost += [*seen["problems"], *refused, *(f"fewer {name} than before" for name in shrunk)]
        found.recoveries.append(seen["seconds"])
        found.unfinished += bool(seen["unfinished"])
        found.strays += seen["strays"] > strays
        found.largest = max(found.largest, seen["size"])
        last, strays = counts, seen["strays"]
        if found.lost:
            return  # the workspace is left as it is, to be looked at


def kill_one(workspace: Path, chance: random.Random) -> list[dict[str, Any]]:
    """Let a child work for a moment, kill it, and return everything that it had told."""
    scratch = workspace.with_suffix(".scratch")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    process = start("tests.soak.child", str(workspace), str(scratch), str(chance.getrandbits(32)))
    assert process.stdout is not None
    head = ""
    if chance.random() < 0.1:
        time.sleep(chance.uniform(0.2, 0.7))  # somewhere while it starts or opens the workspace
    else:
        head = "".join(process.stdout.readline() for _ in range(1 + chance.randrange(LINES)))
        time.sleep(chance.uniform(0, LONGEST) * chance.random())
    process.send_signal(signal.SIGKILL)
    told = head + process.stdout.read()
    process.wait()
    assert process.returncode == -signal.SIGKILL, f"the child had ended by itself with {process.returncode}"
    return parsed(told)


def look(workspace: Path, acknowledged: Path) -> dict[str, Any]:
    """Open the workspace in a fresh process and check it; ``seconds``: from its start to the ledger's head."""
    began = time.monotonic()
    process = start("tests.soak.probe", str(workspace), str(acknowledged))
    told, _ = process.communicate(timeout=300)
    assert process.returncode == 0, f"the workspace could not be opened after a kill (exit {process.returncode})"
    opened, checked = parsed(told)
    return {**checked, "size": opened["size"], "seconds": opened["opened"] - began}


def start(module: str, *arguments: str, **environment_: str) -> subprocess.Popen[str]:
    """A Python process in the checkout, its standard output a pipe."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment_}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def parsed(told: str) -> list[dict[str, Any]]:
    """The lines that a child told."""
    return [json.loads(line) for line in told.splitlines()]


def as_line(value: dict[str, Any]) -> str:
    return json.dumps(value) + "\n"


def _in_flight(lines: list[dict[str, Any]]) -> str:
    """The act that was begun and not acknowledged; "between" when there was none."""
    if not lines:
        return "start"
    return str(lines[-1].get("begin", "between"))
