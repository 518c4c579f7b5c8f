"""Two networks on the same images: values worked by hand, and against SciPy's other way to them."""

import numpy as np
import pytest
from scipy import stats

from fmnist_core.analysis.paired import compare_answers, compare_seeds, fixed_by, moved_into


def answers(*classes: int, sure: float | list[float] = 0.9) -> np.ndarray:
    """Probabilities that name `classes`, as sure as said."""
    surely = np.broadcast_to(sure, len(classes))[:, np.newaxis]
    return np.where(np.eye(10)[list(classes)] == 1, surely, (1 - surely) / 9)


def both(only_one: int, only_other: int, neither: int = 5, agreed: int = 20) -> tuple[np.ndarray, ...]:
    """Labels, all of class 0, and the answers of two networks that are right so often."""
    one = [0] * (only_one + agreed) + [1] * (only_other + neither)
    other = [1] * only_one + [0] * (agreed + only_other) + [1] * neither
    return np.zeros(len(one), int), answers(*one), answers(*other)


def test_mcnemar_is_the_toss_of_a_coin():
    # Ten images on which one alone is right, nine of them the other's: 2 (1 + 10) / 2¹⁰.
    found = compare_answers(*both(1, 9))
    assert (found.images, found.only_one, found.only_other) == (35, 1, 9)
    assert found.difference == pytest.approx(8 / 35)
    assert found.p_value == pytest.approx(22 / 1024)


@pytest.mark.parametrize(("only_one", "only_other", "p_value"), [(0, 0, 1.0), (4, 4, 1.0), (0, 5, 2 / 32)])
def test_mcnemar_at_its_edges(only_one: int, only_other: int, p_value: float):
    found = compare_answers(*both(only_one, only_other))
    assert found.p_value == pytest.approx(p_value)
    assert found.interval.low <= found.difference <= found.interval.high


def test_the_interval_is_that_of_images_drawn_in_pairs():
    y_true, one, other = both(120, 180, neither=300, agreed=1400)
    found = compare_answers(y_true, one, other, resamples=4000)
    # By the normal approximation: the differences are −1, 0 and 1, with this standard error.
    error = np.std(np.repeat([-1, 1, 0], [120, 180, 1700])) / 2000**0.5
    assert found.interval == pytest.approx((0.03 - 1.96 * error, 0.03 + 1.96 * error), abs=1.5e-3)
    slow = stats.bootstrap(
        (one.argmax(axis=1) == y_true, other.argmax(axis=1) == y_true),
        lambda a, b, axis: b.mean(axis=axis) - a.mean(axis=axis),
        paired=True,
        method="percentile",
        n_resamples=2000,
        vectorized=True,
        rng=np.random.default_rng(5),
    ).confidence_interval
    assert found.interval == pytest.approx((slow.low, slow.high), abs=2e-3)


def test_the_two_ways_round_are_each_other_s_mirror():
    y_true, one, other = both(3, 11)
    there, back = compare_answers(y_true, one, other), compare_answers(y_true, other, one)
    assert (there.difference, there.p_value) == (-back.difference, back.p_value)


def test_what_is_fixed_comes_with_the_surest_mistake_first():
    y_true = np.array([0, 1, 2, 3, 4])
    before = answers(9, 1, 9, 9, 9, sure=[0.5, 0.9, 0.8, 0.6, 0.7])
    after = answers(0, 1, 2, 9, 4)
    assert fixed_by(y_true, before, after).tolist() == [2, 4, 0]
    assert fixed_by(y_true, after, before).tolist() == []


def test_what_moved_into_a_cell_is_what_makes_it_grow():
    y_true = np.array([6, 6, 6, 6, 2])
    before, after = answers(6, 0, 0, 6, 0), answers(0, 0, 6, 0, 0, sure=[0.6, 0.9, 0.9, 0.8, 0.9])
    assert moved_into(y_true, before, after, 6, 0).tolist() == [3, 0]
    assert moved_into(y_true, after, before, 6, 0).tolist() == [2]


def test_seeds_of_both_are_compared_by_welch():
    # Means 2 and 6, variances 1 and 4, three each: t = 4 / √(1/3 + 4/3) with 25/17 · 2 degrees of freedom.
    found = compare_seeds([1, 2, 3], [4, 6, 8])
    assert (found.counts, found.difference) == ((3, 3), 4)
    assert found.deviation == pytest.approx(2.5**0.5)
    expected = 2 * stats.t.sf(4 / (5 / 3) ** 0.5, (5 / 3) ** 2 / ((1 / 3) ** 2 / 2 + (4 / 3) ** 2 / 2))
    assert found.p_value == pytest.approx(expected)


@pytest.mark.parametrize("swapped", [False, True])
def test_a_single_run_is_held_against_the_seeds_of_the_other(swapped: bool):
    # Crawford and Howell: t = (x − mean) / (s √((n + 1) / n)) with n − 1 degrees of freedom.
    sides = ([1.0, 2.0, 3.0], [5.0])
    found = compare_seeds(*(sides[::-1] if swapped else sides))
    assert found.difference == (-3 if swapped else 3)
    assert found.deviation == 1
    assert found.p_value == pytest.approx(2 * stats.t.sf(3 / (4 / 3) ** 0.5, 2))


# Three times 0.1 have a mean of 0.10000000000000002: rounding alone would be their spread.
@pytest.mark.parametrize(
    ("one", "other"), [([], [1, 2]), ([1], [2]), ([], []), ([1, 1], [1, 1]), ([0.1] * 3, [0.2])]
)
def test_without_a_spread_nothing_is_said_of_seeds(one: list[float], other: list[float]):
    assert compare_seeds(one, other) is None
