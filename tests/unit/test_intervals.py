"""Intervals: against a value worked by hand, and against the slow way of drawing samples."""

import math
from dataclasses import asdict

import numpy as np
import pytest

from fmnist_core.analysis.evaluation import evaluate, image_losses, ranks
from fmnist_core.analysis.intervals import Interval, bootstrap


def answers(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels, some classes rarer than others, and probabilities that are right more often than not."""
    chance = np.random.default_rng(seed)
    y_true = chance.choice(10, count, p=np.arange(1, 11) / 55).astype(np.uint8)
    probabilities = chance.dirichlet(np.full(10, 0.3), count) + 0.4 * np.eye(10)[y_true]
    return y_true, probabilities / probabilities.sum(axis=1, keepdims=True)


def test_the_interval_of_a_share_is_that_of_a_binomial():
    # 9,000 of 10,000 right: the standard error is √(0.9 · 0.1 / 10,000) = 0.003, and 1.96 of it hold 95%.
    y_true = np.zeros(10_000, np.uint8)
    probabilities = np.zeros((10_000, 10), np.float32)
    probabilities[:9_000, 0] = probabilities[9_000:, 1] = 1
    found = bootstrap(y_true, probabilities, seed=0)
    for share in (found.accuracy, found.weighted.recall):
        assert share == pytest.approx((0.9 - 1.96 * 0.003, 0.9 + 1.96 * 0.003), abs=6e-4)
    # The true class is always first or second, as the lower number wins a tie.
    assert found.top_2_accuracy == (1, 1)
    # Only the one class is there, and whatever was taken for it is of it.
    assert found.macro.precision == (0.1, 0.1)
    # A mistake costs -ln 1e-7, all else nothing: the loss is the share of mistakes, scaled.
    cost = -math.log(1e-7)
    assert found.loss == pytest.approx((cost * (0.1 - 1.96 * 0.003), cost * (0.1 + 1.96 * 0.003)), abs=0.01)


def slow_bootstrap(y_true: np.ndarray, probabilities: np.ndarray, resamples: int) -> dict[str, Interval]:
    """Draws images, not cells, and measures each sample by loops."""
    chance = np.random.default_rng(99)
    y_pred, losses = probabilities.argmax(axis=1), image_losses(y_true, probabilities)
    in_two = ranks(y_true, probabilities) < 2
    rows = []
    for _ in range(resamples):
        drawn = chance.integers(0, len(y_true), len(y_true))
        truth, answer = y_true[drawn], y_pred[drawn]
        by_class = []
        for label in range(10):
            hits = np.sum((truth == label) & (answer == label))
            predicted, support = np.sum(answer == label), np.sum(truth == label)
            precision, recall = hits / predicted if predicted else 0, hits / support if support else 0
            f1 = 2 * precision * recall / (precision + recall) if hits else 0
            by_class.append((precision, recall, f1, support))
        table = np.array(by_class)
        macro = table[:, :3].mean(axis=0)
        weighted = np.average(table[:, :3], axis=0, weights=table[:, 3])
        rows.append([np.mean(truth == answer), losses[drawn].mean(), in_two[drawn].mean(), *macro, *weighted])
    bounds = np.quantile(rows, [0.025, 0.975], axis=0)
    measures = ("precision", "recall", "f1")
    names = ("accuracy", "loss", "top_2_accuracy", *(f"{kind}.{m}" for kind in "mw" for m in measures))
    return {name: Interval(*bounds[:, at]) for at, name in enumerate(names)}


@pytest.mark.parametrize("count", [60, 500])
def test_cells_drawn_at_once_are_as_good_as_images_drawn_one_by_one(count: int):
    y_true, probabilities = answers(count)
    found = bootstrap(y_true, probabilities, seed=1, resamples=4000)
    slow = slow_bootstrap(y_true, probabilities, resamples=1500)
    fast = {name: getattr(found, name) for name in ("accuracy", "loss", "top_2_accuracy")}
    for kind, average in (("m", found.macro), ("w", found.weighted)):
        fast |= {f"{kind}.{name}": Interval(*bounds) for name, bounds in asdict(average).items()}
    assert fast.keys() == slow.keys()
    for name, bounds in slow.items():
        # The bounds of both are themselves drawn: about a fortieth of the width either way.
        assert fast[name] == pytest.approx(bounds, abs=0.12 * (bounds.high - bounds.low)), name


def test_the_figures_lie_in_their_intervals():
    y_true, probabilities = answers(400)
    measured, found = evaluate(y_true, probabilities), bootstrap(y_true, probabilities, seed=0)
    for of, at in ((measured, found), (measured.macro, found.macro), (measured.weighted, found.weighted)):
        for name, bounds in vars(at).items():
            if isinstance(bounds, Interval):
                assert bounds.low < getattr(of, name) < bounds.high, name


def test_the_same_seed_gives_the_same_intervals():
    y_true, probabilities = answers(50)
    assert bootstrap(y_true, probabilities, seed=7) == bootstrap(y_true, probabilities, seed=7)
    assert bootstrap(y_true, probabilities, seed=7) != bootstrap(y_true, probabilities, seed=8)


def test_one_image_has_no_width():
    found = bootstrap(np.array([3]), np.eye(10)[[3]], seed=0, resamples=5)
    assert (found.accuracy, found.top_2_accuracy, found.loss) == ((1, 1), (1, 1), (0, 0))
