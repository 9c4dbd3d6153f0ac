"""Numbers that say how good a classifier is, from its confusion matrix and probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.values import CLASSES

BINS = 15


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Of one class: precision, recall, f1 in 0..1 (0 when undefined) and support, the photos expected in it."""

    precision: float
    recall: float
    f1: float
    support: int


def confusion_matrix(expected: NDArray[np.integer], verdict: NDArray[np.integer]) -> NDArray[np.int64]:
    """(3, 3) counts: rows = expected, columns = verdict, both in the order of CLASSES."""
    matrix = np.zeros((len(CLASSES), len(CLASSES)), dtype=np.int64)
    np.add.at(matrix, (expected, verdict), 1)
    return matrix


def class_scores(confusion: NDArray[np.int64]) -> tuple[ClassScore, ...]:
    """One score per class, in the order of CLASSES."""
    scores = []
    for index in range(len(confusion)):
        hit, said, support = confusion[index, index], confusion[:, index].sum(), confusion[index].sum()
        scores.append(
            ClassScore(
                precision=float(hit / said) if said else 0.0,
                recall=float(hit / support) if support else 0.0,
                f1=float(2 * hit / (said + support)) if said + support else 0.0,
                support=int(support),
            )
        )
    return tuple(scores)


def macro_f1(confusion: NDArray[np.int64]) -> float:
    """Mean F1 of the classes that have photos."""
    present = [score.f1 for score in class_scores(confusion) if score.support]
    return float(np.mean(present)) if present else 0.0


def expected_calibration_error(probabilities: NDArray[np.floating], expected: NDArray[np.integer]) -> float:
    """Mean gap between confidence and accuracy over 15 equal bins of confidence (Guo et al. 2017, arXiv:1706.04599).

    probabilities: (n, 3); expected: indices (n,). 0 = the probabilities mean what they say.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == expected
    bins = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
    gaps = [
        abs(confidence[bins == index].mean() - right[bins == index].mean()) * (bins == index).mean()
        for index in range(BINS)
        if (bins == index).any()
    ]
    return float(sum(gaps))
