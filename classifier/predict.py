"""Verdicts of a folder as CSV: ``python -m classifier.predict --image-dir DIR --out FILE.csv``."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.evaluation import Evaluation
from classifier.folder import photos_under
from classifier.triage import Triage
from core.errors import FolderError, Language, PaddockError, PhotoError
from core.files import write_bytes
from core.values import CLASSES, Report, Verdict, no_report

PROBABILITIES = tuple(f"p_{label}" for label in CLASSES)


@dataclass(frozen=True, slots=True)
class Prediction:
    """path: relative to the folder; outcome: the verdict, or why the photo can't be read."""

    path: str
    outcome: Verdict | PhotoError


def predict(
    folder: Path,
    model: str = "default",
    *,
    models_dir: Path | None = None,
    artifacts: Path | None = None,
    report: Report = no_report,
) -> tuple[Prediction, ...]:
    """Judge every photo under a folder, at any depth. Raises FolderError, WeightsMissing, WeightsChanged."""
    if not folder.is_dir():
        raise FolderError(
            folder=folder,
            problem_fr="il n'existe pas, ou ce n'est pas un dossier. Vérifiez le chemin.",
            problem_en="it does not exist, or is not a folder. Check the path.",
        )
    photos = tuple(photos_under(folder))
    if not photos:
        raise FolderError(
            folder=folder,
            problem_fr="aucune photo (JPEG, PNG, WebP, TIFF ou HEIC). Vérifiez le chemin.",
            problem_en="no photo (JPEG, PNG, WebP, TIFF or HEIC). Check the path.",
        )
    triage = Triage.load(model, models_dir=models_dir, artifacts=artifacts)
    names = [path.relative_to(folder).as_posix() for path in photos]
    return tuple(Prediction(names[index], outcome) for index, outcome in triage.judge(photos, names, report))


def write_predictions(path: Path, predictions: Sequence[Prediction], language: Language = "fr") -> Path:
    """CSV (UTF-8): path, verdict, p_ok, p_retoucher, p_exclure, error; unreadable photos have only the last."""
    rows: list[list[object]] = []
    for item in predictions:
        if isinstance(item.outcome, PhotoError):
            rows.append([item.path, "", "", "", "", item.outcome.message(language)])
        else:
            rows.append([item.path, item.outcome.label, *_rounded(item.outcome.probabilities), ""])
    return _write(path, ("path", "verdict", *PROBABILITIES, "error"), rows)


def write_evaluation(path: Path, evaluation: Evaluation, language: Language = "fr") -> Path:
    """CSV (UTF-8): path, expected, verdict, correct (1 or 0), p_ok, p_retoucher, p_exclure, error."""
    rows = [
        [
            row.path, row.expected, row.verdict or "", int(row.correct),
            *(_rounded(row.probabilities) if row.probabilities else ("", "", "")),
            row.error.message(language) if row.error else "",
        ]
        for row in evaluation.rows
    ]  # fmt: skip
    return _write(path, ("path", "expected", "verdict", "correct", *PROBABILITIES, "error"), rows)


def _rounded(probabilities: tuple[float, float, float]) -> list[str]:
    return [f"{value:.6f}" for value in probabilities]


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return write_bytes(path, buffer.getvalue().encode("utf-8", "backslashreplace"))


def _harmless(cell: object) -> object:
    """A file name that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; 0, or 2 when something is missing."""
    parser = argparse.ArgumentParser(prog="python -m classifier.predict", description=__doc__)
    parser.add_argument("--image-dir", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", default="default")
    parser.add_argument("--models-dir", type=Path)
    given = parser.parse_args(arguments)
    try:
        done = predict(given.image_dir, given.model, models_dir=given.models_dir)
        write_predictions(given.out, done, "en")
    except (PaddockError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
