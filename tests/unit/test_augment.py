"""Random changes to images: what they may do, and what they leave alone."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fmnist_core.config import Augmentation
from fmnist_core.training.augment import augment

EVERYTHING = Augmentation(flip=True, shift=0.2, rotate=30, zoom=0.3, erase=0.5)
COUNT = 400


def changed(images: np.ndarray, augmentation: Augmentation, seed: tuple[int, int] = (0, 0)) -> np.ndarray:
    return augment(
        tf.constant(images, tf.float32), tf.constant(seed, tf.int32), **augmentation.model_dump()
    ).numpy()


def noise(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 28, 28)).astype(np.float32)


def spots(row: int, column: int) -> np.ndarray:
    """The same spot of 3×3 pixels in every image, around `row` and `column`."""
    images = np.zeros((COUNT, 28, 28), np.float32)
    images[:, row - 1 : row + 2, column - 1 : column + 2] = 200
    return images


def centres(images: np.ndarray) -> np.ndarray:
    """Where each image is brightest, as rows and columns from the middle: float `(n, 2)`."""
    positions = np.arange(28) - 13.5
    weights = images / images.sum(axis=(1, 2), keepdims=True)
    return np.stack([weights.sum(axis=2) @ positions, weights.sum(axis=1) @ positions], axis=1)


def test_the_same_seed_makes_the_same_images():
    images = noise(8)
    once = changed(images, EVERYTHING, seed=(3, 14))
    np.testing.assert_array_equal(once, changed(images, EVERYTHING, seed=(3, 14)))
    for other in ((3, 15), (4, 14)):
        assert (changed(images, EVERYTHING, seed=other) != once).any(axis=(1, 2)).all()


def test_each_image_of_a_batch_changes_in_its_own_way():
    images = np.repeat(noise(1), 20, axis=0)
    assert len(np.unique(changed(images, EVERYTHING), axis=0)) == 20


def test_nothing_changes_when_nothing_is_asked_for():
    images = noise(8)
    np.testing.assert_array_equal(changed(images, Augmentation()), images)


@hypothesis_settings(deadline=None, max_examples=30)
@given(
    augmentation=st.builds(
        Augmentation,
        flip=st.booleans(),
        shift=st.floats(0, 0.5),
        rotate=st.floats(0, 180),
        zoom=st.floats(0, 0.5),
        erase=st.floats(0, 1),
    ),
    seed=st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)),
)
def test_pixels_stay_pixels(augmentation: Augmentation, seed: tuple[int, int]):
    result = changed(noise(8), augmentation, seed)
    assert result.shape == (8, 28, 28)
    assert result.dtype == np.float32
    assert result.min() >= 0
    assert result.max() <= 255.001


def test_a_flip_is_the_image_or_its_mirror_image():
    images = noise(COUNT)
    result = changed(images, Augmentation(flip=True))
    same = (result == images).all(axis=(1, 2))
    mirrored = (result == images[:, :, ::-1]).all(axis=(1, 2))
    assert (same ^ mirrored).all()
    assert mirrored.mean() == pytest.approx(0.5, abs=0.1)


def test_a_shift_moves_by_up_to_its_share_either_way():
    result = changed(spots(14, 14), Augmentation(shift=0.25))
    moves = centres(result) - centres(spots(14, 14))
    assert np.abs(moves).max() <= 7 + 1e-3
    assert moves.max(axis=0) == pytest.approx([7, 7], abs=0.5)
    assert moves.min(axis=0) == pytest.approx([-7, -7], abs=0.5)
    assert moves.mean(axis=0) == pytest.approx([0, 0], abs=0.7)
    np.testing.assert_allclose(result.sum(axis=(1, 2)), 9 * 200, rtol=1e-4)


def test_a_shift_without_turn_or_zoom_keeps_images_sharp():
    image = noise(1)
    result = changed(np.repeat(image, COUNT, axis=0), Augmentation(flip=True, shift=0.07)).round(2)
    assert np.isin(result, [0, *image.ravel()]).all()
    assert 40 <= len(np.unique(result, axis=0)) <= 2 * 5 * 5


def test_a_turn_keeps_the_distance_from_the_middle():
    before, after = centres(spots(6, 14)), centres(changed(spots(6, 14), Augmentation(rotate=30)))
    np.testing.assert_allclose(np.hypot(*after.T), np.hypot(*before.T), atol=0.2)
    angles = np.degrees(np.arctan2(*after.T) - np.arctan2(*before.T))
    assert np.abs(angles).max() <= 31
    assert angles.min() < -27
    assert angles.max() > 27


def test_a_zoom_changes_the_distance_from_the_middle():
    before, after = centres(spots(6, 14)), centres(changed(spots(6, 14), Augmentation(zoom=0.5)))
    scales = np.hypot(*after.T) / np.hypot(*before.T)
    assert scales.min() == pytest.approx(0.5, abs=0.06)
    assert scales.max() == pytest.approx(1.5, abs=0.06)


def test_erasing_replaces_one_rectangle_in_its_share_of_the_images():
    erased = changed(np.zeros((COUNT, 28, 28), np.float32), Augmentation(erase=0.3)) > 0
    hit = erased.any(axis=(1, 2))
    assert hit.mean() == pytest.approx(0.3, abs=0.08)
    for image in erased[hit]:
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        assert image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].mean() > 0.95
        # 2 to 40% of the area, give or take half a pixel at each side.
        assert 0.01 < image.mean() < 0.45
