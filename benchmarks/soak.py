"""``make soak``: kills, a full disk, hostile files and mutated pictures; nothing that was acknowledged may be lost.

python -m benchmarks.soak [--kills 400] [--pictures 60000] [--seed 1]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.machine import keep
from tests.hostile import hostile_files, write
from tests.hostile.measuring import Measured, measure
from tests.made import saved, scene
from tests.soak import full_disk, fuzz, kills

LIMITS = [
    "SIGKILL ends the process, not the machine: a power cut, which also takes what the kernel had not written yet, is "
    "not tested. Files and records are forced out (fsync, synchronous=FULL) before they are acknowledged.",
    "The engines are stand-ins that answer at once; studio's use cases, the store and the ledger are the real ones.",
    "The full disk is a tmpfs: other file systems may refuse at other moments.",
    "Memory is the peak of the largest process, looked at every 20 ms, less that of a small good photo.",
]
RECOVERY_SECONDS = 3.0
"""From a process's start to the ledger's head, after any kill."""
SECONDS, MEGABYTES = 5.0, 1100.0
"""Limits for one hostile file; a reader is ended at 1,024 MB more than it had, and may overshoot between two looks."""


def main() -> None:
    """Measure, print and keep; exit code 1 when anything was lost, broke or took too long."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=400)
    parser.add_argument("--pictures", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        parts: dict[str, Callable[[], dict[str, Any]]] = {
            "kills": lambda: kills.run(Path(folder) / "kills", asked.kills, asked.seed, tell).figures(),
            "full_disk": lambda: filled(Path(folder), asked.seed),
            "hostile": lambda: hostile(Path(folder) / "hostile"),
            "fuzz": lambda: fuzz.run(asked.seed * 10_000_000, asked.pictures).figures(),
        }
        figures = {name: timed(name, part) for name, part in parts.items()}
    bad = {name: part[key] for name, part in figures.items() for key in ("lost", "failures") if part.get(key)}
    slowest = figures["kills"]["slowest_recovery_s"]
    if slowest > RECOVERY_SECONDS:
        bad["slowest_recovery_s"] = slowest
    path = keep("soak", {"seed": asked.seed, **figures, "limits": LIMITS})
    print(f"{path}: {bad or 'nothing lost, nothing broken'}")
    sys.exit(bool(bad))


def tell(line: str) -> None:
    print(line, flush=True)


def timed(name: str, part: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """A part's figures with the seconds that it took."""
    print(f"{name} …", flush=True)
    began = time.monotonic()
    figures = part()
    print(figures, flush=True)
    return {**figures, "took_s": round(time.monotonic() - began)}


def filled(folder: Path, seed: int) -> dict[str, Any]:
    """The full disk's figures, or why there is none here."""
    scratch = folder / "scratch"
    scratch.mkdir()
    try:
        with full_disk.small_disk(folder / "disk") as disk:
            return full_disk.run(disk, scratch, seed, rounds=8)
    except full_disk.NoSmallDisk as reason:
        return {"left_out": str(reason)}


def hostile(folder: Path) -> dict[str, Any]:
    """Every hostile file alone through ``paddock import``: how many, the slowest and the largest, and what broke."""
    folder.mkdir()
    made = {name: path for name, path in write(folder, hostile_files()).items() if not path.is_dir()}
    plain = measure(saved(folder / "témoin.jpg", scene(90, 60)))
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(made, pool.map(measure, made.values()), strict=True))
    seconds = {name: round(one.seconds - plain.seconds, 2) for name, one in found.items()}
    megabytes = {name: round(max(0.0, one.megabytes - plain.megabytes), 1) for name, one in found.items()}
    failures = {name: why for name, one in found.items() if (why := _failure(one, seconds[name], megabytes[name]))}
    return {
        "files": len(found), "failures": len(failures), "failures_by_name": failures,
        "slowest_cpu_s": _largest(seconds), "largest_growth_mb": _largest(megabytes),
    }  # fmt: skip


def _failure(one: Measured, seconds: float, megabytes: float) -> str:
    if one.crashed:
        return f"exit {one.ended}: {one.told[-300:]}"
    if seconds > SECONDS * 1.2:  # looked at every few milliseconds, and the worker that is ended has to die
        return f"{seconds} s of the processor"
    return f"{megabytes} MB" if megabytes > MEGABYTES else ""


def _largest(figures: dict[str, float]) -> dict[str, float]:
    """The five largest, by name."""
    return {ascii(name)[1:-1][:60]: figures[name] for name in sorted(figures, key=lambda name: -figures[name])[:5]}


if __name__ == "__main__":
    main()
