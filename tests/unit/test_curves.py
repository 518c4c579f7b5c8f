"""Curves of one class against the rest: against scikit-learn for anything, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn import metrics

from fmnist_core.analysis.curves import class_curve, class_curves, false_alarms, missed, thinned


@st.composite
def scored(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Images of a class and of the rest, at least one of each, with scores that often tie."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    count, values = draw(st.integers(2, 60)), draw(st.sampled_from([1, 2, 5, 1000]))
    is_class = chance.random(count) < draw(st.sampled_from([0.1, 0.5, 0.9]))
    is_class[:2] = True, False
    return is_class, (chance.integers(0, values + 1, count) / values).astype(np.float32)


@hypothesis_settings(deadline=None, max_examples=150)
@given(scored())
def test_the_curves_are_those_of_scikit_learn(scored: tuple[np.ndarray, np.ndarray]):
    is_class, scores = scored
    curve = class_curve(is_class, scores)
    precision, recall, thresholds = metrics.precision_recall_curve(is_class, scores)
    np.testing.assert_allclose(curve.precision[::-1], precision)
    np.testing.assert_allclose(curve.recall[::-1], recall)
    np.testing.assert_allclose(curve.thresholds[:0:-1], thresholds)
    false_positive_rate, recall, thresholds = metrics.roc_curve(is_class, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve.false_positive_rate, false_positive_rate)
    np.testing.assert_allclose(curve.recall, recall)
    np.testing.assert_allclose(curve.thresholds, thresholds)
    assert curve.average_precision == pytest.approx(metrics.average_precision_score(is_class, scores))
    assert curve.auc == pytest.approx(metrics.roc_auc_score(is_class, scores))


@hypothesis_settings(deadline=None, max_examples=100)
@given(scored(), st.floats(0, 1))
def test_the_point_of_a_threshold_has_the_images_that_are_shown(
    scored: tuple[np.ndarray, np.ndarray], threshold: float
):
    is_class, scores = scored
    curve, y_true = class_curve(is_class, scores), np.where(is_class, 4, 7)
    here = curve.at(threshold)
    wrong, lost = false_alarms(y_true, scores, 4, threshold), missed(y_true, scores, 4, threshold)
    assert curve.false_positive_rate[here] == pytest.approx(len(wrong) / np.sum(~is_class))
    assert curve.recall[here] == pytest.approx(1 - len(lost) / np.sum(is_class))
    assert (np.diff(scores[wrong]) <= 0).all() and (np.diff(scores[lost]) >= 0).all()


def test_a_curve_by_hand():
    is_class = np.array([True, False, True, True, False])
    scores = np.array([0.9, 0.8, 0.8, 0.3, 0.1])
    curve = class_curve(is_class, scores)
    assert curve.thresholds.tolist() == [np.inf, 0.9, 0.8, 0.3, 0.1]
    np.testing.assert_allclose(curve.precision, [1, 1, 2 / 3, 3 / 4, 3 / 5])
    np.testing.assert_allclose(curve.recall, [0, 1 / 3, 2 / 3, 1, 1])
    np.testing.assert_allclose(curve.false_positive_rate, [0, 0, 1 / 2, 1 / 2, 1])
    assert curve.average_precision == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    # Of the six pairs, 0.8 against 0.8 counts half, and 0.3 against 0.8 not at all.
    assert curve.auc == pytest.approx(4.5 / 6)
    assert [curve.at(threshold) for threshold in (2, 0.9, 0.85, 0.8, 0.05, 0)] == [0, 1, 1, 2, 4, 4]
    y_true = np.where(is_class, 3, 5)
    assert false_alarms(y_true, scores, 3, 0.8).tolist() == [1]
    assert missed(y_true, scores, 3, 0.8).tolist() == [3]


def test_a_class_without_images_has_no_areas():
    curves = class_curves(np.array([2, 2]), np.full((2, 10), 0.1))
    assert np.isnan(curves[0].average_precision) and np.isnan(curves[0].auc)
    assert curves[2].average_precision == 1 and np.isnan(curves[2].auc)
    assert len(thinned(curves[0]).thresholds) <= 2


def test_a_thinned_curve_keeps_its_ends_its_areas_and_its_shape():
    chance = np.random.default_rng(1)
    is_class = chance.random(10_000) < 0.1
    whole = class_curve(is_class, chance.normal(size=10_000) + 2 * is_class)
    few = thinned(whole, 200)
    assert len(few.thresholds) <= 200
    assert (few.average_precision, few.auc) == (whole.average_precision, whole.auc)
    for name in ("thresholds", "precision", "recall", "false_positive_rate"):
        assert (getattr(few, name)[0], getattr(few, name)[-1]) == (
            getattr(whole, name)[0],
            getattr(whole, name)[-1],
        )
    for x, y in (("recall", "precision"), ("false_positive_rate", "recall")):
        between = np.interp(getattr(whole, x), getattr(few, x), getattr(few, y))
        assert np.abs(between - getattr(whole, y))[50:].max() < 0.03
