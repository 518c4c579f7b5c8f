"""What may be wrong with a data set: suspect labels, images that are there twice, images unlike their class.

Images have one number each here: the training images from 0, the test images after them.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fmnist_core.analysis.vectors import unit_rows
from fmnist_core.data.dataset import Dataset, load_exactly
from fmnist_core.progress import Progress
from fmnist_core.settings import Settings

NEAREST = 10
"""An outlier is told by so many images nearest to it."""

COMPONENTS = 64
"""Principal components by which pairs are looked for first."""

WITHIN = 0.12
"""Pairs that are further apart are not looked for: beyond, different garments are as alike."""

MOST_PAIRS = 5_000
"""Of more pairs, so many are kept: the most alike."""

_BLOCK = 500


class Suspects(NamedTuple):
    """How far each label is to be believed.

    Attributes:
        scores: What networks that have not seen the image give its label, float32 `(n,)`, 0 to 1.
        suggested: The class that they find most probable, uint8 `(n,)`.
        doubted: Whether confident learning counts the label as wrong, bool `(n,)`.
    """

    scores: np.ndarray
    suggested: np.ndarray
    doubted: np.ndarray


def judge_labels(labels: np.ndarray, probabilities: np.ndarray) -> Suspects:
    """Doubts labels by confident learning (Northcutt, Jiang and Chuang, 2021), as cleanlab does it.

    It estimates how many labels are wrong; doubted are as many, those with the lowest scores. Of its ways to
    choose them, this one missed the fewest of the labels that `benchmarks/quality.py` flips.

    Args:
        labels: Classes as given, integers 0 to 9, `(n,)`.
        probabilities: Answers of networks that have not learned from the image, `(n, 10)`.
    """
    # It takes seconds to import.
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    given = labels.astype(np.int64)
    scores = get_label_quality_scores(given, probabilities, method="self_confidence")
    doubted = find_label_issues(given, probabilities, filter_by="low_self_confidence", n_jobs=1)
    suggested = probabilities.argmax(axis=1).astype(np.uint8)
    return Suspects(scores.astype(np.float32), suggested, doubted & (suggested != labels))


def most_suspect(labels: np.ndarray, scores: np.ndarray, suggested: np.ndarray) -> np.ndarray:
    """Numbers of the images that networks would name otherwise, most suspect first, int64 `(m,)`."""
    order = np.argsort(scores, kind="stable")
    return order[suggested[order] != labels[order]]


class Pairs(NamedTuple):
    """Images that are nearly the same, the most alike first.

    Attributes:
        numbers: Of both images, the lower one first, int64 `(m, 2)`.
        distances: float32 `(m,)`, as `directions` measures them.
        exact: Whether every pixel is the same, bool `(m,)`.
    """

    numbers: np.ndarray
    distances: np.ndarray
    exact: np.ndarray


def find_pairs(
    images: np.ndarray, within: float, progress: Callable[[float], None] = lambda share: None
) -> Pairs:
    """Finds the pairs of images that are at most `within` apart; of many, the most alike.

    Two images are never nearer to each other than their principal components are. So these, few as they
    are, leave no pair out, and only what they leave is compared by its pixels.

    Args:
        images: Pixels, uint8 `(n, h, w)`.
        within: The largest distance, as `directions` measures it.
        progress: Told how much is done, 0 to 1.
    """
    rows = unit_rows(images)
    centred = rows - rows.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    short = centred @ axes[:, -COMPONENTS:]
    lengths = (short**2).sum(axis=1)
    numbers, distances = [np.empty((0, 2), np.int64)], [np.empty(0, np.float32)]
    for first in range(0, len(rows), _BLOCK):
        progress(first / len(rows))
        block = slice(first, first + _BLOCK)
        squares = lengths[block, None] + lengths[None, first:] - 2 * short[block] @ short[first:].T
        # Room for what float32 rounds off.
        near = np.argwhere(squares <= within**2 + 1e-4) + first
        near = near[near[:, 0] < near[:, 1]]
        apart = np.linalg.norm(rows[near[:, 0]] - rows[near[:, 1]], axis=1)
        numbers.append(near[apart <= within])
        distances.append(apart[apart <= within])
    numbers, distances = np.concatenate(numbers), np.concatenate(distances)
    order = np.argsort(distances, kind="stable")[:MOST_PAIRS]
    one, other = images[numbers[order, 0]], images[numbers[order, 1]]
    return Pairs(numbers[order], distances[order], (one == other).all(axis=(1, 2)))


def oddness(images: np.ndarray, labels: np.ndarray, nearest: int = NEAREST) -> np.ndarray:
    """Each image's distance from its class, relative to the class's median: 2 is twice the median.

    That is the mean distance to the `nearest` images most like it in its class, over the class's median.

    Args:
        images: Pixels, uint8 `(n, h, w)`.
        labels: Classes, integers `(n,)`.
        nearest: How many; fewer where the class has fewer others.

    Returns:
        float32 `(n,)`; 1 in a class of one image, or of copies of one.
    """
    rows, found = unit_rows(images), np.ones(len(images), np.float32)
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        if len(own) == 1:
            continue
        apart = _mean_distances(rows[own], min(nearest, len(own) - 1))
        if median := np.median(apart):
            found[own] = apart / median
    return found


def _mean_distances(rows: np.ndarray, nearest: int) -> np.ndarray:
    apart = np.empty(len(rows), np.float32)
    for first in range(0, len(rows), _BLOCK):
        squares = 2 - 2 * rows[first : first + _BLOCK] @ rows.T
        itself = np.arange(len(squares))
        squares[itself, first + itself] = np.inf
        closest = np.partition(squares, nearest - 1, axis=1)[:, :nearest]
        apart[first : first + _BLOCK] = np.sqrt(np.maximum(closest, 0)).mean(axis=1)
    return apart


def compare_images(
    settings: Settings,
    progress: Progress,
    *,
    source: str,
    fingerprint: str,
) -> dict[str, np.ndarray]:
    """Job: the pairs of a data set that are nearly the same, and how far each image is from its class.

    Returns:
        `numbers`, `distances` and `exact` as in `Pairs`, and `oddness`.

    Raises:
        DataError: when the data set is not there any more.
    """
    images, labels = all_images(load_exactly(settings, source, fingerprint))
    progress(0.0, "Comparing each image with its class …")
    odd = oddness(images, labels)
    pairs = find_pairs(images, WITHIN, lambda share: progress(share, "Comparing all images …"))
    return pairs._asdict() | {"oddness": odd}


def all_images(data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Training images and then test images, with their labels."""
    return np.concatenate([data.x_train, data.x_test]), np.concatenate([data.y_train, data.y_test])
