"""Naming a picture: one look or several, and when there is no single answer."""

import numpy as np
import pytest

from fmnist_core.analysis.naming import decide, looks, name_images
from fmnist_core.recipes import RECIPES


def left_or_right(images: np.ndarray) -> np.ndarray:
    """A network that names class 0 for what is bright on the left, and class 1 for the rest."""
    left = images[:, :, :14].sum(axis=(1, 2)) > images[:, :, 14:].sum(axis=(1, 2))
    return np.where(left[:, None], np.eye(10)[0], np.eye(10)[1]).astype(np.float32)


def test_one_look_asks_the_network_and_two_average_the_mirror_image():
    image = np.zeros((1, 28, 28), np.uint8)
    image[:, :, :5] = 255

    assert name_images(left_or_right, image)[0, :2] == pytest.approx([1, 0], abs=1e-6)
    assert name_images(left_or_right, image, mirrored=True)[0, :2] == pytest.approx([0.5, 0.5])


def test_shifted_looks_are_a_pixel_apart_and_bring_black_in_from_outside():
    seen: list[np.ndarray] = []

    def network(images: np.ndarray) -> np.ndarray:
        seen.append(images)
        return np.full((len(images), 10), 0.1, np.float32)

    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 0, 27] = 255
    named = name_images(network, image, shifted=True)
    assert named.shape == (1, 10)
    (views,) = seen
    places = [tuple(map(int, place)) for view in views for place in np.argwhere(view)]
    assert (len(views), places) == (5, [(0, 27), (0, 26), (1, 27)])

    name_images(network, image, mirrored=True, shifted=True)
    assert np.array_equal(seen[1][5:], seen[1][:5, :, ::-1])


def test_a_network_is_asked_as_it_has_learned():
    asked = {name: looks(RECIPES[name].config) for name in ("dense-100", "studio-sketch", "studio-photo")}
    assert asked == {
        "dense-100": {"mirrored": False, "shifted": False},
        "studio-sketch": {"mirrored": True, "shifted": False},
        "studio-photo": {"mirrored": True, "shifted": True},
    }


def test_a_temperature_above_one_makes_answers_less_sure():
    image = np.zeros((3, 28, 28), np.uint8)
    network = lambda images: np.repeat([[0.91, *[0.01] * 9]], len(images), axis=0)  # noqa: E731

    named = name_images(network, image, temperature=2.0)

    assert named.shape == (3, 10)
    # The square root of 91 is 9.54; beside nine ones that is 0.515.
    assert named[:, 0] == pytest.approx(0.5145, abs=1e-3)


@pytest.mark.parametrize(
    ("probabilities", "candidates"),
    [
        ([0.7, 0.3], (0,)),
        ([0.6, 0.4], (0,)),
        ([0.55, 0.45], (0, 1)),
        ([0.1, 0.3, 0.2, 0.4], (3, 1, 2)),
        ([0.5, 0.41, 0.09], (0, 1)),
        ([0.1] * 10, (0, 1, 2)),
    ],
)
def test_two_or_three_candidates_where_none_is_sure(probabilities, candidates):
    padded = np.array([*probabilities, *[0.0] * (10 - len(probabilities))], np.float32)

    answer = decide(padded)

    assert answer.candidates == candidates
    assert answer.is_sure == (len(candidates) == 1)
