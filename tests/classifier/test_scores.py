"""The numbers are those of the text books."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.scores import class_scores, confusion_matrix, expected_calibration_error, macro_f1, reliability


def test_the_matrix_has_expected_in_rows_and_verdicts_in_columns() -> None:
    matrix = confusion_matrix(np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 2, 0]))
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 1]]


def test_precision_recall_and_f1_agree_with_scikit_learn() -> None:
    from sklearn.metrics import f1_score, precision_recall_fscore_support

    rng = np.random.default_rng(0)
    expected, verdict = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    scores = class_scores(confusion_matrix(expected, verdict))
    precision, recall, f1, support = precision_recall_fscore_support(expected, verdict)
    assert [score.precision for score in scores] == pytest.approx(precision)
    assert [score.recall for score in scores] == pytest.approx(recall)
    assert [score.f1 for score in scores] == pytest.approx(f1)
    assert [score.support for score in scores] == support.tolist()
    mean = f1_score(expected, verdict, average="macro")
    assert macro_f1(confusion_matrix(expected, verdict)) == pytest.approx(mean)


def test_a_class_without_photos_does_not_lower_the_mean() -> None:
    assert macro_f1(np.array([[3, 0, 0], [0, 0, 0], [0, 0, 5]])) == 1.0


def test_probabilities_that_mean_what_they_say_have_no_calibration_error() -> None:
    sure = np.tile([0.75, 0.15, 0.10], (4, 1))
    assert expected_calibration_error(sure, np.array([0, 0, 0, 1])) == pytest.approx(0.0)
    assert expected_calibration_error(sure, np.array([1, 1, 1, 1])) == pytest.approx(0.75)


def test_the_calibration_curve_counts_each_photo_once_in_the_bin_of_its_confidence() -> None:
    rows = [[0.50, 0.30, 0.20], [0.52, 0.40, 0.08], [0.95, 0.03, 0.02], [1.0, 0.0, 0.0]]
    bins = reliability(np.array(rows), np.array([0, 1, 0, 2]))
    assert [one.count for one in bins] == [0] * 7 + [2] + [0] * 6 + [2]
    assert (bins[7].low, bins[7].high) == (7 / 15, 8 / 15)
    assert (bins[7].confidence, bins[7].accuracy) == (pytest.approx(0.51), 0.5)
    assert (bins[14].confidence, bins[14].accuracy) == (pytest.approx(0.975), 0.5)
    assert (bins[0].confidence, bins[0].accuracy) == (None, None)


def test_the_calibration_error_is_the_curve_s_mean_gap() -> None:
    rng = np.random.default_rng(1)
    probabilities, expected = rng.dirichlet([1, 1, 1], 300), rng.integers(0, 3, 300)
    gaps = sum(
        abs(one.confidence - one.accuracy) * one.count / 300
        for one in reliability(probabilities, expected)
        if one.confidence is not None and one.accuracy is not None
    )
    assert expected_calibration_error(probabilities, expected) == pytest.approx(gaps)
    assert expected_calibration_error(np.empty((0, 3)), np.empty(0, int)) == 0.0
