"""Triage tasks of the Keras worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import PhotoError
from core.values import Report, Verdict, no_report

_loaded: dict[tuple[str, str | None], Any] = {}
"""Models kept warm in this worker, by (model, models folder)."""


def judge(
    paths: list[str], names: list[str], *, model: str, models_dir: str | None, report: Report = no_report
) -> list[Verdict | PhotoError]:
    """One verdict or error per photo, in order. An empty list of paths loads the model and nothing more."""
    triage = _triage(model, models_dir)
    answers = triage.judge([Path(path) for path in paths], names=names, report=report)
    results: dict[int, Verdict | PhotoError] = dict(answers)
    return [results[number] for number in range(len(paths))]


def evaluate(data: str, *, model: str, models_dir: str | None, report: Report = no_report) -> Any:
    """A classifier.evaluation.Evaluation of a labelled folder."""
    from classifier.evaluation import evaluate as run

    return run(Path(data), _triage(model, models_dir), report=report)


def _triage(model: str, models_dir: str | None) -> Any:
    key = (model, models_dir)
    if key not in _loaded:
        from classifier.triage import Triage

        _loaded[key] = Triage.load(model, models_dir=Path(models_dir) if models_dir else None)
    return _loaded[key]
