"""Calibration: what reliability counts, and that the temperature found is the one that was hidden."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.analysis.calibration import bin_images, calibrate, fit_temperature, kept, reliability


def answers(*highest: float) -> np.ndarray:
    """Answers that name class 0 with these probabilities."""
    rows = np.array(highest)
    return np.concatenate([rows[:, None], np.repeat((1 - rows[:, None]) / 9, 9, axis=1)], axis=1)


def test_the_error_worked_out_by_hand():
    """Two answers of 0.9, one right: off by 0.4; two of 0.6, both right: off by 0.4; mean 0.4."""
    found = reliability(np.array([0, 1, 0, 0]), answers(0.9, 0.9, 0.6, 0.6), bins=10)

    assert found.error == pytest.approx(0.4)
    assert found.count.tolist() == [0, 0, 0, 0, 0, 2, 0, 0, 2, 0]
    assert found.accuracy[[5, 8]].tolist() == [1.0, 0.5]
    assert found.confidence[[5, 8]] == pytest.approx([0.6, 0.9])
    assert np.isnan(found.accuracy[0])


def test_answers_that_are_certain_and_right_have_no_error():
    found = reliability(np.zeros(5, int), answers(1.0, 1.0, 1.0, 1.0, 1.0))

    assert found.error == 0
    assert found.count[-1] == 5


def test_a_hidden_temperature_is_found():
    """Labels are drawn from the probabilities; sharpened threefold, they need a temperature of 3."""
    rng = np.random.default_rng(0)
    logits = 2 * rng.standard_normal((20_000, 10))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (honest.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    boastful = calibrate(honest, 1 / 3)

    temperature = fit_temperature(labels, boastful)

    assert temperature == pytest.approx(3, rel=0.05)
    assert reliability(labels, boastful).error > 0.1
    assert reliability(labels, calibrate(boastful, temperature)).error < 0.02


@given(st.floats(0.05, 20), st.integers(0, 2**32 - 1))
def test_calibrated_answers_are_probabilities_in_the_same_order(temperature, seed):
    answers = np.random.default_rng(seed).dirichlet(np.full(10, 0.3), 8)

    calibrated = calibrate(answers, temperature)

    assert calibrated.dtype == np.float32
    assert calibrated.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (calibrated.argmax(axis=1) == answers.argmax(axis=1)).all()


def test_certainty_survives_calibration():
    assert np.isfinite(calibrate(np.eye(10)[:3], 0.05)).all()
    assert calibrate(np.eye(10)[:1], 1.0)[0, 0] == pytest.approx(1)


def test_what_is_kept_worked_out_by_hand():
    """Answers of 0.5 (wrong), 0.6 (right), 0.9 (right), 0.9 (wrong)."""
    found = kept(np.array([1, 0, 0, 1]), answers(0.5, 0.6, 0.9, 0.9), np.array([0.0, 0.55, 0.9, 0.95]))

    assert found.share.tolist() == [1.0, 0.75, 0.5, 0.0]
    assert found.accuracy[:3].tolist() == pytest.approx([0.5, 2 / 3, 0.5])
    assert np.isnan(found.accuracy[3])


def test_every_answer_is_in_one_bin_and_the_bins_agree_with_the_counts():
    rng = np.random.default_rng(0)
    found = rng.dirichlet(np.full(10, 0.2), 500)
    measured = reliability(np.zeros(500, int), found)

    bins = [
        bin_images(found, low, high) for low, high in zip(measured.edges, measured.edges[1:], strict=False)
    ]

    assert [len(positions) for positions in bins] == measured.count.tolist()
    assert sorted(np.concatenate(bins).tolist()) == list(range(500))
    fullest = max(bins, key=len)
    assert (np.diff(found[fullest].max(axis=1)) >= 0).all()
