"""How good are the answers? Labels and probabilities in, metrics out."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

CLASSES = np.arange(10)


@dataclass(frozen=True)
class Average:
    """Precision, recall and F1 over all classes, each in [0, 1]."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Evaluation:
    """The metrics of one network on one set of images.

    Attributes:
        accuracy: Share of images whose most probable class is the true one.
        loss: Mean cross-entropy, in nats.
        top_2_accuracy: Share of images whose true class is among the two most probable.
        macro: Averages in which each class counts the same.
        weighted: Averages in which each class counts as often as it occurs.
        precision, recall, f1: One value per class, float64 `(10,)`; 0 where nothing was predicted.
        support: Images of each class, int64 `(10,)`.
        confusion_matrix: Counts, int64 `(10, 10)`; rows true, columns predicted.
    """

    accuracy: float
    loss: float
    top_2_accuracy: float
    macro: Average
    weighted: Average
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    support: np.ndarray
    confusion_matrix: np.ndarray


class Confusion(NamedTuple):
    """Images of one class that were taken for another: a cell beside the diagonal."""

    true_class: int
    predicted_class: int
    count: int


def evaluate(y_true: np.ndarray, probabilities: np.ndarray) -> Evaluation:
    """Measures the answers of a network.

    Args:
        y_true: True classes, integers 0 to 9, `(n,)` with n at least 1.
        probabilities: Probabilities of the ten classes, `(n, 10)`.
    """
    # It takes a second to import, and the first page shows none of these figures.
    from sklearn import metrics

    y_pred = probabilities.argmax(axis=1)

    def averages(average: str | None) -> tuple[np.ndarray, ...]:
        return metrics.precision_recall_fscore_support(
            y_true, y_pred, labels=CLASSES, average=average, zero_division=0.0
        )

    precision, recall, f1, support = averages(None)
    return Evaluation(
        accuracy=float((y_pred == y_true).mean()),
        loss=float(image_losses(y_true, probabilities).mean()),
        top_2_accuracy=float((ranks(y_true, probabilities) < 2).mean()),
        macro=Average(*map(float, averages("macro")[:3])),
        weighted=Average(*map(float, averages("weighted")[:3])),
        precision=precision,
        recall=recall,
        f1=f1,
        support=support,
        confusion_matrix=confusion_matrix(y_true, y_pred),
    )


def image_losses(y_true: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Cross-entropy of each image in nats, float64 `(n,)`, with probabilities kept above 1e-7."""
    chosen = probabilities[np.arange(len(y_true)), y_true].astype(np.float64)
    return -np.log(np.clip(chosen, 1e-7, 1.0))


def ranks(y_true: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """How many classes stand before the true one, int64 `(n,)`; ties go to the lower class number."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    return (order == y_true[:, np.newaxis]).argmax(axis=1)


def confusion_matrix(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    """How many images of each class were given each class, int64 `(10, 10)`; rows true, columns predicted."""
    cells = len(CLASSES) * y_true.astype(np.int64) + y_pred
    return np.bincount(cells, minlength=len(CLASSES) ** 2).reshape(len(CLASSES), len(CLASSES))


def misclassified(
    y_true: np.ndarray,
    probabilities: np.ndarray,
    true_class: int | None = None,
    predicted_class: int | None = None,
) -> np.ndarray:
    """Positions of the wrongly answered images, most confident first; int64 `(m,)`.

    Args:
        y_true: True classes `(n,)`.
        probabilities: Probabilities `(n, 10)`.
        true_class: Only images of this class, if given.
        predicted_class: Only images taken for this class, if given.
    """
    chosen = _of_classes(y_true, probabilities, true_class, predicted_class)
    return confident_first(probabilities, chosen & (probabilities.argmax(axis=1) != y_true))


def closest_calls(
    y_true: np.ndarray,
    probabilities: np.ndarray,
    true_class: int | None = None,
    predicted_class: int | None = None,
) -> np.ndarray:
    """Positions of the same images, first those whose true class was nearly chosen; int64 `(m,)`.

    They are in ascending order of the answer's probability less that of the true class.
    """
    positions = misclassified(y_true, probabilities, true_class, predicted_class)
    lead = probabilities[positions].max(axis=1) - probabilities[positions, y_true[positions]]
    return positions[np.argsort(lead, kind="stable")]


def hardest(
    y_true: np.ndarray,
    probabilities: np.ndarray,
    true_class: int | None = None,
    predicted_class: int | None = None,
) -> np.ndarray:
    """Positions of all images, right answers too, the largest loss first; int64 `(m,)`.

    Args:
        y_true, probabilities, true_class, predicted_class: As `misclassified` takes them.
    """
    positions = np.flatnonzero(_of_classes(y_true, probabilities, true_class, predicted_class))
    losses = image_losses(y_true[positions], probabilities[positions])
    return positions[np.argsort(-losses, kind="stable")]


def cell_images(
    y_true: np.ndarray, probabilities: np.ndarray, true_class: int, predicted_class: int
) -> np.ndarray:
    """Positions of the images in one cell of the confusion matrix, most confident first; int64 `(m,)`."""
    return confident_first(probabilities, _of_classes(y_true, probabilities, true_class, predicted_class))


def row_shares(confusion_matrix: np.ndarray) -> np.ndarray:
    """Each count as a share of its row, that is of the images of its true class.

    Args:
        confusion_matrix: Counts `(10, 10)`; rows true, columns predicted.

    Returns:
        Shares in [0, 1], float64 `(10, 10)`; a row without images has 0 everywhere.
    """
    support = confusion_matrix.sum(axis=1, keepdims=True)
    return confusion_matrix / np.maximum(support, 1)


def confusions(confusion_matrix: np.ndarray) -> list[Confusion]:
    """The mistakes that occur, most frequent first; equally frequent ones in the order of the classes.

    Args:
        confusion_matrix: Counts `(10, 10)`; rows true, columns predicted.
    """
    mistakes = confusion_matrix * ~np.eye(len(confusion_matrix), dtype=bool)
    order = np.argsort(-mistakes, axis=None, kind="stable")[: np.count_nonzero(mistakes)]
    return [
        Confusion(int(row), int(column), int(mistakes[row, column]))
        for row, column in zip(*np.unravel_index(order, mistakes.shape), strict=True)
    ]


def _of_classes(
    y_true: np.ndarray, probabilities: np.ndarray, true_class: int | None, predicted_class: int | None
) -> np.ndarray:
    chosen = np.ones(len(y_true), bool)
    for classes, wanted in ((y_true, true_class), (probabilities.argmax(axis=1), predicted_class)):
        if wanted is not None:
            chosen &= classes == wanted
    return chosen


def confident_first(probabilities: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Positions of the `chosen` images, booleans `(n,)`, most confident first by `(n, 10)`; int64 `(m,)`."""
    positions = np.flatnonzero(chosen)
    return positions[np.argsort(-probabilities[positions].max(axis=1), kind="stable")]
