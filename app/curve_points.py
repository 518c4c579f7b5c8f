"""The points that curves of a run's metrics are drawn through."""

import numpy as np
import pandas as pd

MOST_POINTS = 800
"""A curve of more points shows every second, fourth, … one: no screen is wider, and it is sent anew often."""

DIGITS = 5
"""Decimals of a point's coordinates: more than a screen shows."""


def curve(steps: pd.DataFrame, epochs: pd.DataFrame, metric: str) -> dict[str, list[list[float]]]:
    """How a metric went: `[epoch, value]` for each report on the training and for each validation.

    Args:
        steps: Metrics of kind `step`, as `RunStore.metrics` gives them.
        epochs: Metrics of kind `epoch`.
        metric: A column, as `loss`; where there is no `val_loss` to it, nothing is drawn for the validation.
    """
    return {
        "training": _pairs(thinned(after_start(steps)), metric),
        "validation": _pairs(thinned(epochs), f"val_{metric}"),
    }


def _pairs(rows: pd.DataFrame, column: str) -> list[list[float]]:
    if column not in rows:
        return []
    values = np.column_stack([rows["epoch"], rows[column]]).astype(float)
    return values[np.isfinite(values).all(axis=1)].round(DIGITS).tolist()


def after_start(rows: pd.DataFrame) -> pd.DataFrame:
    """Reports without that of the very first step, once there is a line without it.

    A network that has learned nothing is so far off that all others would lie close together.
    """
    return rows[rows["step"] > 1] if len(rows) > 2 else rows


def thinned(rows: pd.DataFrame, most: int = MOST_POINTS) -> pd.DataFrame:
    """At most so many rows and the last one: every 2ⁿ-th, so that those that are shown stay the same while
    rows are added."""
    every = 1
    while len(rows) > every * most:
        every *= 2
    last = len(rows) - 1
    return rows.iloc[[*range(0, last, every), last]] if len(rows) else rows
