"""One class against the rest at every threshold: precision-recall and ROC curves, their areas, and the images
that a threshold gets wrong.

Davis and Goadrich, "The Relationship Between Precision-Recall and ROC Curves", 2006. As in scikit-learn, the
average precision is a sum over steps, without interpolation.
"""

from dataclasses import dataclass

import numpy as np

POINTS = 200
"""A line on the screen needs no more."""


@dataclass(frozen=True)
class Curve:
    """How well one probability tells one class from the rest, at every threshold that makes a difference.

    Attributes:
        thresholds: Least probability with which an image counts as found, float64 `(m,)`, descending; the
            first is infinite, so that nothing is found.
        precision: Of the found images, the share that is of the class, in [0, 1]; 1 where nothing is found.
        recall: Of the class, the share that is found; NaN where the class has no image.
        false_positive_rate: Of the rest, the share that is found; NaN where there is no rest.
        average_precision: Area below precision over recall, in [0, 1], or NaN.
        auc: Area below recall over the false positive rate, in [0, 1], or NaN.
    """

    thresholds: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    false_positive_rate: np.ndarray
    average_precision: float
    auc: float

    def at(self, threshold: float) -> int:
        """Position of the point that `threshold` leads to."""
        return int(np.searchsorted(-self.thresholds, -threshold, side="right")) - 1


def class_curve(is_class: np.ndarray, scores: np.ndarray) -> Curve:
    """Measures one class against the rest.

    Args:
        is_class: Whether each image is of the class, bool `(n,)` with n at least 1.
        scores: The probability of the class that each was given, `(n,)`.
    """
    order = np.argsort(-scores, kind="stable")
    scores, is_class = scores[order].astype(np.float64), is_class[order]
    # Images of the same score are found together.
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    found = np.concatenate([[0], np.cumsum(is_class)[last]])
    false = np.concatenate([[0], np.cumsum(~is_class)[last]])
    with np.errstate(invalid="ignore"):
        recall, false_positive_rate = found / is_class.sum(), false / (~is_class).sum()
    precision = np.divide(found, found + false, out=np.ones(len(found)), where=found + false > 0)
    return Curve(
        thresholds=np.concatenate([[np.inf], scores[last]]),
        precision=precision,
        recall=recall,
        false_positive_rate=false_positive_rate,
        average_precision=float(np.sum(np.diff(recall) * precision[1:])),
        auc=float(np.sum(np.diff(false_positive_rate) * (recall[1:] + recall[:-1]) / 2)),
    )


def class_curves(y_true: np.ndarray, probabilities: np.ndarray) -> list[Curve]:
    """Measures each of the ten classes against the rest.

    Args:
        y_true: True classes, integers 0 to 9, `(n,)` with n at least 1.
        probabilities: The answers, `(n, 10)`.
    """
    return [class_curve(y_true == label, column) for label, column in enumerate(probabilities.T)]


def thinned(curve: Curve, points: int = POINTS) -> Curve:
    """The same curve through at most `points` of its points, both ends among them; the areas stay.

    They are spread evenly along its length, so that corners keep their shape.
    """
    steps = np.abs(np.diff([curve.precision, curve.recall, curve.false_positive_rate])).sum(axis=0)
    length = np.concatenate([[0.0], np.cumsum(np.nan_to_num(steps))])
    wanted = np.linspace(0.0, length[-1], points - 1)
    kept = np.unique([*np.searchsorted(length, wanted), len(length) - 1])
    return Curve(
        curve.thresholds[kept],
        curve.precision[kept],
        curve.recall[kept],
        curve.false_positive_rate[kept],
        curve.average_precision,
        curve.auc,
    )


def false_alarms(y_true: np.ndarray, scores: np.ndarray, label: int, threshold: float) -> np.ndarray:
    """Positions of the images that reach the threshold but are of another class, the surest first.

    Args:
        y_true: True classes `(n,)`.
        scores: The probability of the class `label` that each image was given, `(n,)`.
        label: The class.
        threshold: Least probability with which an image counts as found.
    """
    positions = np.flatnonzero((scores.astype(np.float64) >= threshold) & (y_true != label))
    return positions[np.argsort(-scores[positions], kind="stable")]


def missed(y_true: np.ndarray, scores: np.ndarray, label: int, threshold: float) -> np.ndarray:
    """Positions of the images of the class that stay below the threshold, the least sure first."""
    positions = np.flatnonzero((scores.astype(np.float64) < threshold) & (y_true == label))
    return positions[np.argsort(scores[positions], kind="stable")]
