"""The rate of conformity of a model on a labelled folder, by keras ``model.evaluate``."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.features import square
from classifier.folder import LabelledPhoto, Notice, read_folder
from classifier.scores import (
    ClassScore,
    ConfidenceBin,
    class_scores,
    confusion_matrix,
    expected_calibration_error,
    macro_f1,
    reliability,
)
from classifier.triage import BATCH, Triage
from core.errors import EngineFailed, FolderError, Language, PhotoError
from core.files import shown_name
from core.values import CLASSES, Label, Report, no_report


@dataclass(frozen=True, slots=True)
class Row:
    """One photo of the folder. path: relative to it. An unreadable photo has error, no verdict and no probabilities."""

    path: str
    expected: Label
    verdict: Label | None
    correct: bool
    probabilities: tuple[float, float, float] | None
    error: PhotoError | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a model does on a folder.

    accuracy: right / readable photos, equal to the confusion matrix's trace over its sum; accuracy_all:
    right / all photos, unreadable ones counting as wrong. macro_f1: mean over the classes that have
    readable photos. per_class and confusion: in the order of classes, over readable photos; rows of
    confusion = expected, columns = verdict. photos: all photos found; unreadable: how many of them.
    calibration: the bins of the calibration curve, over readable photos.
    """

    accuracy: float
    accuracy_all: float
    macro_f1: float
    per_class: dict[Label, ClassScore]
    confusion: tuple[tuple[int, int, int], ...]
    ece: float
    photos: int
    unreadable: int
    model: str
    backend: str
    seconds: float
    rows: tuple[Row, ...] = field(repr=False)
    notices: tuple[Notice, ...] = ()
    classes: tuple[Label, Label, Label] = CLASSES
    calibration: tuple[ConfidenceBin, ...] = ()

    def unsure(self, below: float) -> tuple[int, int]:
        """(photos whose confidence is below a threshold, how many of these are right).

        The rates count a photo by its first class, however unsure the model is of it.
        """
        doubtful = [row for row in self.rows if row.probabilities is not None and max(row.probabilities) < below]
        return len(doubtful), sum(row.correct for row in doubtful)

    def as_json(self, language: Language = "fr") -> dict[str, Any]:
        """What ``evaluate --json`` prints; warnings and unreadable_files are in the language asked for."""
        names = ("accuracy", "accuracy_all", "macro_f1", "ece", "photos", "unreadable", "model", "backend", "seconds")
        return {
            **{name: getattr(self, name) for name in names},
            "per_class": {
                label: {part: getattr(score, part) for part in ("precision", "recall", "f1", "support")}
                for label, score in self.per_class.items()
            },
            "confusion": [list(row) for row in self.confusion],
            "classes": list(self.classes),
            "warnings": [notice.message(language) for notice in self.notices],
            "unreadable_files": [
                {"path": shown_name(row.path), "error": row.error.message(language)}
                for row in self.rows
                if row.error is not None
            ],
        }


def evaluate(data: Path, model: str | Triage = "default", *, models_dir: Path | None = None,
             artifacts: Path | None = None, report: Report = no_report) -> Evaluation:  # fmt: skip
    """Judge every photo of data/{ok,retoucher,exclure} and compare.

    Raises FolderError, WeightsMissing, WeightsChanged, Cancelled (from report).
    """
    folder = read_folder(data)
    report(0.0, f"0/{len(folder.photos)}")
    triage = Triage.load(model, models_dir=models_dir, artifacts=artifacts) if isinstance(model, str) else model
    start = time.perf_counter()
    source = _Source(folder.photos, triage.side)
    accuracy, probabilities = _keras_evaluate(triage, source, report)
    seconds = time.perf_counter() - start
    if not len(probabilities):
        raise FolderError(
            folder=data,
            problem_fr="aucune de ses photos ne s'ouvre. Copiez-les de nouveau depuis leur source.",
            problem_en="none of its photos opens. Copy them again from their source.",
        )
    expected, verdict = np.array(source.expected), probabilities.argmax(axis=1)
    confusion = confusion_matrix(expected, verdict)
    right, readable = int(np.trace(confusion)), len(expected)
    if abs(accuracy - right / readable) > 1e-6:
        raise EngineFailed(
            task="evaluate", why=f"model.evaluate {accuracy} ≠ trace {right}/{readable}",
            why_fr="deux calculs du taux de réussite ne s'accordent pas",
            why_en="two ways to count the accuracy disagree",
        )  # fmt: skip
    return Evaluation(
        accuracy=right / readable,
        accuracy_all=right / len(folder.photos),
        macro_f1=macro_f1(confusion),
        per_class=dict(zip(CLASSES, class_scores(confusion), strict=True)),
        confusion=tuple((int(a), int(b), int(c)) for a, b, c in confusion),
        ece=expected_calibration_error(probabilities, expected),
        photos=len(folder.photos),
        unreadable=len(source.errors),
        model=triage.origin.model,
        backend=triage.origin.backend,
        seconds=seconds,
        rows=_rows(data, folder.photos, source.errors, probabilities),
        notices=folder.notices,
        calibration=reliability(probabilities, expected),
    )


class _Source:
    """Feeds decoded photos in order, once; remembers the expected classes and the photos that failed."""

    def __init__(self, photos: tuple[LabelledPhoto, ...], side: int) -> None:
        self.photos, self.side = photos, side
        self.expected: list[int] = []
        self.errors: dict[int, PhotoError] = {}

    def __call__(self) -> Iterator[tuple[NDArray[np.uint8], int]]:
        for index, photo in enumerate(self.photos):
            try:
                pixels = square(photo.path, self.side)
            except PhotoError as error:
                self.errors[index] = error
                continue
            self.expected.append(CLASSES.index(photo.label))
            yield pixels, self.expected[-1]


def _keras_evaluate(triage: Triage, source: _Source, report: Report) -> tuple[float, NDArray[np.float32]]:
    """model.evaluate in the folder's order: its accuracy, and the (n, 3) probabilities that it was counted on."""
    import keras
    import tensorflow as tf

    recorded: list[NDArray[np.float32]] = []

    class Recorder(keras.metrics.Metric):  # type: ignore[misc]
        """Keeps each batch's predictions, so that the matrix and the rate speak of the same numbers."""

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            tf.numpy_function(lambda batch: recorded.append(np.array(batch)), [y_pred], [])

        def result(self) -> float:
            return 0.0

    class Progress(keras.callbacks.Callback):  # type: ignore[misc]
        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            done = len(source.expected) + len(source.errors)
            report(min(1.0, done / len(source.photos)), f"{done}/{len(source.photos)}")

    shape = tf.TensorSpec((triage.side, triage.side, 3), tf.uint8), tf.TensorSpec((), tf.int64)
    data = tf.data.Dataset.from_generator(source, output_signature=shape).batch(BATCH).prefetch(2)
    model = keras.Model(triage.model.input, triage.model.output)
    model.compile(
        loss="sparse_categorical_crossentropy",
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy"), Recorder(name="recorder")],
        jit_compile=False,
    )
    with warnings.catch_warnings():  # how many photos are readable is known only at the end of the data
        warnings.filterwarnings("ignore", message="Your input ran out of data")
        scores = model.evaluate(data, verbose=0, return_dict=True, callbacks=[Progress()])
    kept = np.concatenate(recorded) if recorded else np.empty((0, len(CLASSES)), np.float32)
    return float(scores.get("accuracy", 0.0)), kept


def _rows(
    data: Path, photos: tuple[LabelledPhoto, ...], errors: dict[int, PhotoError], probabilities: NDArray[np.float32]
) -> tuple[Row, ...]:
    rows, judged = [], iter(probabilities)
    for index, photo in enumerate(photos):
        path = photo.path.relative_to(data).as_posix()
        if index in errors:
            rows.append(Row(path, photo.label, None, False, None, errors[index]))
            continue
        values = next(judged)
        verdict = CLASSES[int(values.argmax())]
        ok, retoucher, exclure = (float(value) for value in values)
        rows.append(Row(path, photo.label, verdict, verdict == photo.label, (ok, retoucher, exclure)))
    return tuple(rows)
