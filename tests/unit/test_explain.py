"""Explanations, checked with networks whose reasons are known."""

import numpy as np
import pytest

from fmnist_core.analysis.embedding import nearest
from fmnist_core.analysis.explain import occlusion


def bright_corner(images: np.ndarray) -> np.ndarray:
    """A network whose class 3 is as probable as the top right corner is bright."""
    share = images[:, :4, 24:].mean(axis=(1, 2)) / 255
    answers = np.zeros((len(images), 10))
    answers[:, 3], answers[:, 0] = share, 1 - share
    return answers


def test_occlusion_finds_the_corner_that_decides_and_not_its_transpose():
    image = np.full((28, 28), 255, np.uint8)

    loss = occlusion(bright_corner, image, 3)

    assert loss.shape == (28, 28)
    row, column = np.unravel_index(loss.argmax(), loss.shape)
    assert row < 4 and column >= 24
    assert loss.max() > 0.4
    assert loss[27, 0] == loss[14, 14] == 0


def test_hiding_what_speaks_against_a_class_counts_below_zero():
    loss = occlusion(bright_corner, np.full((28, 28), 255, np.uint8), 0)

    assert loss.min() == pytest.approx(-occlusion(bright_corner, np.full((28, 28), 255, np.uint8), 3).max())


def test_the_nearest_rows_come_first():
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6], [-1.0, 0.0]])

    assert nearest(rows, np.array([1.0, 0.0]), 3).tolist() == [0, 2, 1]
    left_out = np.array([True, False, False, False])
    assert nearest(rows, np.array([1.0, 0.0]), 3, left_out).tolist() == [2, 1, 3]
