"""Suspect labels, pairs and outliers: worked out by hand on a few pixels, and found where they were put."""

from collections.abc import Callable

import numpy as np
import pytest

from fmnist_core.analysis import quality
from fmnist_core.analysis.quality import find_pairs, judge_labels, most_suspect, oddness
from fmnist_core.analysis.vectors import unit_rows
from fmnist_core.config import DataConfig, DenseNetwork, RunConfig, TrainingConfig
from fmnist_core.data.dataset import load_source
from fmnist_core.runs import RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training.cross_validation import cross_validate
from fmnist_core.training.worker import execute

SMALL = RunConfig(
    data=DataConfig(validation_size=0),
    model=DenseNetwork(widths=(64,)),
    training=TrainingConfig(epochs=4, batch_size=32, learning_rate=3e-3),
)


def pixels(*pairs: tuple[int, int]) -> np.ndarray:
    """Images of which at most two pixels are bright."""
    images = np.zeros((len(pairs), 28, 28), np.uint8)
    images[:, 3, 4], images[:, 20, 9] = np.array(pairs).T
    return images


def flipped(labels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    positions = rng.choice(len(labels), count, replace=False)
    wrong = labels.copy()
    wrong[positions] = (wrong[positions] + rng.integers(1, 10, count)) % 10
    return wrong, positions


# Pairs


def test_the_pairs_and_their_distances_are_those_worked_out_by_hand():
    # Directions (1, 0), (0.6, 0.8), the first again but brighter, the second itself, (0, 1).
    found = find_pairs(pixels((100, 0), (60, 80), (200, 0), (60, 80), (0, 50)), within=0.7)

    # cos 1 and 1, then 0.8 twice: sqrt(2 - 1.6).
    assert found.numbers.tolist() == [[0, 2], [1, 3], [1, 4], [3, 4]]
    np.testing.assert_allclose(found.distances, [0, 0, 0.4**0.5, 0.4**0.5], atol=1e-6)
    assert found.exact.tolist() == [False, True, False, False]


@pytest.mark.parametrize("within", [0.3, 0.6, 0.9])
def test_no_pair_is_missed_and_none_is_found_twice(within: float, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(quality, "_BLOCK", 7)
    monkeypatch.setattr(quality, "COMPONENTS", 3)
    rng = np.random.default_rng(4)
    images = np.zeros((40, 28, 28), np.uint8)
    images[:, :2, :3] = rng.integers(0, 256, (40, 2, 3))
    rows = unit_rows(images)
    apart = np.linalg.norm(rows[:, None] - rows[None], axis=2)

    found = find_pairs(images, within)
    wanted = {(i, j) for i, j in zip(*np.nonzero(apart <= within), strict=True) if i < j}
    assert set(map(tuple, found.numbers)) == wanted
    assert len(found.numbers) == len(wanted)
    assert (np.diff(found.distances) >= 0).all()
    np.testing.assert_allclose(found.distances, apart[tuple(found.numbers.T)], atol=1e-6)


def test_of_too_many_pairs_the_most_alike_are_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(quality, "MOST_PAIRS", 1)
    found = find_pairs(pixels((100, 0), (60, 80), (0, 50)), within=1.0)
    assert found.numbers.tolist() == [[1, 2]]


def test_black_images_are_copies_of_each_other():
    found = find_pairs(pixels((0, 0), (10, 0), (0, 0)), within=0.1)
    assert found.numbers.tolist() == [[0, 2]]
    assert found.exact.tolist() == [True]


def test_without_a_pair_there_is_an_empty_answer():
    found = find_pairs(pixels((1, 0), (0, 1)), within=0.1)
    assert (found.numbers.shape, found.distances.shape, found.exact.shape) == ((0, 2), (0,), (0,))


# Outliers


@pytest.mark.parametrize(
    ("nearest", "wanted"),
    [
        # Directions (1, 0), (0.8, 0.6), (0, 1): 0.632 from the first to the second, 0.894 from there to the
        # third, 1.414 from the first to the third.
        (1, [1, 1, 0.8944 / 0.6325]),
        (10, [1, (0.6325 + 0.8944) / (0.6325 + 1.4142), (0.8944 + 1.4142) / (0.6325 + 1.4142)]),
    ],
)
def test_oddness_is_the_distance_to_the_nearest_over_the_median_of_the_class(
    nearest: int, wanted: list[float]
):
    images = pixels((10, 0), (80, 60), (0, 10), (7, 7))
    found = oddness(images, np.array([2, 2, 2, 5]), nearest)
    np.testing.assert_allclose(found, [*wanted, 1], atol=1e-3)


def test_a_class_of_copies_has_no_outlier():
    np.testing.assert_array_equal(oddness(pixels(*[(9, 9)] * 4), np.zeros(4, int)), 1)


# Labels


def test_labels_that_sure_networks_contradict_are_doubted_and_come_first():
    truth = np.repeat(np.arange(10, dtype=np.uint8), 60)
    labels, positions = flipped(truth, 20)
    rng = np.random.default_rng(1)
    probabilities = rng.dirichlet(np.full(10, 0.1), len(truth)) * 0.2 + 0.8 * np.eye(10)[truth]

    found = judge_labels(labels, probabilities)
    order = most_suspect(labels, found.scores, found.suggested)
    # How many are wrong is an estimate; which ones are is not.
    assert 10 <= found.doubted.sum() <= 20
    assert set(np.flatnonzero(found.doubted)) == set(order[: found.doubted.sum()])
    assert set(order) == set(positions)
    np.testing.assert_array_equal(found.suggested, truth)
    np.testing.assert_allclose(found.scores, probabilities[np.arange(600), labels], rtol=1e-6)


def test_the_most_suspect_are_those_named_otherwise_in_order_of_their_score():
    labels, suggested = np.array([0, 1, 2, 3]), np.array([5, 1, 6, 7])
    scores = np.array([0.2, 0.01, 0.1, 0.2])
    assert most_suspect(labels, scores, suggested).tolist() == [2, 0, 3]


def test_each_image_is_judged_by_a_network_that_has_not_seen_it(monkeypatch: pytest.MonkeyPatch):
    import fmnist_core.inference as inference
    import fmnist_core.training.train as training

    images = np.arange(100, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    asked: list[int] = []

    class Seen:
        def __init__(self, split) -> None:
            self.model = set(split.x_train[:, 0, 0].tolist())

    class Asked:
        def __init__(self, seen: set[int]) -> None:
            self.seen = seen

        def __call__(self, pictures: np.ndarray) -> np.ndarray:
            names = pictures[:, 0, 0].tolist()
            assert not self.seen & set(names)
            assert len(self.seen) + len(names) == 100
            asked.extend(names)
            return np.tile(np.float32(names)[:, None] / 255, 10)

    monkeypatch.setattr(training, "train", lambda config, split, callbacks: Seen(split))
    monkeypatch.setattr(inference, "Predictor", Asked)
    probabilities = cross_validate(images, np.zeros(100, np.uint8), folds=3, repeats=2)
    assert sorted(asked) == sorted(2 * list(range(100)))
    np.testing.assert_allclose(probabilities[:, 0], np.arange(100) / 255, rtol=1e-6)


def test_flipped_labels_of_drawn_garments_are_found_again(wardrobe_home: Settings):
    data = load_source(wardrobe_home, "wardrobe")
    images, labels = data.x_train[:2_000], data.y_train[:2_000]
    wrong, positions = flipped(labels, 40)
    told = []
    probabilities = cross_validate(
        images, wrong, config=SMALL, folds=2, repeats=1, progress=lambda share, words: told.append(share)
    )
    found = judge_labels(wrong, probabilities)
    first = most_suspect(wrong, found.scores, found.suggested)[:100]

    assert np.isin(positions, first).mean() >= 0.8
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] <= 1


# Training without them


def test_a_run_learns_without_the_images_that_it_leaves_out(
    new_home: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
):
    import fmnist_core.training.train as training

    learned = []
    train = training.train
    monkeypatch.setattr(
        training, "train", lambda config, split, *rest: learned.append(split) or train(config, split, *rest)
    )
    settings = new_home()
    store, data = RunStore(settings), load_source(settings, "wardrobe")
    config = SMALL.with_values(
        {"training.epochs": 1, "data.train_size": 300, "data.leave_out": [0, 7], "data.validation_size": 100}
    )
    run = store.create(config, source=data.source, fingerprint=data.fingerprint, name="Without two")
    execute(run.id, settings)

    assert store.get(run.id).state is RunState.FINISHED
    assert store.get(run.id).config.data.leave_out == (0, 7)
    kept = [number for number in range(302) if number not in (0, 7)]
    np.testing.assert_array_equal(learned[0].x_train, data.x_train[kept])
    np.testing.assert_array_equal(learned[0].x_validation, data.x_train[-100:])
