"""« Vérifier en profondeur »: every engine that travels with Paddock really loads and answers once.

Each step runs in a process of its own, one after another, so that a crash in a native library is an
answer like another and memory comes back at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.values import Report, no_report
from studio.machine.children import ask

STEPS = ("triage", "text", "fill", "palette", "book", "torch", "diffusers")
"""In the order of the work; the functions are in studio.tasks.check."""

LIMIT_SECONDS = 180.0
"""For one step: loading TensorFlow from a slow disk takes a minute on an old laptop."""

_CODE = "import json, sys\nfrom studio.tasks.check import run\nprint(json.dumps(run(sys.argv[1])))"


@dataclass(frozen=True, slots=True)
class Check:
    """One step's result. loading, seconds: to load, and of one small call; why: what went wrong, "" when nothing."""

    step: str
    works: bool
    loading: float = 0.0
    seconds: float = 0.0
    why: str = ""
    found: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For ``--json`` and the page."""
        return {
            "step": self.step, "works": self.works, "loading": round(self.loading, 2),
            "seconds": round(self.seconds, 2), "why": self.why, **self.found,
        }  # fmt: skip


def check(report: Report = no_report) -> tuple[Check, ...]:
    """Run every step; a step that fails is told and the next one runs. ``report`` may raise Cancelled."""
    done: list[Check] = []
    for number, step in enumerate(STEPS):
        fraction = number / len(STEPS)
        report(fraction, f"check.{step}")
        done.append(run(step, lambda _, __, at=fraction, of=step: report(at, f"check.{of}")))  # type: ignore[misc]
    report(1.0, "")
    return tuple(done)


def run(step: str, report: Report = no_report) -> Check:
    """One step in its own process."""
    answer = ask(_CODE, step, seconds=LIMIT_SECONDS, report=report)
    if answer.value is None:
        return Check(step, False, seconds=answer.seconds, why=answer.why)
    told = dict(answer.value)
    return Check(step, True, told.pop("loading"), told.pop("seconds"), found=told)
