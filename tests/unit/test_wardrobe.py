"""The drawn wardrobe: shapes, shading, and the cache that keeps what was drawn."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core.data import wardrobe
from fmnist_core.data.garments import garment
from fmnist_core.data.wardrobe import draw_dataset, paint
from fmnist_core.errors import DataError

labels = st.integers(0, 9)
seeds = st.integers(0, 2**63 - 1)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wardrobe that is drawn in a fraction of a second."""
    monkeypatch.setattr(wardrobe, "TRAIN_SIZE", 300)
    monkeypatch.setattr(wardrobe, "TEST_SIZE", 100)


def cache_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.npz"))


@settings(deadline=None)
@given(labels, seeds)
def test_every_garment_is_a_drawing_inside_the_frame(label: int, seed: int) -> None:
    drawn = garment(label, np.random.default_rng(seed))
    assert drawn.label == label
    assert drawn.parts
    for points in (*drawn.parts, *drawn.details):
        assert points.dtype == np.float64
        assert points.ndim == 2 and points.shape[1] == 2
        assert np.isfinite(points).all()
        assert not points.flags.writeable
        assert points.min() >= -0.1 and points.max() <= 1.1
    assert all(len(part) >= 3 for part in drawn.parts)
    assert all(len(line) >= 2 for line in drawn.details)
    corners = np.concatenate(drawn.parts)
    assert corners.min() >= 0.0 and corners.max() <= 1.0
    assert 0.859 <= np.ptp(corners, axis=0).max() <= 1.0


@settings(deadline=None)
@given(labels, seeds)
def test_every_garment_paints_to_a_picture_of_plausible_size(label: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = garment(label, rng)
    image = paint(drawn, rng)
    assert image.shape == (28, 28) and image.dtype == np.uint8
    assert 0.05 <= np.mean(image > 0) <= 0.9
    assert image.max() >= 25
    # Outside the frame of the shapes, allowing one pixel for the width of lines, all is black.
    corners = np.floor(np.concatenate([*drawn.parts, *drawn.details]) * 28)
    inked = np.argwhere(image)[:, ::-1]
    assert (inked >= corners.min(axis=0) - 1).all() and (inked <= corners.max(axis=0) + 1).all()


@given(labels, seeds)
def test_the_same_seed_makes_the_same_garment(label: int, seed: int) -> None:
    first, second = (garment(label, np.random.default_rng(seed)) for _ in range(2))
    assert len(first.parts) == len(second.parts) and len(first.details) == len(second.details)
    for one, other in zip(first.parts + first.details, second.parts + second.details, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("label", [-1, 10])
def test_an_unknown_class_is_refused(label: int) -> None:
    with pytest.raises(DataError, match=f"no class {label}: choose a label from 0 to 9"):
        garment(label, np.random.default_rng(0))


def test_both_halves_of_the_full_size_can_be_balanced() -> None:
    assert wardrobe.TRAIN_SIZE % 10 == 0 and wardrobe.TEST_SIZE % 10 == 0


@pytest.mark.usefixtures("small")
def test_the_set_has_the_layout_of_fashion_mnist(tmp_path: Path) -> None:
    data = draw_dataset(tmp_path)
    assert data.source == "wardrobe"
    for images, truth, size in ((data.x_train, data.y_train, 300), (data.x_test, data.y_test, 100)):
        assert images.shape == (size, 28, 28) and images.dtype == np.uint8
        assert truth.shape == (size,) and truth.dtype == np.uint8
        assert np.bincount(truth).tolist() == [size // 10] * 10
        assert (np.diff(truth.astype(int)) != 0).mean() > 0.5  # shuffled
        assert images.any(axis=(1, 2)).all()
        assert not images.flags.writeable and not truth.flags.writeable
    everything = np.concatenate([data.x_train, data.x_test]).reshape(400, -1)
    assert len(np.unique(everything, axis=0)) == 400


@pytest.mark.usefixtures("small")
def test_a_seed_stands_for_its_bytes(tmp_path: Path) -> None:
    first, again, other = (
        draw_dataset(tmp_path / name, seed) for name, seed in (("first", 3), ("again", 3), ("other", 4))
    )
    assert first.fingerprint == again.fingerprint != other.fingerprint
    np.testing.assert_array_equal(first.x_train, again.x_train)
    np.testing.assert_array_equal(first.y_test, again.y_test)
    assert (first.x_train != other.x_train).any()


def test_the_classes_overlap_but_can_be_learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wardrobe, "TRAIN_SIZE", 1_000)
    monkeypatch.setattr(wardrobe, "TEST_SIZE", 500)
    data = draw_dataset(tmp_path)
    x_train, x_test = data.x_train.reshape(1_000, -1), data.x_test.reshape(500, -1)
    means = np.stack([x_train[data.y_train == label].mean(axis=0) for label in range(10)])
    right = np.square(x_test[:, None] - means).sum(axis=2).argmin(axis=1) == data.y_test
    tops = np.isin(data.y_test, (0, 2, 4, 6))
    # The nearest class mean names 0.67 of the photographs of Fashion-MNIST, and 0.47 of these four classes.
    assert 0.5 < right.mean() < 0.75
    assert right[tops].mean() < right[~tops].mean()


@pytest.mark.usefixtures("small")
def test_the_cache_serves_the_second_time(tmp_path: Path) -> None:
    reports: list[tuple[int, int]] = []
    first = draw_dataset(
        tmp_path / "new" / "cache", progress=lambda done, total: reports.append((done, total))
    )
    assert reports == [(200, 400), (400, 400)]
    second = draw_dataset(tmp_path / "new" / "cache", progress=lambda *_: pytest.fail("drew again"))
    assert first.fingerprint == second.fingerprint
    np.testing.assert_array_equal(first.x_test, second.x_test)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_damaged_cache_file_is_drawn_again(tmp_path: Path, damage: str) -> None:
    whole = draw_dataset(tmp_path)
    (path,) = cache_files(tmp_path)
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(
        {
            "flip": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "cut": content[:middle],
            "empty": b"",
        }[damage]
    )
    again = draw_dataset(tmp_path)
    assert again.fingerprint == whole.fingerprint
    np.testing.assert_array_equal(again.x_train, whole.x_train)
    assert cache_files(tmp_path) == [path] and path.read_bytes() == content


@pytest.mark.usefixtures("small")
def test_outdated_files_of_the_same_seed_go_and_others_stay(tmp_path: Path) -> None:
    draw_dataset(tmp_path, seed=10)
    (other,) = cache_files(tmp_path)
    outdated = tmp_path / "wardrobe-1-00000000-0123.npz"
    outdated.write_bytes(b"drawn by an older version")
    draw_dataset(tmp_path, seed=1)
    assert other.exists() and not outdated.exists()
    assert len(cache_files(tmp_path)) == 2
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.usefixtures("small")
def test_of_many_who_ask_at_once_one_draws(tmp_path: Path) -> None:
    def draw(_: int) -> tuple[str, int]:
        reports: list[int] = []
        return draw_dataset(tmp_path, progress=lambda done, _: reports.append(done)).fingerprint, len(reports)

    with ThreadPoolExecutor(3) as pool:
        fingerprints, reports = zip(*pool.map(draw, range(3)), strict=True)
    assert len(set(fingerprints)) == 1
    assert sorted(reports) == [0, 0, 2]


def test_a_cache_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(DataError, match=r"cannot be kept in .*FMNIST_HOME"):
        draw_dataset(blocked / "cache")
