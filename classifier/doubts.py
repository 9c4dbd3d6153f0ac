"""Labels that a model which never saw them doubts: candidates for a second look by a person.

Confident learning (Northcutt, Jiang, Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset
Labels", JAIR 70, arXiv:1911.00068): a photo counts as of class j when its out-of-sample probability of j
reaches the mean that photos labelled j get; it is doubted when that class is not its label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Doubt:
    """index: the photo's place; label, suggested: class indices; own, other: their probabilities, held out."""

    index: int
    label: int
    suggested: int
    own: float
    other: float


def doubts(probabilities: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]]) -> tuple[Doubt, ...]:
    """Doubted photos, the clearest first (least own − other). probabilities: (n, classes), each from a model that was
    fitted without the photo and those that belong to it."""
    count = probabilities.shape[1]
    rows = np.arange(len(labels))
    usual = np.array([
        probabilities[labels == index, index].mean() if (labels == index).any() else np.inf for index in range(count)
    ])  # fmt: skip
    reached = np.where(probabilities >= usual, probabilities, -1.0)
    suggested = reached.argmax(axis=1)
    doubted = (reached[rows, suggested] >= 0) & (suggested != labels)
    found = [
        Doubt(int(row), int(labels[row]), int(suggested[row]),
              round(float(probabilities[row, labels[row]]), 4), round(float(probabilities[row, suggested[row]]), 4))
        for row in np.flatnonzero(doubted)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda doubt: doubt.own - doubt.other))
