"""Several runs in one chart: curves, accuracies with their intervals, and a difference of two matrices."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from app.charts import ACCENT, CELL, MARKS, MATRIX_HEIGHT
from app.curve_points import after_start, thinned
from fmnist_core.data.dataset import CLASS_NAMES

AXES = {"Epoch": ("epoch", "epoch"), "Step": ("step", "step"), "Time": ("seconds", "seconds of training")}
"""What curves run over, by its name on the screen: the column, and the title of the axis."""

RUN_COLOURS = ("violet", "orange", "green", "red", "yellow", "blue")
"""As the charts colour the first run to the sixth."""

MARKED = 24
"""Of a curve so many points bear its mark; of more, the marks would hide the line."""

DASHES = {"training": [2, 3], "validation": [1, 0]}
CURVE_HEIGHT = 300
INK = ("#23202b", "#ece9f4")
"""Colour of text in light and in dark."""

WORSE, SAME, BETTER = "#d1495b", "#8a8694", "#1f9e89"


def points(
    curves: Mapping[str, pd.DataFrame], metric: str, by: str, shown: Sequence[str]
) -> list[dict[str, Any]]:
    """The points of `overlaid`: place, value and its bounds, epoch, run, of which images, and whether marked.

    Args:
        curves: By the name of the run, what `compare.curves` gives.
        metric: `loss` or `accuracy`.
        by: One of `AXES`.
        shown: Which of `training` and `validation`.
    """
    column, _ = AXES[by]
    frame = pd.concat(
        [
            _marked(thinned(after_start(rows.loc[rows["curve"] == curve]))).assign(run=name)
            for name, rows in curves.items()
            for curve in shown
        ]
    )
    values = {"x": column, "value": metric, "low": f"{metric}_low", "high": f"{metric}_high", "at": "epoch"}
    frame = frame.assign(**{name: frame[source] for name, source in values.items()})
    return frame[[*values, "run", "curve", "marked"]].to_dict("records")


def _marked(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(marked=rows.index.isin(thinned(rows, MARKED).index))


def overlaid(names: Sequence[str], metric: str, by: str) -> alt.LayerChart:
    """One metric of several runs, each in its colour: training dotted, validation drawn through, with marks.

    Args:
        names: What the runs are called, in the order of the colours.
        metric: `loss` or `accuracy`.
        by: One of `AXES`.
    """
    _, title = AXES[by]
    percent = metric == "accuracy"
    # Under a name that stays, new rows reach the chart that is on the screen; else it is drawn anew.
    base = alt.Chart(alt.NamedData("compared")).encode(
        x=alt.X(
            "x:Q",
            title=title,
            scale=alt.Scale(zero=by != "Epoch", nice=False),
            axis=alt.Axis(format="~s", tickMinStep=1),
        ),
        color=alt.Color("run:N", scale=alt.Scale(domain=list(names)), legend=None),
        detail="curve:N",
    )
    y = alt.Y(
        "value:Q",
        title=metric,
        scale=alt.Scale(zero=False, nice=True),
        axis=alt.Axis(format="%" if percent else ".2f"),
    )
    figure = ".2%" if percent else ".4f"
    line = base.encode(
        y=y,
        tooltip=[
            alt.Tooltip("run:N"),
            alt.Tooltip("curve:N"),
            alt.Tooltip("at:Q", title="epoch", format=".2f"),
            alt.Tooltip("value:Q", title=metric, format=figure),
        ],
    )
    band = base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", title=metric), y2="high:Q")
    lines = line.mark_line(strokeWidth=2).encode(
        strokeDash=alt.StrokeDash(
            "curve:N", scale=alt.Scale(domain=list(DASHES), range=list(DASHES.values())), legend=None
        )
    )
    marks = (
        line.mark_point(size=44, filled=True)
        # Those that are not seen answer the pointer all the same.
        .encode(shape=_mark(names), opacity=alt.condition("datum.marked", alt.value(1), alt.value(0)))
        .transform_filter("datum.curve == 'validation'")
    )
    return (band + lines + marks).properties(height=CURVE_HEIGHT)


def _mark(names: Sequence[str]) -> alt.Shape:
    return alt.Shape("run:N", scale=alt.Scale(domain=list(names), range=list(MARKS)), legend=None)


def accuracies(
    measured: Mapping[str, tuple[float, float, float]], seeds: Mapping[str, Sequence[float]]
) -> alt.LayerChart:
    """Test accuracies as points with their intervals, and as ticks those of other seeds.

    Args:
        measured: By the name of the run its accuracy, and the bounds of its interval.
        seeds: By the name of the run, the accuracies of all seeds that were measured.
    """
    names = list(measured)
    frame = pd.DataFrame(
        [
            {"run": name, "value": value, "low": low, "high": high}
            for name, (value, low, high) in measured.items()
        ]
    )
    common = {
        "y": alt.Y("run:N", sort=names, title=None, axis=alt.Axis(labelLimit=190)),
        "color": alt.Color("run:N", scale=alt.Scale(domain=names), legend=None),
    }
    axis = alt.X(
        "value:Q", title="test accuracy", scale=alt.Scale(zero=False, padding=12), axis=alt.Axis(format="%")
    )
    base = alt.Chart(frame).encode(**common)
    tooltip = [alt.Tooltip("run:N")] + [
        alt.Tooltip(f"{name}:Q", title=title, format=".2%")
        for name, title in (("value", "accuracy"), ("low", "at least"), ("high", "at most"))
    ]
    bars = base.mark_rule(strokeWidth=3, opacity=0.55).encode(
        x=alt.X("low:Q", title="test accuracy"), x2="high:Q", tooltip=tooltip
    )
    points = base.mark_point(filled=True, size=130, opacity=1).encode(
        x=axis, shape=_mark(names), tooltip=tooltip
    )
    repeated = pd.DataFrame(
        [{"run": name, "value": value} for name, values in seeds.items() for value in values],
        columns=["run", "value"],
    )
    ticks = (
        alt.Chart(repeated)
        .mark_tick(thickness=2, size=26, opacity=0.8)
        .encode(
            x=axis,
            **common,
            tooltip=[alt.Tooltip("run:N"), alt.Tooltip("value:Q", title="one seed", format=".2%")],
        )
    )
    return (bars + ticks + points).properties(height=44 * len(names) + 50)


def matrix_difference(
    before: np.ndarray, after: np.ndarray, chosen: tuple[int, int], dark: bool
) -> alt.LayerChart:
    """How two confusion matrices differ; a click on a cell selects it as `CELL`.

    Green is what got better, more right answers or fewer mistakes of a kind; red is what got worse.

    Args:
        before, after: Counts `(10, 10)`; rows true, columns predicted.
        chosen: True and predicted class of the cell that is selected at first.
        dark: Whether the page is, so that the figures on faint cells are bright.
    """
    change = after - before
    gain = np.where(np.eye(len(change), dtype=bool), change, -change)
    rows, columns = np.indices(change.shape)
    names = np.array(CLASS_NAMES)
    frame = pd.DataFrame(
        {
            "true": names[rows.ravel()],
            "predicted": names[columns.ravel()],
            "before": before.ravel(),
            "after": after.ravel(),
            "gain": gain.ravel(),
            "figure": [f"{value:+d}".replace("-", "−") if value else "" for value in change.ravel().tolist()],
            "size": np.sqrt(np.abs(gain.ravel()) / max(np.abs(gain).max(), 1)),
        }
    )
    axis = {"sort": list(CLASS_NAMES), "scale": alt.Scale(paddingInner=0.05, paddingOuter=0.03)}
    no_line = {"domain": False, "ticks": False}
    start = [{"true": CLASS_NAMES[chosen[0]], "predicted": CLASS_NAMES[chosen[1]]}]
    cell = alt.selection_point(name=CELL, fields=["true", "predicted"], value=start, empty=False)
    base = alt.Chart(frame).encode(
        x=alt.X("predicted:N", axis=alt.Axis(labelAngle=-45, labelOverlap=False, **no_line), **axis),
        y=alt.Y("true:N", axis=alt.Axis(**no_line), **axis),
        tooltip=["true:N", "predicted:N", "before:Q", "after:Q"],
    )
    colour = alt.Color(
        "sign:N",
        scale=alt.Scale(domain=["worse", "same", "better"], range=[WORSE, SAME, BETTER]),
        legend=None,
    )
    signed = base.transform_calculate(sign="datum.gain > 0 ? 'better' : datum.gain < 0 ? 'worse' : 'same'")
    cells = signed.mark_rect(cornerRadius=3, cursor="pointer").encode(
        color=colour,
        opacity=alt.Opacity("size:Q", scale=alt.Scale(domain=[0, 1], range=[0.08, 0.9]), legend=None),
    )
    frames = (
        base.mark_rect(cornerRadius=3, cursor="pointer", fillOpacity=0, strokeWidth=3)
        .encode(stroke=alt.value(ACCENT))
        .transform_filter(cell)
    )
    figures = base.mark_text(cursor="pointer", fontSize=11).encode(
        text="figure:N", color=alt.condition("datum.size > 0.5", alt.value("#fff"), alt.value(INK[dark]))
    )
    return (cells.add_params(cell) + frames + figures).properties(height=MATRIX_HEIGHT)
