"""Which classes are taken for one another?"""

from typing import NamedTuple

import numpy as np

from fmnist_core.analysis.evaluation import confident_first, row_shares


class Pair(NamedTuple):
    """Two classes, and how many images of each were taken for the other."""

    one: int
    other: int
    one_as_other: int
    other_as_one: int

    @property
    def count(self) -> int:
        """Mistakes both ways."""
        return self.one_as_other + self.other_as_one


def confused_pairs(confusion_matrix: np.ndarray) -> list[Pair]:
    """The pairs of classes that are confused at all, most often first; the lower class number is `one`.

    Args:
        confusion_matrix: Counts `(10, 10)`; rows true, columns predicted.
    """
    pairs = [
        Pair(int(one), int(other), int(confusion_matrix[one, other]), int(confusion_matrix[other, one]))
        for one, other in zip(*np.triu_indices(len(confusion_matrix), k=1), strict=True)
    ]
    return sorted((pair for pair in pairs if pair.count), key=lambda pair: -pair.count)


def pair_images(y_true: np.ndarray, probabilities: np.ndarray, one: int, other: int) -> np.ndarray:
    """Positions of the images of two classes that were taken for the other, most confident first; `(m,)`."""
    y_pred = probabilities.argmax(axis=1)
    mixed_up = (y_true == one) & (y_pred == other) | (y_true == other) & (y_pred == one)
    return confident_first(probabilities, mixed_up)


def similarity_order(confusion_matrix: np.ndarray) -> np.ndarray:
    """The classes in an order in which those that are confused stand together, int64 `(10,)`.

    They are clustered by how rarely they are taken for one another, on average (UPGMA), and the leaves of the
    tree put so that neighbours are as similar as can be: Bar-Joseph, Gifford and Jaakkola, "Fast optimal leaf
    ordering for hierarchical clustering", 2001. Of the order and its reverse it is the one whose first class
    has the lower number.

    Args:
        confusion_matrix: Counts `(10, 10)`; rows true, columns predicted.
    """
    # It takes a while to import, and the matrix is first shown as it is numbered.
    from scipy.cluster.hierarchy import leaves_list, linkage

    shares = row_shares(confusion_matrix)
    distances = 1 - (shares + shares.T) / 2
    condensed = distances[np.triu_indices(len(distances), k=1)]
    order = leaves_list(linkage(condensed, "average", optimal_ordering=True)).astype(np.int64)
    return order if order[0] < order[-1] else order[::-1]
