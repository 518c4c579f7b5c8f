"""Two networks, the same images: is one better, and on which images do they differ?"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fmnist_core.analysis.evaluation import confident_first
from fmnist_core.analysis.intervals import COVERAGE, RESAMPLES, Interval

SIGNIFICANT = 0.05
"""Below this p-value a difference counts as more than chance."""


class Paired(NamedTuple):
    """How often two networks are right on the same images.

    Attributes:
        images: How many there are.
        only_one: Images that only the first names rightly.
        only_other: Images that only the second names rightly.
        interval: Where the second's accuracy less the first's probably lies.
        p_value: How likely so uneven a split of those images is when both are equally good.
    """

    images: int
    only_one: int
    only_other: int
    interval: Interval
    p_value: float

    @property
    def difference(self) -> float:
        """Accuracy of the second less that of the first, in [-1, 1]."""
        return (self.only_other - self.only_one) / self.images


class SeedTest(NamedTuple):
    """Whether two configurations differ by more than their seeds do.

    Attributes:
        counts: How many seeds of each were measured.
        difference: Mean accuracy of the second less that of the first.
        deviation: Standard deviation over seeds, pooled, of the two.
        p_value: How likely so large a difference is when both are equally good.
    """

    counts: tuple[int, int]
    difference: float
    deviation: float
    p_value: float


def compare_answers(
    y_true: np.ndarray, one: np.ndarray, other: np.ndarray, seed: int = 0, resamples: int = RESAMPLES
) -> Paired:
    """Compares two networks by their answers to the same images.

    The p-value is of McNemar's test in its exact form: if both are equally good, which of the two is right
    where only one is, is the toss of a coin (McNemar, 1947; recommended for networks that were trained once
    by Dietterich, "Approximate statistical tests for comparing supervised classification learning
    algorithms", 1998). The interval is that of a bootstrap in which both answer the same drawn images; how
    often an image falls to neither, the one or the other is multinomial, so that those counts are drawn.

    Args:
        y_true: True classes, integers 0 to 9, `(n,)` with n at least 1.
        one, other: The answers of the two, probabilities `(n, 10)`.
        seed: Of the chance with which the samples are drawn.
        resamples: How many samples.
    """
    from scipy.stats import binomtest

    count = len(y_true)
    only_one, only_other = len(fixed_by(y_true, other, one)), len(fixed_by(y_true, one, other))
    apart = only_one + only_other
    cells = np.array([only_one, only_other, count - apart]) / count
    drawn = np.random.default_rng(seed).multinomial(count, cells, resamples)
    outside = (1 - COVERAGE) / 2
    bounds = np.quantile((drawn[:, 1] - drawn[:, 0]) / count, [outside, 1 - outside])
    p_value = float(binomtest(only_one, apart).pvalue) if apart else 1.0
    return Paired(count, only_one, only_other, Interval(*map(float, bounds)), p_value)


def fixed_by(y_true: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Positions of the images that `before` names wrongly and `after` rightly, int64 `(m,)`.

    First come those of whose wrong answer `before` was surest.

    Args:
        y_true: True classes `(n,)`.
        before, after: Probabilities `(n, 10)`.
    """
    wrong, right = before.argmax(axis=1) != y_true, after.argmax(axis=1) == y_true
    return confident_first(before, wrong & right)


def moved_into(
    y_true: np.ndarray, before: np.ndarray, after: np.ndarray, true_class: int, predicted_class: int
) -> np.ndarray:
    """Positions of images of `true_class` that `after` names `predicted_class` and `before` does not.

    Those are what makes the cell of `after`'s confusion matrix grow; with the two exchanged, what makes it
    shrink. Most confident first, int64 `(m,)`.
    """
    chosen = (y_true == true_class) & (after.argmax(axis=1) == predicted_class)
    return confident_first(after, chosen & (before.argmax(axis=1) != predicted_class))


def compare_seeds(one: Sequence[float], other: Sequence[float]) -> SeedTest | None:
    """Compares two configurations by their accuracies over seeds.

    With two seeds or more of both, the p-value is of Welch's t-test (1947). With a single run of one, it is
    of the t-test that asks whether that run could be one more seed of the other (Crawford and Howell,
    "Comparing an individual's test score against norms derived from small samples", 1998). Without any
    repeat there is nothing to say, and None is returned; likewise where no two seeds differ.
    """
    from scipy.stats import ttest_ind, ttest_ind_from_stats

    counts = len(one), len(other)
    # Of equal values the deviation may be rounded to something above 0.
    if min(counts) < 1 or max(len(set(one)), len(set(other))) < 2:
        return None
    squares = sum(float(((np.array(side) - np.mean(side)) ** 2).sum()) for side in (one, other))
    deviation = (squares / (sum(counts) - 2)) ** 0.5
    if min(counts) > 1:
        p_value = ttest_ind(other, one, equal_var=False).pvalue
    else:
        # The spread of one alone stands for that of both: the single run has none.
        spreads = [np.std(side, ddof=1) if len(side) > 1 else 0.0 for side in (one, other)]
        p_value = ttest_ind_from_stats(
            np.mean(one), spreads[0], counts[0], np.mean(other), spreads[1], counts[1]
        ).pvalue
    return SeedTest(counts, float(np.mean(other) - np.mean(one)), deviation, float(p_value))
