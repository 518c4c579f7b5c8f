"""Robustness: what is changed how, and the accuracies of networks whose answers are known."""

from dataclasses import replace

import numpy as np
import pytest

from fmnist_core.analysis import robustness
from fmnist_core.analysis.robustness import (
    KINDS,
    accuracies,
    answer_all,
    change_images,
    measure,
    parameters,
)
from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import load_source
from fmnist_core.data.variants import Change
from fmnist_core.errors import DataError
from fmnist_core.runs import RunStore
from fmnist_core.settings import Settings

BY_NAME = {kind.name: number for number, kind in enumerate(KINDS)}


def bright_half(images: np.ndarray) -> np.ndarray:
    """A network that answers 0 where the left half is brighter, else 1."""
    left = images[:, :, :14].sum(axis=(1, 2), dtype=int) > images[:, :, 14:].sum(axis=(1, 2), dtype=int)
    return np.eye(10, dtype=np.float32)[np.where(left, 0, 1)]


def column(at: int) -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    image[:, at] = 255
    return image


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_has_six_strengths_and_one_that_changes_nothing(kind):
    assert len(kind.strengths) == 6
    assert [kind.change(strength) == Change() for strength in kind.strengths].count(True) == 1
    assert list(kind.strengths) in (sorted(kind.strengths), sorted(kind.strengths, reverse=True))


def test_what_was_measured_with_other_changes_is_measured_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    run = RunStore(settings).create(RunConfig(), source="wardrobe", fingerprint="f1")
    before = parameters(run)
    assert parameters(run) == before
    monkeypatch.setattr(robustness, "KINDS", (replace(KINDS[0], strengths=(0, 1, 2, 3, 5, 9)), *KINDS[1:]))
    assert parameters(run) != before


def test_every_second_picture_moves_the_other_way():
    shift = KINDS[BY_NAME["Shift"]]
    images = np.stack([column(10)] * 4)

    assert change_images(images, shift, 3)[:, 0].argmax(axis=1).tolist() == [13, 7, 13, 7]


def test_noise_is_the_same_each_time():
    noise = KINDS[BY_NAME["Noise"]]
    images = np.full((2, 28, 28), 128, np.uint8)

    first = change_images(images, noise, 20)
    assert np.array_equal(first, change_images(images, noise, 20))
    assert not np.array_equal(first[0], first[1])


def test_accuracies_are_those_that_follow_from_the_changes():
    # Bright columns at 12 and 15, three pixels from crossing the middle; picture 0 and 2 move right, 1 left.
    images, labels = np.stack([column(12), column(15), column(15)]), np.array([0, 1, 1])
    told = []
    answers = answer_all(bright_half, images, lambda share, words: told.append((share, words)))
    found = accuracies(answers, labels)

    assert answers.shape == (len(KINDS), 6, 3, 10)
    # Moved by 0, 1, 2, 3, 5, 8: from 2 on the first two cross the middle, the third never does.
    np.testing.assert_allclose(found[BY_NAME["Shift"]], [1, 1, 1 / 3, 1 / 3, 1 / 3, 1 / 3])
    # Inverted, the dark column makes its half the darker one; below 50% it stays the brighter one.
    np.testing.assert_allclose(found[BY_NAME["Inversion"]], [1, 1, 1, 0, 0, 0])
    np.testing.assert_allclose(found[BY_NAME["Contrast"]], 1)
    assert told[0] == (0.0, "Shift, 0 px …")
    last = KINDS[-1]
    steps = len(KINDS) * len(last.strengths)
    assert told[-1] == ((steps - 1) / steps, f"{last.name}, {last.label(last.strengths[-1])} …")


def test_rounding_makes_no_other_answer():
    def unsure(images: np.ndarray) -> np.ndarray:
        return np.tile([0.49995, 0.50005, 0, 0, 0, 0, 0, 0, 0, 0], (len(images), 1))

    answers = answer_all(unsure, np.zeros((2, 28, 28), np.uint8))
    np.testing.assert_array_equal(accuracies(answers, np.array([1, 0])), np.full((len(KINDS), 6), 0.5))


def test_other_images_are_not_taken_for_the_ones_asked_about(wardrobe_home: Settings):
    fingerprint = load_source(wardrobe_home, "wardrobe").fingerprint
    with pytest.raises(DataError, match="not those any more"):
        measure(
            wardrobe_home,
            lambda share, words: None,
            run="none",
            source="wardrobe",
            fingerprint=fingerprint[::-1],
            images=10,
            kinds="",
        )
