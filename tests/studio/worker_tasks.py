"""Simple tasks for the workers' tests; they run in processes of their own."""

from __future__ import annotations

import os
import time
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
