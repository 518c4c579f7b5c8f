"""Do probabilities mean what they say? Reliability, its error, and the temperature that mends it.

Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", 2017.
"""

from dataclasses import dataclass

import numpy as np

BINS = 15
_SMALLEST = 1e-12
_TEMPERATURES = (0.05, 20.0)


@dataclass(frozen=True)
class Reliability:
    """How often a network is right, by how sure it was.

    Attributes:
        edges: Bounds of the bins, float64 `(bins + 1,)`, 0 to 1.
        count: Answers in each bin, int64 `(bins,)`.
        confidence: Mean of the highest probability in each, float64 `(bins,)`; NaN where there is none.
        accuracy: Share of right answers in each, likewise.
        error: Expected calibration error in [0, 1]: the mean distance of the two, weighted by count.
    """

    edges: np.ndarray
    count: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray
    error: float


def reliability(y_true: np.ndarray, probabilities: np.ndarray, bins: int = BINS) -> Reliability:
    """Compares how sure a network was with how often it was right, in bins of equal width.

    Args:
        y_true: True classes, integers 0 to 9, `(n,)` with n at least 1.
        probabilities: Its answers, `(n, 10)`.
        bins: How many bins, 1 or more.
    """
    highest, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == y_true
    edges = np.linspace(0.0, 1.0, bins + 1)
    # A bin holds its upper bound, so that an answer of 1 has a place.
    bin_of = np.clip(np.searchsorted(edges, highest, side="left") - 1, 0, bins - 1)
    count = np.bincount(bin_of, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(bin_of, highest, minlength=bins) / count
        accuracy = np.bincount(bin_of, right, minlength=bins) / count
    error = float(np.nansum(np.abs(confidence - accuracy) * count) / len(y_true))
    return Reliability(edges, count, confidence, accuracy, error)


def bin_images(probabilities: np.ndarray, low: float, high: float) -> np.ndarray:
    """Positions of the answers whose highest probability is above `low` and at most `high`, least sure first.

    The first bin, with `low` 0, holds its lower bound as well.
    """
    highest = probabilities.max(axis=1)
    inside = np.flatnonzero((highest > low) & (highest <= high) | (low == 0) & (highest == 0))
    return inside[np.argsort(highest[inside], kind="stable")]


@dataclass(frozen=True)
class Kept:
    """What is left when unsure answers are held back.

    Attributes:
        thresholds: Least probability that an answer needs, float64 `(n,)`, ascending.
        share: Share of all answers that are kept, likewise, in [0, 1].
        accuracy: Share of the kept ones that are right; NaN where none is kept.
    """

    thresholds: np.ndarray
    share: np.ndarray
    accuracy: np.ndarray


def kept(y_true: np.ndarray, probabilities: np.ndarray, thresholds: np.ndarray) -> Kept:
    """Measures the answers that are at least as sure as each threshold.

    Args:
        y_true: True classes, integers 0 to 9, `(n,)` with n at least 1.
        probabilities: The answers, `(n, 10)`.
        thresholds: Ascending, `(m,)`.
    """
    highest = probabilities.max(axis=1)
    order = np.argsort(highest)
    right = (probabilities.argmax(axis=1) == y_true)[order]
    first = np.searchsorted(highest[order], thresholds, side="left")
    count = len(y_true) - first
    found = right.sum() - np.concatenate([[0], np.cumsum(right)])[first]
    with np.errstate(invalid="ignore"):
        return Kept(thresholds, count / len(y_true), found / count)


def fit_temperature(y_true: np.ndarray, probabilities: np.ndarray) -> float:
    """Finds the temperature, 0.05 to 20, that minimises the cross-entropy of the true classes.

    Args:
        y_true: True classes of images that the network has not learned from, `(n,)` with n at least 1.
        probabilities: Its answers to them, `(n, 10)`.
    """
    # Pages only apply a temperature: they do not wait for what finds one.
    from scipy.optimize import minimize_scalar

    logs = np.log(np.clip(probabilities, _SMALLEST, 1.0).astype(np.float64))
    rows = np.arange(len(y_true))

    def cross_entropy(log_temperature: float) -> float:
        scaled = logs * np.exp(-log_temperature)
        highest = scaled.max(axis=1)
        return float(
            np.mean(highest + np.log(np.exp(scaled - highest[:, None]).sum(axis=1)) - scaled[rows, y_true])
        )

    bounds = tuple(np.log(_TEMPERATURES))
    return float(np.exp(minimize_scalar(cross_entropy, bounds=bounds, method="bounded").x))


def calibrate(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Divides the logarithms by the temperature: above 1 the answers become less sure; their order stays.

    Args:
        probabilities: `(n, 10)`.
        temperature: Above 0; 1 changes nothing.

    Returns:
        Probabilities, float32 `(n, 10)`; each row sums to 1.
    """
    logs = np.log(np.clip(probabilities, _SMALLEST, 1.0).astype(np.float64)) / temperature
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
