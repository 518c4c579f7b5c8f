"""What was published beside what was measured, on one scale."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from app.charts import FIGURES
from fmnist_core.analysis.published import HUMAN_ACCURACY, SCALE, Measurement
from fmnist_core.runs import Run

CLAIM, RUN, MEAN, SHIPPED = "published claim", "a run here", "mean here", "came with the studio"

ROW_HEIGHT = 40
FRAME_HEIGHT = 140
"""Of axis, legend and words, in pixels."""


def rows(measurements: Sequence[Measurement]) -> dict[str, list[dict[str, Any]]]:
    """The rows of `published`: of each recipe its points, and the spread of its runs over seeds."""
    points, spreads = [], []
    for measurement in measurements:
        of_recipe = {"recipe": measurement.recipe.title}
        if claimed := measurement.recipe.claimed_accuracy:
            points.append(of_recipe | {"accuracy": claimed, "what": CLAIM, "seed": "–"})
        if measurement.shipped:
            points.append(of_recipe | {"what": SHIPPED} | _point(measurement.shipped))
        points += [of_recipe | {"what": RUN} | _point(run) for run in measurement.runs]
        if measured := measurement.measured:
            points.append(of_recipe | {"accuracy": measured.mean, "what": MEAN, "seed": "–"})
            if deviation := measured.deviation:
                spreads.append(
                    of_recipe | {"low": measured.mean - deviation, "high": measured.mean + deviation}
                )
    return {"points": points, "spreads": spreads}


def published(titles: Sequence[str]) -> alt.LayerChart:
    """Each recipe's claim and its runs, on the scale from people to the leaderboard's best.

    Args:
        titles: What the recipes are called, from top to bottom.
    """
    y = alt.Y(
        "recipe:N",
        title=None,
        sort=list(titles),
        scale=alt.Scale(domain=list(titles), padding=0.5),
        # Above their row, not beside it, where they would leave a telephone no room for the points.
        axis=alt.Axis(
            labelAlign="left",
            labelBaseline="bottom",
            labelPadding=-2,
            labelOffset=-8,
            labelLimit=300,
            ticks=False,
        ),
    )
    # Below people and above everything that was ever claimed there is nothing to see.
    scale = alt.Scale(domain=[HUMAN_ACCURACY - 0.01, 1.0], nice=False, clamp=True)
    x = alt.X("accuracy:Q", scale=scale, axis=alt.Axis(format="%", tickCount=8), title="accuracy")
    kinds = [CLAIM, RUN, MEAN, SHIPPED]
    legend = alt.Legend(title=None, orient="bottom", direction="horizontal", columns=2)
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
    frame = pd.DataFrame([{"accuracy": value, "words": f"{words}\n{value:.1%}"} for value, words in SCALE])
    lines = alt.Chart(frame).mark_rule(strokeDash=[4, 4], color=FIGURES).encode(x=x)
    words = (
        alt.Chart(frame)
        .mark_text(baseline="top", dy=-30, color=FIGURES, fontSize=11, lineBreak="\n")
        .encode(x=x, y=alt.value(0), text="words:N")
    )
    return (lines + words + bars + marks).properties(
        height=ROW_HEIGHT * len(titles) + FRAME_HEIGHT,
        padding={"top": 30, "left": 5, "right": 5, "bottom": 5},
    )


def _point(run: Run) -> dict[str, Any]:
    return {"accuracy": run.result["test"]["accuracy"], "seed": str(run.config.training.seed)}
