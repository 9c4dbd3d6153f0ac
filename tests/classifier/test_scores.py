"""The numbers are those of the text books."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.scores import class_scores, confusion_matrix, expected_calibration_error, macro_f1


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
