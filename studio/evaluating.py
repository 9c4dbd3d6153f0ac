"""Evaluate a classifier on a folder with one sub-folder per verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.values import Report, no_report
from studio.desk import Desk


def evaluate(desk: Desk, data: Path, *, model: str = "default", report: Report = no_report) -> Any:
    """A classifier.evaluation.Evaluation: rate of conformity, confusion matrix, rows per photo.

    Raises FolderError when none of the sub-folders is there, WeightsMissing when the model is not.
    """
    engines = desk.engines.background()
    try:
        return engines.call(
            "study", "studio.tasks.triage:evaluate", str(data), model=model, models_dir=desk.models_dir, report=report
        )
    finally:
        engines.release("study")  # a second classifier in memory, for this only
