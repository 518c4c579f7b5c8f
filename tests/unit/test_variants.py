"""A picture changed: where its parts go, worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.data.variants import Change, changed

RNG = np.random.default_rng(0)


def dot(row: int, column: int) -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    image[row, column] = 255
    return image


def where(image: np.ndarray) -> tuple[int, int]:
    row, column = np.unravel_index(image.argmax(), image.shape)
    return int(row), int(column)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (Change(), (5, 10)),
        (Change(right=3), (5, 13)),
        (Change(down=-2), (3, 10)),
        # Clockwise about the middle (13.5, 13.5): 8.5 above and 3.5 left become 8.5 right and 3.5 above.
        (Change(turn=90), (10, 22)),
        # The middle of four dots, 9 above and 4 left, comes to 4.5 above and 2 left.
        (Change(scale=0.5), (9, 11)),
    ],
)
def test_a_dot_goes_where_it_should(change, place):
    image = dot(5, 10) if change.scale == 1 else dot(5, 10) | dot(4, 10) | dot(5, 9) | dot(4, 9)

    assert where(changed(image, change, RNG)) == place


def test_no_change_leaves_every_value():
    image = np.random.default_rng(1).integers(0, 256, (28, 28), dtype=np.uint8)

    assert np.array_equal(changed(image, Change(), RNG), image)


def test_thicker_and_thinner():
    assert np.count_nonzero(changed(dot(5, 10), Change(thicken=1), RNG)) == 5
    assert np.count_nonzero(changed(dot(5, 10), Change(thicken=2), RNG)) == 13
    assert np.count_nonzero(changed(dot(5, 10), Change(thicken=-1), RNG)) == 0


def test_noise_has_the_strength_that_is_asked_for():
    grey = np.full((28, 28), 128, np.uint8)

    assert changed(grey, Change(noise=20.0), RNG).std() == pytest.approx(20, rel=0.15)


def test_blur_keeps_the_light_and_spreads_it_as_a_gaussian_does():
    bright = changed(dot(14, 14), Change(blur=1.0), RNG)

    # exp(-r²/2) / 2π of 255, at the dot and one pixel away: 40.6 and 24.6.
    assert (bright[14, 14], bright[14, 15], bright[13, 14]) == (41, 25, 25)


def test_contrast_brings_pixels_closer_to_their_mean():
    half = np.zeros((28, 28), np.uint8)
    half[:14] = 200

    assert np.unique(changed(half, Change(contrast=0.5), RNG)).tolist() == [50, 150]
    assert np.unique(changed(half, Change(contrast=0.0), RNG)).tolist() == [100]


@pytest.mark.parametrize(("share", "values"), [(1.0, [55, 255]), (0.2, [51, 171]), (0.5, [128])])
def test_the_inverted_picture_is_mixed_in(share, values):
    half = np.zeros((28, 28), np.uint8)
    half[:14] = 200

    assert np.unique(changed(half, Change(inverted=share), RNG)).tolist() == values


@pytest.mark.parametrize(
    "change",
    [
        Change(turn=20.0, right=2.0),
        Change(scale=0.7),
        Change(blur=1.5),
        Change(contrast=0.3),
        Change(inverted=0.4),
        Change(thicken=1),
    ],
)
def test_many_pictures_are_changed_as_each_one_is(change):
    images = np.random.default_rng(2).integers(0, 256, (3, 28, 28), dtype=np.uint8)

    together = changed(images, change, RNG)
    assert np.array_equal(together, np.stack([changed(image, change, RNG) for image in images]))


@given(
    st.builds(
        Change,
        thicken=st.integers(-3, 3),
        scale=st.floats(0.2, 3),
        turn=st.floats(-180, 180),
        right=st.floats(-30, 30),
        down=st.floats(-30, 30),
        blur=st.floats(0, 5),
        contrast=st.floats(0, 2),
        inverted=st.floats(0, 1),
        noise=st.floats(0, 300),
    )
)
def test_any_change_gives_a_picture(change):
    picture = changed(dot(14, 14), change, np.random.default_rng(0))

    assert (picture.shape, picture.dtype) == ((28, 28), np.uint8)
