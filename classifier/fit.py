"""Fits a linear head on frozen features: multinomial logistic regression, k folds, temperature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.scores import class_scores, confusion_matrix, expected_calibration_error, macro_f1
from core.values import CLASSES

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """plain, mirrored: (n, features); labels: indices in CLASSES; weights: how much each photo counts, (n,)."""

    plain: Floats
    mirrored: Floats
    labels: Ints
    weights: Floats

    def only(self, chosen: NDArray[np.bool_]) -> Samples:
        """The photos where chosen (n,) is true."""
        return Samples(self.plain[chosen], self.mirrored[chosen], self.labels[chosen], self.weights[chosen])


def fit(samples: Samples, c: float, seed: int = 0) -> tuple[Floats, Floats]:
    """(kernel (features, 3), bias (3,)), float64, of logits = features @ kernel + bias.

    Every photo is seen plain and mirrored; classes are balanced; c is scikit-learn's inverse L2 strength
    on standardised features. The standardisation is folded into the result.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    features = np.concatenate([samples.plain, samples.mirrored]).astype(np.float32)
    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=c, class_weight="balanced", max_iter=500, tol=1e-3, random_state=seed)
    with threadpool_limits(1):  # BLAS threads that wait for each other on busy cores take ten times longer
        model.fit(scaler.transform(features), np.tile(samples.labels, 2), np.tile(samples.weights / 2, 2))
    kernel, bias = np.zeros((features.shape[1], len(CLASSES))), np.full(len(CLASSES), -1e3)
    kernel[:, model.classes_] = (model.coef_ / scaler.scale_).T
    bias[model.classes_] = model.intercept_ - (model.coef_ / scaler.scale_) @ scaler.mean_
    return kernel, bias


def out_of_fold(samples: Samples, folds: Ints, c: float, seed: int = 0) -> Floats:
    """Logits (n, 3) of each photo by the head that was fitted without its fold."""
    logits = np.zeros((len(samples.labels), len(CLASSES)))
    for fold in np.unique(folds):
        inside = folds == fold
        kernel, bias = fit(samples.only(~inside), c, seed)
        logits[inside] = samples.plain[inside] @ kernel + bias
    return logits


def temperature_of(logits: Floats, labels: Ints) -> float:
    """The temperature that makes softmax(logits / T) most likely (Guo et al. 2017, arXiv:1706.04599)."""
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    def cost(log_t: float) -> float:
        scaled = logits / np.exp(log_t)
        return float(np.mean(logsumexp(scaled, axis=1) - scaled[np.arange(len(labels)), labels]))

    return float(np.exp(minimize_scalar(cost, bounds=(-3.0, 3.0), method="bounded").x))


def calibrated(logits: Floats, temperature: float) -> Floats:
    """softmax(logits / temperature), (n, 3)."""
    from scipy.special import softmax

    return np.asarray(softmax(logits / temperature, axis=1))


def fold_scores(logits: Floats, labels: Ints, folds: Ints) -> dict[str, Any]:
    """Accuracy, macro_f1, per_class, confusion, and ece with each fold's temperature taken from the other folds."""
    probabilities = np.zeros_like(logits)
    for fold in np.unique(folds):
        inside = folds == fold
        others = ~inside if (~inside).any() else inside
        probabilities[inside] = calibrated(logits[inside], temperature_of(logits[others], labels[others]))
    confusion = confusion_matrix(labels, logits.argmax(axis=1))
    return {
        "accuracy": round(float(np.trace(confusion) / confusion.sum()), 4),
        "macro_f1": round(macro_f1(confusion), 4),
        "ece": round(expected_calibration_error(probabilities, labels), 4),
        "per_class_f1": {
            label: round(score.f1, 4) for label, score in zip(CLASSES, class_scores(confusion), strict=True)
        },
        "confusion": confusion.tolist(),
        "folds": len(np.unique(folds)),
    }
