"""Metrics: against scikit-learn for anything, and against values worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn import metrics

from fmnist_core.analysis.evaluation import (
    CLASSES,
    cell_images,
    closest_calls,
    confusions,
    evaluate,
    hardest,
    image_losses,
    misclassified,
    row_shares,
)


@st.composite
def answers(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities of 1 to 40 images, from which any classes may be missing, on either side."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    count = draw(st.integers(1, 40))
    classes = sorted(draw(st.sets(st.integers(0, 9), min_size=1)))
    probabilities = chance.dirichlet(np.full(10, 0.3), count) + 1e-4
    # Some classes are never predicted; ties, where conventions differ, practically never happen.
    probabilities[:, classes] += draw(st.sampled_from([0, 1]))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return chance.choice(classes, count).astype(np.uint8), probabilities


@hypothesis_settings(deadline=None, max_examples=60)
@given(answers())
def test_the_metrics_are_those_of_scikit_learn(answers: tuple[np.ndarray, np.ndarray]):
    y_true, probabilities = answers
    y_pred = probabilities.argmax(axis=1)
    result = evaluate(y_true, probabilities)
    assert result.accuracy == pytest.approx(metrics.accuracy_score(y_true, y_pred))
    assert result.top_2_accuracy == pytest.approx(
        metrics.top_k_accuracy_score(y_true, probabilities, k=2, labels=CLASSES)
    )
    assert result.loss == pytest.approx(metrics.log_loss(y_true, probabilities, labels=CLASSES))
    report = metrics.classification_report(
        y_true, y_pred, labels=CLASSES, output_dict=True, zero_division=0.0
    )
    for kind, average in (("macro avg", result.macro), ("weighted avg", result.weighted)):
        assert average.precision == pytest.approx(report[kind]["precision"])
        assert average.recall == pytest.approx(report[kind]["recall"])
        assert average.f1 == pytest.approx(report[kind]["f1-score"])
    for number in CLASSES:
        expected = report[str(number)]
        assert result.precision[number] == pytest.approx(expected["precision"])
        assert result.recall[number] == pytest.approx(expected["recall"])
        assert result.f1[number] == pytest.approx(expected["f1-score"])
        assert result.support[number] == expected["support"] == np.count_nonzero(y_true == number)
        assert result.confusion_matrix[number].sum() == result.support[number]
        assert result.confusion_matrix[:, number].sum() == np.count_nonzero(y_pred == number)


@hypothesis_settings(deadline=None, max_examples=60)
@given(answers())
def test_the_cells_of_the_confusion_matrix_hold_every_image_once(answers: tuple[np.ndarray, np.ndarray]):
    y_true, probabilities = answers
    matrix = evaluate(y_true, probabilities).confusion_matrix
    cells = {(t, p): cell_images(y_true, probabilities, t, p) for t in range(10) for p in range(10)}
    assert {cell: len(images) for cell, images in cells.items()} == {cell: matrix[cell] for cell in cells}
    assert sorted(np.concatenate(list(cells.values())).tolist()) == list(range(len(y_true)))
    wrong = np.concatenate([images for (t, p), images in cells.items() if t != p])
    assert set(wrong.tolist()) == set(misclassified(y_true, probabilities).tolist())


@hypothesis_settings(deadline=None, max_examples=60)
@given(answers())
def test_row_shares_and_confusions_agree_with_the_matrix(answers: tuple[np.ndarray, np.ndarray]):
    y_true, probabilities = answers
    y_pred = probabilities.argmax(axis=1)
    matrix = evaluate(y_true, probabilities).confusion_matrix
    with np.errstate(invalid="ignore"):
        expected = metrics.confusion_matrix(y_true, y_pred, labels=CLASSES, normalize="true")
    np.testing.assert_allclose(row_shares(matrix), expected)
    found = confusions(matrix)
    assert {(t, p) for t, p, _ in found} == {(t, p) for t, p in zip(y_true, y_pred, strict=True) if t != p}
    assert all(count == matrix[t, p] for t, p, count in found)
    assert found == sorted(found, key=lambda cell: (-cell.count, cell.true_class, cell.predicted_class))


def rows(*chosen: dict[int, float]) -> np.ndarray:
    """Probabilities, one row for each image; what is not given is shared by the other classes."""
    table = []
    for given_ in chosen:
        rest = (1 - sum(given_.values())) / (10 - len(given_))
        table.append([given_.get(number, rest) for number in range(10)])
    return np.array(table, np.float32)


# Right; second; third; and twice wrong with more and less confidence.
Y_TRUE = np.array([0, 1, 2, 6, 6], np.uint8)
PROBABILITIES = rows(
    {0: 0.5},
    {3: 0.6, 1: 0.25},
    {3: 0.5, 4: 0.25, 2: 0.125},
    {0: 0.4, 6: 0.3},
    {0: 0.8},
)


def test_values_worked_by_hand():
    result = evaluate(Y_TRUE, PROBABILITIES)
    assert result.accuracy == pytest.approx(1 / 5)
    assert result.top_2_accuracy == pytest.approx(3 / 5)
    losses = [math.log(2), math.log(4), math.log(8), -math.log(0.3), -math.log(0.2 / 9)]
    np.testing.assert_allclose(image_losses(Y_TRUE, PROBABILITIES), losses, rtol=1e-6)
    assert result.loss == pytest.approx(sum(losses) / 5)
    # Class 0: three predicted, one of them right, none missed.
    assert result.precision[0] == pytest.approx(1 / 3)
    assert result.recall[0] == 1
    assert result.f1[0] == pytest.approx(1 / 2)
    assert result.macro.recall == pytest.approx(1 / 10)
    assert result.weighted.recall == pytest.approx(1 / 5)
    assert result.support.tolist() == [1, 1, 1, 0, 0, 0, 2, 0, 0, 0]
    confusion_matrix = np.zeros((10, 10))
    confusion_matrix[[0, 1, 2, 6], [0, 3, 3, 0]] = [1, 1, 1, 2]
    np.testing.assert_array_equal(result.confusion_matrix, confusion_matrix)


def test_the_most_frequent_mistake_comes_first():
    matrix = evaluate(Y_TRUE, PROBABILITIES).confusion_matrix
    assert confusions(matrix) == [(6, 0, 2), (1, 3, 1), (2, 3, 1)]
    assert confusions(np.eye(10, dtype=int)) == []


def test_a_tie_goes_to_the_lower_class():
    result = evaluate(np.array([8, 1]), rows({}, {}))
    assert (result.accuracy, result.top_2_accuracy) == (0, 0.5)


def test_a_probability_of_zero_costs_a_finite_loss():
    assert image_losses(np.array([4]), rows({0: 1.0}))[0] == pytest.approx(-math.log(1e-7))


def test_the_most_confident_mistakes_come_first():
    assert misclassified(Y_TRUE, PROBABILITIES).tolist() == [4, 1, 2, 3]
    assert misclassified(Y_TRUE, PROBABILITIES, true_class=6).tolist() == [4, 3]
    assert misclassified(Y_TRUE, PROBABILITIES, predicted_class=3).tolist() == [1, 2]
    assert misclassified(Y_TRUE, PROBABILITIES, true_class=2, predicted_class=3).tolist() == [2]
    assert misclassified(Y_TRUE, PROBABILITIES, true_class=0).tolist() == []
    assert misclassified(Y_TRUE, PROBABILITIES, predicted_class=0).tolist() == [4, 3]


def test_the_closest_calls_are_the_mistakes_that_the_true_class_missed_by_least():
    # Leads: 0.6 - 0.25, 0.5 - 0.125, 0.4 - 0.3 and 0.8 - 0.2 / 9.
    assert closest_calls(Y_TRUE, PROBABILITIES).tolist() == [3, 1, 2, 4]
    assert closest_calls(Y_TRUE, PROBABILITIES, true_class=6).tolist() == [3, 4]
    assert closest_calls(Y_TRUE, PROBABILITIES, 6, 3).tolist() == []


def test_the_hardest_images_are_those_of_the_largest_loss_whether_right_or_wrong():
    # True classes at 0.5, 0.25, 0.125, 0.3 and 0.2 / 9.
    assert hardest(Y_TRUE, PROBABILITIES).tolist() == [4, 2, 1, 3, 0]
    assert hardest(Y_TRUE, PROBABILITIES, predicted_class=0).tolist() == [4, 3, 0]
    assert hardest(Y_TRUE, PROBABILITIES, 0, 0).tolist() == [0]
    assert hardest(Y_TRUE, PROBABILITIES, 0, 1).tolist() == []


def test_a_cell_has_its_most_confident_images_first():
    assert cell_images(Y_TRUE, PROBABILITIES, 6, 0).tolist() == [4, 3]
    assert cell_images(Y_TRUE, PROBABILITIES, 0, 0).tolist() == [0]
    assert cell_images(Y_TRUE, PROBABILITIES, 5, 5).tolist() == []
