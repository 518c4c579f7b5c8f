"""Curves of several runs in one chart, and what was published beside what was measured."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from app.charts import FIGURES
from fmnist_core.analysis.published import SCALE, Measurement
from fmnist_core.quiz import HUMAN_ACCURACY

LEGEND_COLUMNS = 2
"""As many names as fit beside each other where the chart is narrow."""

FEW_EPOCHS = 10
"""A run of fewer epochs is drawn report by report."""

CLAIM, RUN, MEAN, SHIPPED = "published claim", "a run here", "mean here", "came with the studio"


def overlaid(
    curves: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]], metric: str, last_epoch: int
) -> alt.Chart:
    """One metric of several runs over the epochs: dashed for training images, solid for those held back.

    Args:
        curves: Metrics of kind `step` and `epoch` of each run, by its label.
        metric: `loss` or `accuracy`.
        last_epoch: Where the axis ends.
    """
    frames = []
    for label, (steps, epochs) in curves.items():
        training = steps if last_epoch < FEW_EPOCHS else epochs
        frames += [
            training.assign(value=training[metric], run=label, images="training"),
            epochs.assign(value=epochs[f"val_{metric}"], run=label, images="held back"),
        ]
    frame = pd.concat(frames)[["epoch", "value", "run", "images"]].dropna()
    percent = metric == "accuracy"
    legend = {"title": None, "direction": "horizontal", "labelLimit": 240}
    # Under a name that stays, new rows reach the chart that is on the screen; else it is drawn anew.
    return (
        alt.Chart(alt.NamedData("curves"))
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=22))
        .encode(
            x=alt.X("epoch:Q", title="epoch", scale=alt.Scale(domain=[0, last_epoch])),
            y=alt.Y(
                "value:Q",
                title=metric,
                scale=alt.Scale(zero=False, nice=True),
                axis=alt.Axis(format="%" if percent else ".2f"),
            ),
            color=alt.Color(
                "run:N",
                scale=alt.Scale(domain=list(curves)),
                legend=alt.Legend(orient="top", columns=LEGEND_COLUMNS, **legend)
                if len(curves) > 1
                else None,
            ),
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
        .properties(height=340, datasets={"curves": frame.to_dict("records")})
    )


def published(measurements: Sequence[Measurement]) -> alt.LayerChart:
    """Each recipe's claim and its runs, on the scale from people to the leaderboard's best."""
    points, spreads = [], []
    for measurement in measurements:
        of_recipe = {"recipe": measurement.recipe.title}
        if claimed := measurement.recipe.claimed_accuracy:
            points.append(of_recipe | {"accuracy": claimed, "what": CLAIM, "seed": "–"})
        if measurement.shipped:
            accuracy = measurement.shipped.result["test"]["accuracy"]
            points.append(of_recipe | {"accuracy": accuracy, "what": SHIPPED, "seed": "0"})
        for run in measurement.runs:
            accuracy, seed = run.result["test"]["accuracy"], str(run.config.training.seed)
            points.append(of_recipe | {"accuracy": accuracy, "what": RUN, "seed": seed})
        if measurement.mean is not None:
            points.append(of_recipe | {"accuracy": measurement.mean, "what": MEAN, "seed": "–"})
        if measurement.spread is not None:
            low, high = measurement.mean - measurement.spread, measurement.mean + measurement.spread
            spreads.append(of_recipe | {"low": low, "high": high})
    titles = [measurement.recipe.title for measurement in measurements]
    y = alt.Y(
        "recipe:N",
        title=None,
        sort=titles,
        scale=alt.Scale(domain=titles, padding=0.5),
        axis=alt.Axis(labelLimit=210),
    )
    # Below people and above everything that was ever claimed there is nothing to see.
    scale = alt.Scale(domain=[HUMAN_ACCURACY - 0.01, 1.0], nice=False, clamp=True)
    x = alt.X("accuracy:Q", scale=scale, axis=alt.Axis(format="%", tickCount=8), title="accuracy")
    kinds = [CLAIM, RUN, MEAN, SHIPPED]
    legend = alt.Legend(title=None, orient="bottom", direction="horizontal", labelLimit=200)
    marks = (
        alt.Chart(alt.NamedData("points"))
        .mark_point(size=90, strokeWidth=2)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape(
                "what:N",
                scale=alt.Scale(domain=kinds, range=["diamond", "circle", "stroke", "square"]),
                legend=legend,
            ),
            color=alt.Color("what:N", scale=alt.Scale(domain=kinds), legend=legend),
            size=alt.condition(alt.datum["what"] == MEAN, alt.value(420), alt.value(80)),
            angle=alt.condition(alt.datum["what"] == MEAN, alt.value(90), alt.value(0)),
            tooltip=["recipe:N", "what:N", alt.Tooltip("accuracy:Q", format=".2%"), "seed:N"],
        )
    )
    bars = (
        alt.Chart(alt.NamedData("spreads"))
        .mark_rule(strokeWidth=5, opacity=0.35)
        .encode(x=alt.X("low:Q", scale=scale), x2="high:Q", y=y, color=alt.datum(RUN))
    )
    frame = pd.DataFrame([{"accuracy": value, "words": f"{words} {value:.1%}"} for value, words in SCALE])
    lines = alt.Chart(frame).mark_rule(strokeDash=[4, 4], color=FIGURES).encode(x=x)
    words = (
        alt.Chart(frame)
        .mark_text(align="left", dx=4, dy=-4, baseline="bottom", color=FIGURES, fontSize=11)
        .encode(x=x, y=alt.value(0), text="words:N")
    )
    return (lines + words + bars + marks).properties(
        height=32 * len(measurements) + 40,
        datasets={"points": points, "spreads": spreads},
        padding={"top": 20, "left": 5, "right": 5, "bottom": 5},
    )
