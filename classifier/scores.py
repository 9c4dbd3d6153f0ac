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


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """Photos whose confidence (probability of the verdict) lies in low..high, a point of the calibration curve.

    count: how many; confidence: their mean confidence; accuracy: the share that is right; both None without photos.
    """

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


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


def reliability(probabilities: NDArray[np.floating], expected: NDArray[np.integer]) -> tuple[ConfidenceBin, ...]:
    """The calibration curve (Niculescu-Mizil and Caruana 2005): 15 equal bins of confidence, empty ones too.

    probabilities: (n, classes); expected: indices (n,). A bin holds its lower edge; the last one both.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == expected
    place = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
    bins = []
    for index in range(BINS):
        inside = place == index
        count = int(inside.sum())
        bins.append(
            ConfidenceBin(
                low=index / BINS,
                high=(index + 1) / BINS,
                count=count,
                confidence=float(confidence[inside].mean(dtype=np.float64)) if count else None,
                accuracy=float(right[inside].mean()) if count else None,
            )
        )
    return tuple(bins)


def expected_calibration_error(probabilities: NDArray[np.floating], expected: NDArray[np.integer]) -> float:
    """Mean gap between confidence and accuracy over 15 equal bins of confidence (Guo et al. 2017, arXiv:1706.04599).

    probabilities: (n, 3); expected: indices (n,). 0 = the probabilities mean what they say.
    """
    gaps = [
        abs(one.confidence - one.accuracy) * one.count
        for one in reliability(probabilities, expected)
        if one.confidence is not None and one.accuracy is not None
    ]
    return float(sum(gaps)) / len(expected) if len(expected) else 0.0
