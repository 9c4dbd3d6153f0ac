"""An evaluation as a folder that a person opens: report.html with the mistakes and their heat maps, two pictures of
the figures, the numbers as JSON and one line a photo as CSV. Nothing in it points outside the folder."""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.evaluation import Evaluation, Row
from classifier.features import square
from classifier.gradcam import GradCam, on_one_scale
from classifier.plots import calibration_png, confusion_png
from classifier.predict import write_evaluation
from classifier.report_page import Made, Mistake, page
from classifier.triage import Triage
from core.errors import FolderError, Language, PhotoError
from core.files import write_bytes
from core.images import read_picture, write_picture
from core.values import Label, Pixels, Report, no_report

LIMIT = 200
"""Mistakes shown with pictures: more make a page that a browser scrolls badly. The CSV has them all."""
SIDE = 480
"""Longer side of the report's pictures, in pixels."""
BATCH = 8
FAINT = 0.12
"""Heat under this share of the strongest is nothing that an eye could see."""
OURS = ("report.html", "confusion.png", "calibration.png", "evaluation.json", "report.csv", "photos")
_PICTURE = re.compile(r"mistake-\d{4}(-verdict|-expected)?\.jpg")
_STRAY = (".DS_Store", "Thumbs.db", "desktop.ini")


def check_folder(folder: Path, data: Path) -> None:
    """Before the work: raises FolderError unless the report's folder is new, empty, or holds an earlier report.

    Nothing that is not a report's may be written over, and the labelled photos get no pictures among them.
    """
    here, photos = folder.resolve(), data.resolve()
    if here == photos or photos in here.parents:
        raise FolderError(
            folder=folder,
            problem_fr="il est dans le dossier des photos évaluées, dont rien ne doit changer. Choisissez-en un autre.",
            problem_en="it is in the folder of the photos evaluated, where nothing may change. Choose another one.",
        )
    if not folder.exists():
        return
    inside = [path.name for path in folder.iterdir()] if folder.is_dir() else [folder.name]
    pictures = [path.name for path in (folder / "photos").iterdir()] if (folder / "photos").is_dir() else []
    others = [name for name in inside if name not in (*OURS, *_STRAY)]
    others += [name for name in pictures if not _PICTURE.fullmatch(name) and name not in _STRAY]
    if others or not folder.is_dir():
        raise FolderError(
            folder=folder,
            problem_fr=f"il contient déjà autre chose qu'un rapport (« {others[0] if others else folder.name} »). "
            "Choisissez un dossier neuf ou vide.",
            problem_en=f"it already holds something else than a report (“{others[0] if others else folder.name}”). "
            "Choose a new or empty folder.",
        )


def write_report(folder: Path, done: Evaluation, triage: Triage, data: Path, *, words: Mapping[str, str],
                 language: Language, command: Sequence[str], unsure_below: float, limit: int = LIMIT,
                 report: Report = no_report) -> Path:  # fmt: skip
    """Write everything and answer the page's path; the page is written last, when all that it shows is there.

    data: the folder that was evaluated; words: the texts ``report.*`` by their short names; unsure_below: the
    confidence under which the desk asks a human. Raises FolderError (check_folder), Cancelled (from report), OSError.
    """
    check_folder(folder, data)
    made = _made(command, triage)
    (folder / "report.html").unlink(missing_ok=True)
    mistakes = _mistakes(folder / "photos", done, triage, data, limit, report)
    matrix = {name: words[name] for name in ("expected", "verdict", "percent")}
    matrix |= {"title": words["confusion"], "note": words["confusion_note"]}
    write_bytes(folder / "confusion.png", confusion_png(done.confusion, done.classes, matrix))
    curve = {name: words[name] for name in ("confidence", "accuracy", "photos", "above", "below", "percent")}
    ece = f"{done.ece:.3f}"
    curve |= {"title": words["calibration"],
              "note": words["ece"].format(ece=ece.replace(".", ",") if language == "fr" else ece)}  # fmt: skip
    write_bytes(folder / "calibration.png", calibration_png(done.calibration, curve))
    write_evaluation(folder / "report.csv", done, language)
    numbers = _numbers(done, triage, made, unsure_below, language)
    write_bytes(folder / "evaluation.json", json.dumps(numbers, ensure_ascii=False, indent=1).encode() + b"\n")
    wrong = sum(not row.correct and row.error is None for row in done.rows)
    text = page(done, mistakes, wrong=wrong, made=made, card=triage.card, sha256=triage.origin.sha256,
                unsure_below=unsure_below, words=words, language=language)  # fmt: skip
    report(1.0, "")
    return write_bytes(folder / "report.html", text.encode("utf-8"))


def _made(command: Sequence[str], triage: Triage) -> Made:
    """Now, on this machine, by these words of a command line."""
    import tensorflow as tf

    graphics = len(tf.config.list_physical_devices("GPU"))
    machine = f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count() or 1} CPU"
    machine += f", {graphics} GPU" if graphics else ""
    libraries = {"python": platform.python_version(), **triage.origin.libraries}
    return Made(datetime.now().astimezone().isoformat(timespec="seconds"), machine, shlex.join(command), libraries)


def _numbers(done: Evaluation, triage: Triage, made: Made, unsure_below: float, language: Language) -> dict[str, Any]:
    count, right = done.unsure(unsure_below)
    return {
        **done.as_json(language),
        "calibration": [asdict(one) for one in done.calibration],
        "unsure": {"below": unsure_below, "photos": count, "right": right},
        "made": {
            "date": made.date,
            "machine": made.machine,
            "command": made.command,
            "libraries": dict(made.libraries),
        },
        "sha256": triage.origin.sha256,
        "card": dict(triage.card),
    }


def _mistakes(
    folder: Path, done: Evaluation, triage: Triage, data: Path, limit: int, report: Report
) -> tuple[Mistake, ...]:
    """The surest mistakes first, with their pictures written; pictures of an earlier report go."""
    for old in folder.glob("mistake-*.jpg"):
        old.unlink()
    rows = [row for row in done.rows if not row.correct and row.error is None]
    rows = sorted(rows, key=lambda row: -max(row.probabilities or (0.0,)))[:limit]
    cam = GradCam(triage.model) if rows else None
    found: list[Mistake] = []
    for start in range(0, len(rows), BATCH):
        report(start / len(rows), f"{start}/{len(rows)}")
        batch = [_opened(data / row.path, triage.side) for row in rows[start : start + BATCH]]
        squares = [item[0] for item in batch if not isinstance(item, PhotoError)]
        pairs = [
            [done.classes.index(_verdict(row)), done.classes.index(row.expected)]
            for row, item in zip(rows[start : start + BATCH], batch, strict=True)
            if not isinstance(item, PhotoError)
        ]
        grids = iter(cam.grids(np.stack(squares), pairs) if cam is not None and squares else ())
        for row, item in zip(rows[start : start + BATCH], batch, strict=True):
            if isinstance(item, PhotoError):
                found.append(Mistake(row, (), (False, False), error=item))
                continue
            found.append(_drawn(folder, len(found) + 1, row, item[1], next(grids)))
    return tuple(found)


def _verdict(row: Row) -> Label:
    if row.verdict is None:
        raise ValueError(f"{row.path} has no verdict")
    return row.verdict


def _opened(path: Path, side: int) -> tuple[Pixels, Any] | PhotoError:
    """The network's input, exactly as it was evaluated, and the picture to show; or why it opens no more."""
    try:
        return square(path, side), read_picture(path, max_side=SIDE)
    except PhotoError as error:
        return error


def _drawn(folder: Path, number: int, row: Row, picture: Any, grids: NDArray[np.float32]) -> Mistake:
    height, width = picture.pixels.shape[:2]
    heats = on_one_scale(list(grids), (width, height))
    names = [f"mistake-{number:04d}{part}.jpg" for part in ("", "-verdict", "-expected")]
    for name, pixels in zip(names, [picture.pixels, *(overlaid(picture.pixels, heat) for heat in heats)], strict=True):
        write_picture(folder / name, pixels, icc=picture.icc, credits=picture.credits, quality=82)
    seen = (float(heats[0].max()) >= FAINT, float(heats[1].max()) >= FAINT)
    return Mistake(row, tuple(f"photos/{name}" for name in names), seen, picture.credits.line)


def overlaid(pixels: Pixels, heat: NDArray[np.float32]) -> Pixels:
    """A photo gone nearly grey with the heat in orange to red on it; both (h, w), heat 0..1."""
    grey = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    base = 0.25 * pixels + 0.75 * grey[..., None]
    colour = np.stack([255 - 25 * heat, 170 * (1 - heat), 20 * heat], axis=-1)
    alpha = 0.72 * heat[..., None]
    mixed: Pixels = np.clip(base * (1 - alpha) + colour * alpha, 0, 255).astype(np.uint8)
    return mixed
