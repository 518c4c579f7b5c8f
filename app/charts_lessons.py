"""Curves of the experiments of a lesson in one chart."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from app.charts import MARKS
from app.curve_points import after_start

HEIGHT = 380
"""Of the curves with their legend, in pixels."""

LEGEND_COLUMNS = 2
"""More labels of experiments beside each other would not fit a telephone."""

FEW_EPOCHS = 10
"""A run of fewer epochs is drawn report by report."""


def points(curves: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]], metric: str) -> list[dict[str, Any]]:
    """The points of `overlaid`: epoch, value, run, and of which images.

    Args:
        curves: By label, each run's metrics of kind `step` (of kind `epoch` for a run of many epochs), and
            those of kind `epoch`.
        metric: `loss` or `accuracy`.
    """
    frames = []
    for label, (training, epochs) in curves.items():
        training = after_start(training)
        frames += [
            training.assign(value=training[metric], run=label, images="training"),
            epochs.assign(value=epochs[f"val_{metric}"], run=label, images="held back"),
        ]
    return pd.concat(frames)[["epoch", "value", "run", "images"]].dropna().to_dict("records")


def overlaid(labels: Sequence[str], metric: str, last_epoch: int) -> alt.Chart:
    """One metric of several runs over the epochs: dashed for training images, solid for those held back.

    Args:
        labels: What the runs are called.
        metric: `loss` or `accuracy`.
        last_epoch: Where the axis ends.
    """
    percent = metric == "accuracy"
    legend = (
        alt.Legend(title=None, orient="top", direction="horizontal", columns=LEGEND_COLUMNS)
        if len(labels) > 1
        else None
    )
    # So many that they touch would hide which line is dashed.
    size = 36 if last_epoch <= FEW_EPOCHS else 22
    # Under a name that stays, new rows reach the chart that is on the screen; else it is drawn anew.
    return (
        alt.Chart(alt.NamedData("curves"))
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=size))
        .encode(
            x=alt.X(
                "epoch:Q",
                title="epoch",
                scale=alt.Scale(domain=[0, last_epoch]),
                axis=alt.Axis(tickMinStep=1, format="d"),
            ),
            y=alt.Y(
                "value:Q",
                title=metric,
                scale=alt.Scale(zero=False, nice=True),
                axis=alt.Axis(format="%" if percent else ".2f"),
            ),
            color=alt.Color("run:N", scale=alt.Scale(domain=list(labels)), legend=legend),
            shape=alt.Shape("run:N", scale=alt.Scale(domain=list(labels), range=list(MARKS)), legend=legend),
            # The legend of dashes stays empty in the browser: the page says what they are.
            strokeDash=alt.StrokeDash(
                "images:N",
                scale=alt.Scale(domain=["held back", "training"], range=[[1, 0], [5, 4]]),
                legend=None,
            ),
            tooltip=[
                "run:N",
                "images:N",
                alt.Tooltip("epoch:Q", format=".1f"),
                alt.Tooltip("value:Q", title=metric, format=".1%" if percent else ".3f"),
            ],
        )
        .properties(height=HEIGHT)
    )
