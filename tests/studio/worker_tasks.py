"""Simple tasks for the workers' tests; they run in processes of their own."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from core.errors import MaskError
from core.values import Report, no_report


def double(value: int, *, report: Report = no_report) -> int:
    return 2 * value


def whoami(*, report: Report = no_report) -> int:
    return os.getpid()


def environment(name: str, *, report: Report = no_report) -> str | None:
    return os.environ.get(name)


def count(steps: int, *, report: Report = no_report) -> int:
    for step in range(steps):
        report(step / steps, f"step {step}")
    return steps


def refuse(*, report: Report = no_report) -> None:
    raise MaskError(problem_fr="vide", problem_en="empty")


def stumble(*, report: Report = no_report) -> None:
    raise ZeroDivisionError("by nothing")


def unpicklable(*, report: Report = no_report) -> Any:
    return lambda: None


def die(*, report: Report = no_report) -> None:
    os._exit(3)


def deaf(path: str, *, report: Report = no_report) -> None:
    """Never reports: only its end can stop it."""
    with open(path, "w") as stream:  # noqa: PTH123
        stream.write("started")
    while True:
        time.sleep(0.01)


def attentive(path: str, *, report: Report = no_report) -> None:
    """Reports for ever, and writes down that it was stopped."""
    try:
        while True:
            report(0.5, "waiting")
            time.sleep(0.01)
    finally:
        with open(path, "w") as stream:  # noqa: PTH123
            stream.write("tidied up")


def modules(*, report: Report = no_report) -> list[str]:
    import sys

    return sorted(name for name in sys.modules if "." not in name)


def busy(path: str, *, report: Report = no_report) -> None:
    """Burns the processor for ever without a word, after it has written its process's number."""
    _write(path, str(os.getpid()))
    while True:
        pass


def grow(megabytes: int, *, report: Report = no_report) -> int:
    """Takes memory step by step and holds it for a moment; returns how much it took."""
    held = []
    for _ in range(megabytes // 10):
        held.append(bytearray(b"x" * 10_000_000))
        time.sleep(0.005)
    time.sleep(0.3)
    return 10 * len(held)


_KEPT: list[bytearray] = []


def keep(megabytes: int, *, report: Report = no_report) -> None:
    """Takes memory and keeps it after the task, as a loaded model does."""
    _KEPT.append(bytearray(b"x" * (megabytes * 1_000_000)))


def gate(started: str, opened: str, log: str, name: str, *, report: Report = no_report) -> str:
    """Writes ``name`` at the end of ``log``, then waits until the file ``opened`` is there."""
    with Path(log).open("a") as stream:
        stream.write(name + "\n")
    _write(started, str(os.getpid()))
    while not Path(opened).exists():
        time.sleep(0.005)
    return name


def hungry(*, report: Report = no_report) -> None:
    """What numpy and Python raise when the system gives no more memory."""
    raise MemoryError("no room")


def _write(path: str, text: str) -> None:
    """Appears whole: whoever waits for the file reads all of it."""
    part = Path(f"{path}.{os.getpid()}.part")
    part.write_text(text)
    part.replace(path)
