"""What the images look like before any network: against values worked by hand and plain NumPy."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.analysis.exploration import one_of_each, parts, pixel_moments, summarise
from fmnist_core.config import PIXEL_DEVIATION, PIXEL_MEAN, DataConfig
from fmnist_core.data.dataset import Dataset, load
from fmnist_core.errors import ConfigError
from fmnist_core.settings import Settings


def drawn(train: int, test: int, seed: int = 0) -> Dataset:
    """A data set of noise in which every class may occur."""
    rng = np.random.default_rng(seed)
    arrays = []
    for size in (train, test):
        arrays += [
            rng.integers(0, 256, (size, 28, 28), dtype=np.uint8),
            rng.integers(0, 10, size, dtype=np.uint8),
        ]
    return Dataset("wardrobe", "0" * 12, *arrays)


@given(train=st.integers(2, 40), test=st.integers(1, 20), label=st.none() | st.integers(0, 9), data=st.data())
def test_the_parts_hold_every_image_once_under_its_number(train, test, label, data):
    validation = data.draw(st.integers(0, train - 1))
    dataset = drawn(train, test)
    found = parts(dataset, validation)

    assert {name: len(part.labels) for name, part in found.items()} == {
        "training": train - validation,
        "validation": validation,
        "test": test,
    }
    for name, part in found.items():
        images, labels = getattr(dataset, part.array), getattr(dataset, part.array.replace("x", "y"))
        numbers = part.numbers(label)
        assert part.name == name
        assert all(part.holds(int(number)) for number in numbers)
        assert (np.diff(numbers) > 0).all()
        np.testing.assert_array_equal(part.images[numbers - part.first], images[numbers])
        wanted = np.arange(len(part.labels)) + part.first
        if label is not None:
            wanted = wanted[labels[wanted] == label]
        np.testing.assert_array_equal(numbers, wanted)
    assert not found["training"].holds(train - validation)
    assert not found["training"].holds(-1)
    assert found["validation"].holds(train - 1) == bool(validation)


def test_the_parts_share_the_memory_of_the_data_set():
    dataset = drawn(30, 10)
    for part in parts(dataset, 10).values():
        assert np.shares_memory(part.images, getattr(dataset, part.array))


def test_more_validation_images_than_there_are_is_refused():
    with pytest.raises(ConfigError, match="validation_size"):
        parts(drawn(30, 10), 30)


def test_a_summary_worked_by_hand():
    images = np.zeros((3, 28, 28), np.uint8)
    images[0, 0, 0], images[1, 0, 0] = 10, 21
    images[2] = 255
    summary = summarise(images, np.array([7, 7, 2], np.uint8))

    assert summary.counts.tolist() == [0, 0, 1, 0, 0, 0, 0, 2, 0, 0]
    assert summary.means.dtype == np.uint8
    assert summary.means[7, 0, 0] == 16  # 15.5 rounds to the even neighbour
    assert summary.means[7].sum() == 16
    assert (summary.means[2] == 255).all()
    assert (summary.means[0] == 0).all()
    assert summary.histogram(7)[[0, 10, 21]].tolist() == [2 * 784 - 2, 1, 1]
    assert summary.histogram(0).sum() == 0
    assert summary.histogram()[[0, 10, 21, 255]].tolist() == [2 * 784 - 2, 1, 1, 784]


@given(st.integers(1, 60), st.integers(0, 2**32))
def test_a_summary_counts_every_image_and_every_pixel(count, seed):
    dataset = drawn(count, 1, seed)
    summary = summarise(dataset.x_train, dataset.y_train)

    np.testing.assert_array_equal(summary.counts, np.bincount(dataset.y_train, minlength=10))
    np.testing.assert_array_equal(summary.histograms.sum(axis=1), summary.counts * 784)
    mean, deviation = pixel_moments(summary.histogram())
    assert mean == pytest.approx(dataset.x_train.mean())
    assert deviation == pytest.approx(dataset.x_train.std())


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(0, 2**32))
def test_one_of_each_draws_every_class_there_is(labels, seed):
    labels = np.array(labels, np.uint8)
    positions = one_of_each(labels, np.random.default_rng(seed))

    np.testing.assert_array_equal(labels[positions], np.unique(labels))
    np.testing.assert_array_equal(positions, one_of_each(labels, np.random.default_rng(seed)))


def test_the_normalisation_is_made_of_the_real_training_pixels(real_data: Path):
    dataset = load(Settings(home=real_data, database_url="sqlite://", data_dir=real_data))
    summary = summarise(dataset.x_train, dataset.y_train)
    mean, deviation = pixel_moments(summary.histogram())

    assert summary.counts.tolist() == [6_000] * 10
    assert (round(mean, 2), round(deviation, 2)) == (PIXEL_MEAN, PIXEL_DEVIATION)
    scale, offset = DataConfig(normalisation="standardise").rescaling
    assert scale * mean + offset == pytest.approx(0, abs=1e-4)
    assert scale * deviation == pytest.approx(1, abs=1e-4)


def test_looking_at_images_loads_no_tensorflow():
    code = (
        "import sys, fmnist_core.analysis.exploration; "
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'streamlit')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
