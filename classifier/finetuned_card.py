"""The card of a fine-tuned model: from what, on what, how long, and how good on photos held out."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.checkpoint import State
from classifier.config import Config
from classifier.finetuned import FORMAT
from classifier.scores import class_scores, expected_calibration_error, macro_f1
from classifier.splits import Sides
from classifier.starting_point import Start

LIBRARIES = ("keras", "tensorflow", "numpy", "pillow")


def card_of(
    name: str, config: Config, start: Start, classes: tuple[str, ...], side: int, temperature: float, state: State, *,
    labels: NDArray[np.int64], sides: Sides, groups: int, unreadable: int, scores: dict[str, Any],
    gpu: int | None,
) -> dict[str, Any]:  # fmt: skip
    """JSON-serialisable. labels: (n,) of all readable photos; scores: of those held out."""

    def counts(chosen: NDArray[np.bool_]) -> dict[str, int]:
        return {label: int((labels[chosen] == index).sum()) for index, label in enumerate(classes)}

    return {
        "format": FORMAT, "name": name, "revision": "1", "backbone": config.backbone, "weights": start.as_json(),
        "side": side, "classes": list(classes), "hidden": config.head.hidden, "temperature": temperature,
        "seed": config.seed, "photos": len(labels), "groups": groups, "unreadable": unreadable,
        "trained_on": counts(sides.learned), "held_out": counts(sides.held_out), "left_out": sides.left_out,
        "training": {
            "seconds": round(state.seconds, 1), "epochs": len(state.history), "best_epoch": state.best_epoch,
            "gpu": gpu,
        },
        "scores": {"held_out": scores}, "config": _without_places(config.as_json()),
        "libraries": {library: version(library) for library in LIBRARIES},
    }  # fmt: skip


def _without_places(values: dict[str, Any]) -> dict[str, Any]:
    """Files by their name only: a card travels, and where a person keeps things is theirs."""
    names = {part: {**values[part]} for part in ("split", "logging")}
    names["split"]["folds"] = Path(values["split"]["folds"]).name
    names["logging"]["tensorboard"] = Path(values["logging"]["tensorboard"]).name
    return {**values, **names, "weights": Path(values["weights"]).name}


def scores_of(logits: NDArray[np.float64], labels: NDArray[np.int64], classes: tuple[str, ...]) -> dict[str, Any]:
    """accuracy, macro_f1, loss, ece, per_class_f1, confusion (rows expected, columns said) on held-out photos.

    ece: each half of the photos calibrated by the other half's temperature, so that it is not fitted on itself.
    """
    from classifier.fit import calibrated, temperature_of

    confusion = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(confusion, (labels, logits.argmax(axis=1)), 1)
    plain = calibrated(logits, 1.0)
    probabilities = np.array(plain)
    halves = np.arange(len(labels)) % 2 == 0
    if 0 < halves.sum() < len(halves):
        for half in (halves, ~halves):
            probabilities[half] = calibrated(logits[half], temperature_of(logits[~half], labels[~half]))
    return {
        "accuracy": round(float(np.trace(confusion) / confusion.sum()), 4),
        "macro_f1": round(macro_f1(confusion), 4),
        "loss": float(-np.log(np.maximum(plain[np.arange(len(labels)), labels], 1e-12)).mean()),
        "ece": round(expected_calibration_error(probabilities, labels), 4),
        "per_class_f1": {
            label: round(score.f1, 4) for label, score in zip(classes, class_scores(confusion), strict=True)
        },
        "confusion": confusion.tolist(),
    }  # fmt: skip
