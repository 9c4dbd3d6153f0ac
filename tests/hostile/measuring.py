"""What importing one file through the command line takes: processor time and peak memory of all its processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.page.served import ROOT

LONGEST = 120.0
"""Seconds after which an import is taken to hang and is ended."""
EVERY = 0.02


@dataclass(frozen=True, slots=True)
class Measured:
    """seconds: of the processor, all processes together. megabytes: peak of the largest process. ended: exit code
    (None: it hung). told: what it printed."""

    seconds: float
    megabytes: float
    ended: int | None
    told: str

    @property
    def crashed(self) -> bool:
        """True when it hung, died, or showed a traceback."""
        return self.ended not in (0, 1, 2) or "Traceback" in self.told


def measure(path: Path) -> Measured:
    """``paddock import`` of one file into a workspace of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder, tempfile.TemporaryFile() as told:
        command = [sys.executable, "-m", "app", "import", str(path), "--workspace", f"{folder}/desk", "--lang", "fr"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=told, stderr=subprocess.STDOUT
        )
        seconds: dict[int, float] = {}
        peak, until = 0.0, time.monotonic() + LONGEST
        while process.poll() is None and time.monotonic() < until:
            for pid, used, megabytes in _looked_at(process.pid):
                seconds[pid], peak = max(seconds.get(pid, 0.0), used), max(peak, megabytes)
            time.sleep(EVERY)
        ended = process.poll()
        if ended is None:
            for child in [*psutil.Process(process.pid).children(recursive=True), process]:
                child.kill()
            process.wait()
        told.seek(0)
        return Measured(sum(seconds.values()), peak, ended, told.read().decode("utf-8", "replace"))


def _looked_at(pid: int) -> list[tuple[int, float, float]]:
    """(process, seconds of the processor, peak MB) of a process and those below it, as far as they are still there."""
    found = []
    try:
        main = psutil.Process(pid)
        for process in [main, *main.children(recursive=True)]:
            times = process.cpu_times()
            found.append((process.pid, times.user + times.system, _peak(process)))
    except psutil.Error:
        return found
    return found


def _peak(process: psutil.Process) -> float:
    """Peak of its resident memory in MB; where the system does not tell the peak, what it has now."""
    try:
        told = Path(f"/proc/{process.pid}/status").read_text("ascii", "replace")
        return int(told.split("VmHWM:")[1].split()[0]) / 1000
    except (OSError, IndexError):
        return float(process.memory_info().rss) / 1e6
