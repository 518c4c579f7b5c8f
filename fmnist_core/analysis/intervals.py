"""How far may a figure be off, measured on other images of the same kind? Percentile bootstrap.

Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section 13.3.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fmnist_core.analysis.evaluation import confusion_matrix, image_losses, ranks

RESAMPLES = 1000
COVERAGE = 0.95
_AT_ONCE = 100
"""Resamples of the losses that are drawn together: 10,000 images then need 8 MB."""


class Interval(NamedTuple):
    """Where a figure probably lies."""

    low: float
    high: float


@dataclass(frozen=True)
class AverageIntervals:
    """Intervals of precision, recall and F1 over all classes."""

    precision: Interval
    recall: Interval
    f1: Interval


@dataclass(frozen=True)
class Intervals:
    """An interval for each headline figure of an `Evaluation`, under the same names."""

    accuracy: Interval
    loss: Interval
    top_2_accuracy: Interval
    macro: AverageIntervals
    weighted: AverageIntervals


def bootstrap(
    y_true: np.ndarray, probabilities: np.ndarray, seed: int, resamples: int = RESAMPLES
) -> Intervals:
    """Measures the headline figures on many samples of the images, drawn with replacement.

    How many images fall into each cell of the confusion matrix is multinomial, so that those counts are drawn
    themselves; likewise how many have their true class among the two most probable.

    Args:
        y_true: True classes, integers 0 to 9, `(n,)` with n at least 1.
        probabilities: The answers, `(n, 10)`.
        seed: Of the chance with which the samples are drawn.
        resamples: How many samples, 1 or more.

    Returns:
        For each figure the bounds that leave out 2.5% of the samples on either side.
    """
    chance, count = np.random.default_rng(seed), len(y_true)
    cells = confusion_matrix(y_true, probabilities.argmax(axis=1)) / count
    matrices = chance.multinomial(count, cells.ravel(), resamples).reshape(-1, *cells.shape)
    hits = np.diagonal(matrices, axis1=1, axis2=2)
    support, predicted = matrices.sum(axis=2), matrices.sum(axis=1)
    # A class that is missing on either side has 0 there, as in `evaluate`.
    measures = (
        hits / np.maximum(predicted, 1),
        hits / np.maximum(support, 1),
        2 * hits / np.maximum(predicted + support, 1),
    )
    in_two = np.count_nonzero(ranks(y_true, probabilities) < 2) / count
    return Intervals(
        accuracy=_interval(hits.sum(axis=1) / count),
        loss=_interval(_mean_losses(image_losses(y_true, probabilities), chance, resamples)),
        top_2_accuracy=_interval(chance.binomial(count, in_two, resamples) / count),
        macro=AverageIntervals(*(_interval(measure.mean(axis=1)) for measure in measures)),
        weighted=AverageIntervals(
            *(_interval((measure * support).sum(axis=1) / count) for measure in measures)
        ),
    )


def _mean_losses(losses: np.ndarray, chance: np.random.Generator, resamples: int) -> np.ndarray:
    """Mean loss of each sample, float64 `(resamples,)`."""
    losses = losses.astype(np.float32)
    means = []
    for first in range(0, resamples, _AT_ONCE):
        drawn = (min(_AT_ONCE, resamples - first), len(losses))
        picked = losses[chance.integers(0, len(losses), drawn, dtype=np.int32)]
        means.append(picked.mean(axis=1, dtype=np.float64))
    return np.concatenate(means)


def _interval(values: np.ndarray) -> Interval:
    outside = (1 - COVERAGE) / 2
    return Interval(*map(float, np.quantile(values, [outside, 1 - outside])))
