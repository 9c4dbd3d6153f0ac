"""About how long each thing will take on this computer, and how that is known.

First what this workspace did itself (its ended batches), else what was measured on a named reference
computer (``studio/machine/reference.json``, written by ``python -m benchmarks.steps``) scaled by one
core's speed (``studio.machine.yardstick``) and the number of cores. What was measured nowhere stays
without a figure.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from core.settings import Settings
from core.weights import states
from studio.machine import children
from studio.machine.system import processor_flags, usable_cores

Basis = Literal["history", "reference", "random_weights", "unmeasured"]
"""history: this workspace's own batches; reference: scaled from the reference computer; random_weights: the
same, with a model of the published size whose weights were random; unmeasured: nobody has measured it."""

KINDS = (
    "import_1000", "triage_1000", "words_embedded", "words_full", "remove_small", "remove_24mp", "replace_30",
    "style_preview", "style_24mp", "book_40", "export_gb",
)  # fmt: skip
"""What is estimated, in the order of the work; each has a text ``machine.kind.KIND``."""

NEEDS: Mapping[str, str] = {"words_full": "clipseg", "replace_30": "sd2-inpainting"}
"""Kinds that a published model does: without it they can't be done here."""

_RANDOM = ("words_full", "replace_30")
_DISK = ("export_gb",)
"""Decided by the disk rather than by the processor: told as measured, not scaled."""
_BATCHES = {"import_1000": "import", "triage_1000": "judge"}
_SINGLE = {"replace_30": "replace"}
"""Kinds that the workspace's own jobs tell: batches by their photos, single work as it is. (A removal's job
does not say how large its photo was, a style's not how many it made: those stay with the reference.)"""
PARALLEL, MOST_CORES = 0.5, 8
"""Assumed: half of the work is shared among the cores, up to eight; the other half runs on one. Not measured."""
LEAST_ITEMS, LEAST_SINGLE, LAST_JOBS = 20, 2, 9
"""A batch tells a speed from 20 photos on, single work when it was done twice; the newest nine count, by median."""
_REFERENCE = Path(__file__).parent / "machine" / "reference.json"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One line. seconds: None when not measured. loading: the first time, to load the engine.

    needs: id of the model that is missing here, "" when it can be done.
    """

    kind: str
    seconds: float | None
    loading: float
    basis: Basis
    needs: str = ""

    def as_json(self) -> dict[str, Any]:
        """For ``--json`` and the page."""
        return {
            "kind": self.kind, "seconds": None if self.seconds is None else round(self.seconds, 2),
            "loading": round(self.loading, 1), "basis": self.basis, "needs": self.needs,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reference:
    """The measured computer: what it is, how fast, and its figures by kind in seconds. notes: on single figures."""

    machine: Mapping[str, Any]
    units_per_second: float
    command: str
    date: str
    figures: Mapping[str, Mapping[str, float]]
    notes: Mapping[str, str] = field(default_factory=dict)


@cache
def reference() -> Reference:
    """The figures that travel with Paddock."""
    return Reference(**json.loads(_REFERENCE.read_text("utf-8")))


@cache
def speed() -> float | None:
    """This computer's yardstick in units a second, measured once a process (0.7 s); None when it can't be had."""
    answer = children.ask(children.SPEED, one_thread=True)
    return float(answer.value) if answer.value else None


def estimate(kind: str, settings: Settings, *, units_per_second: float | None = None) -> Estimate:
    """One kind's estimate. units_per_second: this computer's, None to measure it."""
    needed = NEEDS.get(kind, "")
    absent = needed and not any(s.facts.id == needed and s.presence == "present" for s in states(settings.models))
    return _estimate(kind, settings, units_per_second or speed(), needed if absent else "")


def estimates(settings: Settings, *, units_per_second: float | None = None) -> tuple[Estimate, ...]:
    """All kinds, in the order of the work."""
    units = units_per_second or speed()
    absent = {state.facts.id for state in states(settings.models) if state.presence != "present"}
    return tuple(_estimate(kind, settings, units, NEEDS[kind] if NEEDS.get(kind) in absent else "") for kind in KINDS)


def _estimate(kind: str, settings: Settings, units: float | None, needs: str) -> Estimate:
    own = _own_seconds(settings.workspace, kind)
    if own is not None:
        return Estimate(kind, own, 0.0, "history", needs)
    known = reference()
    name = kind
    if kind == "replace_30" and "avx512_bf16" not in processor_flags():
        name = "replace_30_float32"  # as editing.inpaint chooses
    figures = known.figures.get(name)
    if figures is None or units is None:
        return Estimate(kind, None, 0.0, "unmeasured", needs)
    slower = 1.0 if kind in _DISK else known.units_per_second / units * _sharing(int(known.machine["cores"]))
    basis: Basis = "random_weights" if kind in _RANDOM else "reference"
    return Estimate(kind, figures["seconds"] * slower, figures["loading"] * slower, basis, needs)


def _sharing(reference_cores: int, cores: int | None = None) -> float:
    """How much longer the work takes with this many cores than with the reference's."""
    here = min(MOST_CORES, cores or usable_cores())
    return (1 - PARALLEL) + PARALLEL * min(MOST_CORES, reference_cores) / here


def _own_seconds(workspace: Path, kind: str) -> float | None:
    """Median seconds of a kind in this workspace's ended jobs (of 1,000 items for batches); None without any.

    What a job ran is counted by the clock that never goes back; a batch's waiting in line is not in it.
    """
    asked = _BATCHES.get(kind) or _SINGLE.get(kind)
    rows = _ended(workspace, asked) if asked else []
    if kind in _BATCHES:
        spent = [1000 * seconds / items for seconds, items in rows if items >= LEAST_ITEMS]
    else:
        spent = [seconds for seconds, _ in rows]
    if len(spent) < (LEAST_SINGLE if kind in _SINGLE else 1):
        return None
    return statistics.median(spent[-LAST_JOBS:])


def _ended(workspace: Path, kind: str) -> list[tuple[float, int]]:
    """(seconds, photos done) of the jobs of a kind that came to their end, oldest first."""
    database = workspace.expanduser().absolute() / "paddock.db"
    if not database.is_file():
        return []
    try:
        connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=2)
        try:
            return connection.execute(
                "SELECT seconds, (SELECT COUNT(*) FROM items WHERE job = jobs.number AND items.state = 'done')"
                " FROM jobs WHERE kind = ? AND state = 'done' AND seconds > 0 ORDER BY number",
                (kind,),
            ).fetchall()
        finally:
            connection.close()
    except sqlite3.Error:
        return []  # a workspace of an older version, or a damaged one: it tells nothing here
