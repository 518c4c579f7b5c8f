"""What is measured of a network, as tables in CSV for a spreadsheet or a notebook."""

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from fmnist_core.analysis.curves import Curve
from fmnist_core.analysis.evaluation import Evaluation, image_losses
from fmnist_core.data.dataset import CLASS_NAMES


def classes_csv(evaluation: Evaluation) -> str:
    """A row per class: class, precision, recall, f1, support."""
    columns = (evaluation.precision, evaluation.recall, evaluation.f1, evaluation.support)
    rows = zip(CLASS_NAMES, *(column.tolist() for column in columns), strict=True)
    return _csv(("class", "precision", "recall", "f1", "support"), rows)


def confusion_csv(confusion_matrix: np.ndarray) -> str:
    """The counts `(10, 10)`: a row per true class, a column per predicted class."""
    rows = ((name, *counts) for name, counts in zip(CLASS_NAMES, confusion_matrix.tolist(), strict=True))
    return _csv(("true \\ predicted", *CLASS_NAMES), rows)


def areas_csv(curves: Sequence[Curve]) -> str:
    """A row per class: class, average_precision, auc; NaN where one cannot be measured."""
    rows = (
        (name, curve.average_precision, curve.auc) for name, curve in zip(CLASS_NAMES, curves, strict=True)
    )
    return _csv(("class", "average_precision", "auc"), rows)


def answers_csv(y_true: np.ndarray, probabilities: np.ndarray) -> str:
    """A row per image: its position, true class, answer, the ten probabilities, and its loss in nats.

    Args:
        y_true: True classes, integers 0 to 9, `(n,)`.
        probabilities: The answers, `(n, 10)`; written with seven digits, all that a float32 has.
    """
    rows = (
        (position, CLASS_NAMES[label], CLASS_NAMES[answer], *(f"{part:.7g}" for part in row), f"{loss:.7g}")
        for position, (label, answer, row, loss) in enumerate(
            zip(
                y_true.tolist(),
                probabilities.argmax(axis=1).tolist(),
                probabilities.tolist(),
                image_losses(y_true, probabilities).tolist(),
                strict=True,
            )
        )
    )
    return _csv(("position", "true", "answer", *CLASS_NAMES, "loss"), rows)


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
