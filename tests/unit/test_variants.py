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


@given(
    st.builds(
        Change,
        thicken=st.integers(-3, 3),
        scale=st.floats(0.2, 3),
        turn=st.floats(-180, 180),
        right=st.floats(-30, 30),
        down=st.floats(-30, 30),
        noise=st.floats(0, 300),
    )
)
def test_any_change_gives_a_picture(change):
    picture = changed(dot(14, 14), change, np.random.default_rng(0))

    assert (picture.shape, picture.dtype) == ((28, 28), np.uint8)
