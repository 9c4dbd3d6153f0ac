"""The fitted head is the one that scikit-learn would use, folded into one layer."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.fit import Samples, calibrated, fit, fold_scores, out_of_fold, temperature_of


def samples(count: int = 240, seed: int = 0) -> Samples:
    """Three clouds in eight dimensions, on very different scales."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    centres = np.eye(3, 8)
    plain = (centres[labels] + rng.normal(0, 0.5, (count, 8))) * 10.0 ** np.arange(-3, 5) + 7
    return Samples(plain.astype(np.float32), plain.astype(np.float32), labels, np.ones(count))


def test_folding_the_standardisation_changes_no_logit() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    data = samples()
    kernel, bias = fit(data, 0.1)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced", max_iter=500))
    pipeline.fit(data.plain.astype(np.float64), data.labels)
    ours = calibrated(data.plain @ kernel + bias, 1.0)
    np.testing.assert_allclose(ours, pipeline.predict_proba(data.plain.astype(np.float64)), atol=0.01)


def test_out_of_fold_logits_never_saw_their_photo() -> None:
    data = samples(60)
    folds = np.arange(60) // 3 % 5
    spoiled = Samples(data.plain, data.mirrored, np.where(folds == 2, 0, data.labels), data.weights)
    inside = folds == 2
    honest = out_of_fold(data, folds, 0.1)[inside]
    np.testing.assert_array_equal(out_of_fold(spoiled, folds, 0.1)[inside], honest)
    assert np.abs(out_of_fold(spoiled, folds, 0.1)[~inside] - out_of_fold(data, folds, 0.1)[~inside]).max() > 0.01


def test_the_temperature_undoes_an_exaggeration() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (20_000, 3))
    labels = np.array([rng.choice(3, p=row) for row in calibrated(logits, 1.0)])
    assert temperature_of(logits * 3, labels) == pytest.approx(3.0, rel=0.05)


def test_fold_scores_count_what_the_logits_say() -> None:
    logits = np.eye(3)[[0, 1, 2, 0, 1, 1]] * 4
    found = fold_scores(logits, np.array([0, 1, 2, 0, 1, 2]), np.array([0, 0, 0, 1, 1, 1]))
    assert found["accuracy"] == round(5 / 6, 4)
    assert found["confusion"] == [[2, 0, 0], [0, 2, 0], [0, 1, 1]]
    assert found["folds"] == 2
