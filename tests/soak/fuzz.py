"""Open thousands of mutated pictures as the desk does, in processes of their own, and keep what went wrong.

A picture may open or be refused with a PhotoError. Anything else is a failure: another exception, or a process that
dies. One that takes five seconds or a gigabyte is opened once more by the desk's own reader, which must end it in
words. A failure is kept by its number, which makes its file again.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import PaddockError, PhotoError
from core.images import read_picture
from core.settings import Settings
from studio import reading
from studio.desk import Desk
from studio.engines import WorkerEngines
from studio.workspace import Workspace
from tests.page.served import ROOT
from tests.soak.mutations import mutated

SECONDS, MEGABYTES = 5.0, 1000.0
PATIENCE = 60.0
"""Seconds without a word after which a process is taken to hang."""


@dataclass
class Fuzzed:
    """outcomes: how many pictures opened, and how many were refused by each error. failures: by number, and why.
    heavy: by number, what the desk's reader said of those that passed a limit."""

    pictures: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: dict[int, str] = field(default_factory=dict)
    heavy: dict[int, str] = field(default_factory=dict)
    slowest: tuple[float, int] = (0.0, -1)
    largest: tuple[float, int] = (0.0, -1)

    def figures(self) -> dict[str, Any]:
        """As they are kept in a result's JSON."""
        return {
            "pictures": self.pictures, "outcomes": dict(sorted(self.outcomes.items())), "failures": len(self.failures),
            "failures_by_number": {str(number): why for number, why in sorted(self.failures.items())[:50]},
            "passed_a_limit": len(self.heavy), "what_the_desk_said": {str(n): why for n, why in self.heavy.items()},
            "slowest_cpu_s": round(self.slowest[0], 3), "slowest_number": self.slowest[1],
            "largest_growth_mb": round(self.largest[0], 1), "largest_number": self.largest[1],
        }  # fmt: skip


def open_one(number: int, folder: Path) -> str:
    """ "opened", the name of a PhotoError, or "!" and what else came out of it."""
    data, suffix = mutated(number)
    path = folder / f"{number}{suffix}"
    path.write_bytes(data)
    try:
        picture = read_picture(path, max_side=360 if number % 2 else None)
    except PhotoError as error:
        return type(error).__name__
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what this run looks for
        return f"!{type(error).__name__}: {error}"[:300]
    finally:
        path.unlink()
    if picture.pixels.ndim != 3 or picture.pixels.shape[2] != 3 or str(picture.pixels.dtype) != "uint8":
        return f"!shape {picture.pixels.shape} {picture.pixels.dtype}"
    return "opened"


def run(first: int, count: int, *, processes: int = 2) -> Fuzzed:
    """Open pictures ``first`` to ``first + count - 1``, shared among some processes."""
    found, lock = Fuzzed(), threading.Lock()
    parts = [range(first + part, first + count, processes) for part in range(processes)]
    threads = [threading.Thread(target=_follow, args=(part, found, lock)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if found.heavy:
        _ask_the_desk(found)
    return found


def _ask_the_desk(found: Fuzzed) -> None:
    """Open the pictures that passed a limit in the desk's own worker, under its limits."""
    engines = WorkerEngines()
    try:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            workspace = Workspace.open(Path(folder) / "desk")
            desk = Desk(workspace, engines, Settings(workspace=workspace.folder), "Camille")
            for number, passed in found.heavy.items():
                data, suffix = mutated(number)
                path = Path(folder) / f"{number}{suffix}"
                path.write_bytes(data)
                try:
                    reading.examine(desk, path, path.name)
                    found.heavy[number] = f"{passed}: opened, reduced"
                except PhotoError as error:
                    found.heavy[number] = f"{passed}: {type(error).__name__}"
                except PaddockError as error:
                    found.failures[number] = f"{passed}: {error}"
            workspace.close()
    finally:
        engines.close()


def _follow(numbers: range, found: Fuzzed, lock: threading.Lock) -> None:
    """Let processes open these pictures; one that dies or hangs is replaced and goes on after the picture it was at."""
    while numbers:
        at = numbers[0]
        for line in _told(numbers):
            at = line["number"] + numbers.step
            with lock:
                _count(line, found)
        if at >= numbers.stop:
            return
        with lock:
            found.pictures += 1
            found.failures[at] = "the process died or hung"
        numbers = range(at + numbers.step, numbers.stop, numbers.step)


def _told(numbers: range) -> Iterator[dict[str, Any]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.soak.fuzz", str(numbers.start), str(numbers.stop), str(numbers.step)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    watch = threading.Timer(PATIENCE, process.kill)
    try:
        watch.start()
        for line in process.stdout:
            watch.cancel()
            yield json.loads(line)
            watch = threading.Timer(PATIENCE, process.kill)
            watch.start()
    finally:
        watch.cancel()
        process.kill()
        process.wait()


def _count(line: dict[str, Any], found: Fuzzed) -> None:
    number, outcome = line["number"], line["outcome"]
    found.pictures += 1
    if outcome.startswith("!"):
        found.failures[number] = outcome[1:]
    elif line["cpu"] > SECONDS:
        found.heavy[number] = f"{line['cpu']:.1f} s"
    elif line["grown"] > MEGABYTES:
        found.heavy[number] = f"{line['grown']:.0f} MB"
    else:
        found.outcomes[outcome] += 1
    found.slowest = max(found.slowest, (line["cpu"], number))
    found.largest = max(found.largest, (line["grown"], number))


def main() -> None:
    """The process: one line of JSON a picture, with its processor time and how far the peak of memory grew."""
    first, stop, step = map(int, sys.argv[1:4])
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        open_one(-1 & 0xFFFF, Path(folder))  # imports and the good pictures count on no mutated one
        for number in range(first, stop, step):
            _forget_peak()
            before, began = _peak(), time.process_time()
            outcome = open_one(number, Path(folder))
            cpu = time.process_time() - began
            line = {"number": number, "outcome": outcome, "cpu": cpu, "grown": max(0.0, _peak() - before)}
            print(json.dumps(line), flush=True)


def _forget_peak() -> None:
    """Have the system count the peak anew (Linux); elsewhere it only ever rises."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    """Peak of this process's resident memory in MB; 0 where the system does not tell it.

    From /proc on Linux, since getrusage there counts the parent's memory in.
    """
    try:
        told = Path("/proc/self/status").read_text("ascii")
        return int(told.split("VmHWM:")[1].split()[0]) / 1000
    except (OSError, IndexError):
        return _peak_of_posix()


def _peak_of_posix() -> float:
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1000)


if __name__ == "__main__":
    main()
