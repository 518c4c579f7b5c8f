"""How a run learns: its metrics over the epochs, as Altair charts."""

from typing import Any

import altair as alt
import pandas as pd

CURVE_HEIGHT = 260

MOST_POINTS = 800
"""A curve of more points shows every second, fourth, … one: no screen is wider, and it is sent anew often."""


def learning_curve(metric: str, last_epoch: int) -> alt.LayerChart:
    """One metric over the epochs: training as a line through every report, validation epoch by epoch.

    Its points are a data set called `curves`, the `curve_points` of a run. Under a name that stays, new ones
    reach the chart that is on the screen; else it would be drawn anew.

    Args:
        metric: `loss` or `accuracy`.
        last_epoch: Where the axis ends.
    """
    percent = metric == "accuracy"
    base = alt.Chart(alt.NamedData("curves")).encode(
        x=alt.X("epoch:Q", title="epoch", scale=alt.Scale(domain=[0, last_epoch])),
        y=alt.Y(
            "value:Q",
            title=metric,
            scale=alt.Scale(zero=False, nice=True),
            axis=alt.Axis(format="%" if percent else ".2f"),
        ),
        color=alt.Color(
            "curve:N",
            scale=alt.Scale(domain=["training", "validation"]),
            legend=alt.Legend(title=None, orient="top", direction="horizontal"),
        ),
        tooltip=[
            alt.Tooltip("curve:N"),
            alt.Tooltip("epoch:Q", format=".2f"),
            alt.Tooltip("value:Q", title=metric, format=".2%" if percent else ".4f"),
        ],
    )
    points = base.mark_circle(size=45).encode(
        opacity=alt.condition("datum.dot", alt.value(1.0), alt.value(0.0))
    )
    return (base.mark_line(strokeWidth=2) + points).properties(height=CURVE_HEIGHT)


def curve_points(steps: pd.DataFrame, epochs: pd.DataFrame, metric: str) -> list[dict[str, Any]]:
    """The points of a `learning_curve`: epoch, value, curve, and whether a dot is drawn there.

    Args:
        steps: Metrics of kind `step`, as `RunStore.metrics` gives them.
        epochs: Metrics of kind `epoch`.
        metric: `loss` or `accuracy`.
    """
    validation = epochs.assign(value=epochs[f"val_{metric}"]).dropna(subset="value")
    frame = pd.concat(
        [
            # The first report is not a line yet.
            thinned(after_start(steps)).assign(
                value=lambda rows: rows[metric], curve="training", dot=len(steps) == 1
            ),
            validation.assign(curve="validation", dot=True),
        ]
    )
    return frame[["epoch", "value", "curve", "dot"]].to_dict("records")


def after_start(rows: pd.DataFrame) -> pd.DataFrame:
    """Reports without that of the very first step, once there is a line without it.

    A network that has learned nothing is so far off that all others would lie close together.
    """
    return rows[rows["step"] > 1] if len(rows) > 2 else rows


def thinned(rows: pd.DataFrame) -> pd.DataFrame:
    """Every 2ⁿ-th row, so that those that are shown stay the same while rows are added, and the last one."""
    every = 1
    while len(rows) > every * MOST_POINTS:
        every *= 2
    return pd.concat([rows.iloc[: len(rows) - 1 : every], rows.tail(1)])
