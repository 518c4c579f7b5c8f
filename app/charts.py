"""Arrays and frames in, Altair charts out. Colours come from the theme."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from app.components.words import percent, whole_percent
from fmnist_core.analysis.calibration import Kept, Reliability
from fmnist_core.analysis.evaluation import Evaluation, row_shares
from fmnist_core.data.dataset import CLASS_NAMES

INKS = ("#6b6776", "#948f9e")
"""Of figures and thin lines in light and in dark: no colour reads well on both."""

FIGURES = alt.ExprRef(f"luminance(background) < 0.5 ? '{INKS[1]}' : '{INKS[0]}'")
"""Colour of the figures beside bars, which the theme would leave black: the chart asks its background."""

ACCENT = "#de6428"
"""Colour of what is chosen, on light and on dark."""

MARKS = {"circle": "●", "square": "■", "triangle-up": "▲", "diamond": "◆", "cross": "✚", "triangle-down": "▼"}
"""What marks the first run to the sixth, for those who do not tell the colours apart: in charts, in words."""


def probability_bars() -> alt.LayerChart:
    """The ten probabilities as bars, the most probable class first; its data is called `answer`, the
    `probability_rows` of one."""
    base = alt.Chart(alt.NamedData("answer")).encode(
        x=alt.X("probability:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", title=None)),
        y=alt.Y("garment:N", sort=alt.EncodingSortField("probability", "max", "descending"), title=None),
        tooltip=[alt.Tooltip("garment:N"), alt.Tooltip("figure:N", title="probability")],
    )
    bars = base.mark_bar(cornerRadiusEnd=4).encode(
        opacity=alt.condition("datum.top", alt.value(1.0), alt.value(0.45))
    )
    figures = base.mark_text(align="left", dx=4, color=FIGURES).encode(text="figure:N")
    return (bars + figures).properties(height=290)


def probability_rows(probabilities: np.ndarray, true_label: int | None = None) -> list[dict[str, Any]]:
    """The rows of `probability_bars`: garment, probability, that in words, and whether it is the highest.

    Args:
        probabilities: `(10,)`, sums to 1.
        true_label: The true class, marked when it is known.
    """
    highest = probabilities.max()
    return [
        {
            "garment": f"{name} ✓" if label == true_label else name,
            "probability": float(probability),
            "figure": percent(float(probability)),
            "top": bool(probability == highest),
        }
        for label, (name, probability) in enumerate(zip(CLASS_NAMES, probabilities, strict=True))
    ]


def _readable(value: str) -> dict[str, Any]:
    """Colour of a figure on a cell that is coloured by `value`: dark on bright, bright on dark."""
    dark, bright, contrast = "#23202b", "#fbfaf7", f"contrast('{{}}', scale('color', datum.{value}))"
    test = f"{contrast.format(dark)} > {contrast.format(bright)}"
    return alt.condition(test, alt.value(dark), alt.value(bright))


def answers(names: Sequence[str], probabilities: np.ndarray) -> alt.LayerChart:
    """What several networks answer to one picture: a row per network, a column per class.

    Args:
        names: What the networks are called.
        probabilities: `(len(names), 10)`.
    """
    rows, columns = np.indices(probabilities.shape)
    frame = pd.DataFrame(
        {
            "row": rows.ravel(),
            "network": np.array(names)[rows.ravel()],
            "garment": np.array(CLASS_NAMES)[columns.ravel()],
            "probability": probabilities.ravel(),
            "figure": [whole_percent(probability) for probability in probabilities.ravel()],
        }
    )
    base = alt.Chart(frame).encode(
        x=alt.X("garment:N", sort=list(CLASS_NAMES), title=None, axis=alt.Axis(orient="top", labelAngle=-35)),
        y=alt.Y(
            "row:O", title=None, axis=alt.Axis(labelExpr=f"{list(names)!r}[datum.value]", labelLimit=220)
        ),
        tooltip=["network:N", "garment:N", alt.Tooltip("figure:N", title="probability")],
    )
    cells = base.mark_rect(cornerRadius=3).encode(
        color=alt.Color("probability:Q", scale=alt.Scale(domain=[0, 1]), legend=None)
    )
    figures = base.mark_text().encode(
        text="figure:N",
        color=_readable("probability"),
    )
    return (cells + figures).properties(height=44 * len(names) + 90)


def row_answers(answers: np.ndarray, rows: int) -> alt.LayerChart:
    """The probabilities of the ten classes after each row, with the row that is chosen.

    Args:
        answers: `(28, 10)`, each row sums to 1.
        rows: How many rows have been read, from 1.
    """
    frame = pd.DataFrame(answers, columns=list(CLASS_NAMES)).assign(row=np.arange(1, len(answers) + 1))
    lines = (
        alt.Chart(frame.melt("row", var_name="garment", value_name="probability"))
        .mark_area()
        .encode(
            x=alt.X("row:Q", title="rows read", scale=alt.Scale(domain=[1, len(answers)], nice=False)),
            y=alt.Y("probability:Q", title=None, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color(
                "garment:N",
                sort=list(CLASS_NAMES),
                scale=alt.Scale(domain=list(CLASS_NAMES), scheme="tableau10"),
                legend=alt.Legend(title=None, orient="right"),
            ),
            tooltip=["garment:N", "row:Q", alt.Tooltip("probability:Q", format=".1%")],
        )
    )
    here = alt.Chart(pd.DataFrame({"row": [rows]})).mark_rule(strokeWidth=2, color=FIGURES).encode(x="row:Q")
    return (lines + here).properties(height=320)


MATRIX_HEIGHT = 460

CELL = "cell"
"""Name of the selection that a click on the confusion matrix makes: `true` and `predicted`, class names."""


def confusion_matrix(
    matrix: np.ndarray,
    shares: bool,
    chosen: Sequence[tuple[int, int]] | None = None,
    order: Sequence[int] = range(len(CLASS_NAMES)),
) -> alt.LayerChart:
    """The confusion matrix; where cells are chosen, a click on another selects it as `CELL`.

    Colour grows with the square root of the row's share, so that mistakes of one in a hundred still show
    beside the diagonal. The figures stand dark on bright cells and bright on dark ones.

    Args:
        matrix: Counts, integers `(10, 10)`; rows true, columns predicted.
        shares: Whether the figures are shares of the row instead of counts.
        chosen: True and predicted class of the cells that are selected at first; None for a matrix that
            is only looked at.
        order: The classes from the top down and from left to right.
    """
    share = row_shares(matrix)
    frame = pd.DataFrame(
        [
            {
                "true": CLASS_NAMES[row],
                "predicted": CLASS_NAMES[column],
                "count": int(matrix[row, column]),
                "share": float(share[row, column]),
            }
            for row, column in np.ndindex(matrix.shape)
        ]
    )
    if shares:
        figures = [whole_percent(part) for part in frame["share"]]
    else:
        figures = [f"{count}" for count in frame["count"]]
    frame["figure"] = np.where(frame["count"] > 0, figures, "")
    classes = {
        "sort": [CLASS_NAMES[label] for label in order],
        "scale": alt.Scale(paddingInner=0.05, paddingOuter=0.03),
    }
    no_line = {"domain": False, "ticks": False}
    base = alt.Chart(frame).encode(
        x=alt.X("predicted:N", axis=alt.Axis(labelAngle=-45, labelOverlap=False, **no_line), **classes),
        y=alt.Y("true:N", axis=alt.Axis(**no_line), **classes),
        tooltip=[
            alt.Tooltip("true:N"),
            alt.Tooltip("predicted:N"),
            alt.Tooltip("count:Q", title="images"),
            alt.Tooltip("share:Q", title="share of the row", format=".1%"),
        ],
    )
    cursor = "default" if chosen is None else "pointer"
    cells = base.mark_rect(cornerRadius=3, cursor=cursor).encode(
        color=alt.Color("share:Q", scale=alt.Scale(type="sqrt", domain=[0, 1]), legend=None)
    )
    numbers = base.mark_text(cursor=cursor, fontSize=11).encode(text="figure:N", color=_readable("share"))
    if chosen is None:
        return (cells + numbers).properties(height=MATRIX_HEIGHT)
    start = [{"true": CLASS_NAMES[row], "predicted": CLASS_NAMES[column]} for row, column in chosen]
    cell = alt.selection_point(name=CELL, fields=["true", "predicted"], value=start, empty=False)
    frames = (
        base.mark_rect(cornerRadius=3, cursor=cursor, fillOpacity=0, strokeWidth=3)
        .encode(stroke=alt.value(ACCENT))
        .transform_filter(cell)
    )
    return (cells.add_params(cell) + frames + numbers).properties(height=MATRIX_HEIGHT)


BIN = "bar"
"""Name of the selection that a click on a bar of the reliability chart makes: `bin`, its number from 0."""


def reliability(measured: Reliability) -> alt.LayerChart:
    """Share of right answers by confidence, beside the line where the two agree; a click selects a `BIN`."""
    frame = pd.DataFrame(
        {
            "bin": np.arange(len(measured.count)),
            "low": measured.edges[:-1],
            "high": measured.edges[1:],
            "answers": measured.count,
            "confidence": measured.confidence,
            "accuracy": measured.accuracy,
        }
    ).dropna()
    bar = alt.selection_point(name=BIN, fields=["bin"], empty=False)
    share = alt.Scale(domain=[0, 1])
    bars = (
        alt.Chart(frame)
        .mark_rect(cursor="pointer", stroke="white", strokeOpacity=0.4)
        .encode(
            x=alt.X("low:Q", scale=share, axis=alt.Axis(format="%"), title="how sure it was"),
            x2="high:Q",
            y=alt.Y("accuracy:Q", scale=share, axis=alt.Axis(format="%"), title="how often it was right"),
            y2=alt.datum(0),
            opacity=alt.condition(bar, alt.value(1.0), alt.value(0.65)),
            tooltip=[
                alt.Tooltip("answers:Q", format=","),
                alt.Tooltip("confidence:Q", title="mean confidence", format=".1%"),
                alt.Tooltip("accuracy:Q", format=".1%"),
            ],
        )
        .add_params(bar)
    )
    ends = alt.Chart(pd.DataFrame({"x": [0, 1], "y": [0, 1]}))
    line = ends.mark_line(strokeDash=[5, 4], color=FIGURES).encode(x="x:Q", y="y:Q")
    return (bars + line).properties(height=380)


def kept(curve: Kept, least: int) -> alt.LayerChart:
    """Accuracy of the kept answers against their share, with the point of one threshold.

    Args:
        curve: By threshold.
        least: Number of the threshold that is chosen.
    """
    frame = pd.DataFrame({"threshold": curve.thresholds, "share": curve.share, "accuracy": curve.accuracy})
    base = alt.Chart(frame.dropna()).encode(
        x=alt.X("share:Q", axis=alt.Axis(format="%"), title="share that is kept"),
        y=alt.Y("accuracy:Q", scale=alt.Scale(zero=False), axis=alt.Axis(format="%"), title="accuracy"),
        tooltip=[alt.Tooltip(f"{name}:Q", format=".1%") for name in ("threshold", "share", "accuracy")],
    )
    here = base.mark_point(size=140, filled=True, color=ACCENT).transform_filter(
        f"datum.threshold == {curve.thresholds[least]}"
    )
    return (base.mark_line() + here).properties(height=260)


def class_bars(evaluation: Evaluation, chosen: int | None = None) -> alt.Chart:
    """Precision, recall and F1 of each class as bars side by side, the class with the lowest F1 first.

    A click on a bar selects its label under the name `bar`.

    Args:
        evaluation: The figures.
        chosen: The class to bring out, or None for all alike.
    """
    measures = ["precision", "recall", "F1"]
    frame = pd.DataFrame(
        {
            "label": range(len(CLASS_NAMES)),
            "garment": CLASS_NAMES,
            "faint": [chosen not in (None, label) for label in range(len(CLASS_NAMES))],
            "precision": evaluation.precision,
            "recall": evaluation.recall,
            "F1": evaluation.f1,
        }
    )
    order = list(frame.sort_values("F1")["garment"])
    return (
        alt.Chart(frame.melt(["label", "garment", "faint"], measures, "measure"))
        .mark_bar(cornerRadiusEnd=3, cursor="pointer")
        .encode(
            x=alt.X("value:Q", title=None, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("garment:N", title=None, sort=order, scale=alt.Scale(paddingInner=0.3)),
            yOffset=alt.YOffset("measure:N", sort=measures),
            color=alt.Color(
                "measure:N",
                scale=alt.Scale(domain=measures),
                legend=alt.Legend(title=None, orient="top", direction="horizontal"),
            ),
            opacity=alt.condition("datum.faint", alt.value(0.35), alt.value(1.0)),
            tooltip=[
                alt.Tooltip("garment:N"),
                alt.Tooltip("measure:N"),
                alt.Tooltip("value:Q", format=".1%"),
            ],
        )
        .add_params(alt.selection_point(name="bar", fields=["label"]))
        .properties(height=420)
    )


def class_balance(counts: np.ndarray, chosen: int | None = None) -> alt.LayerChart:
    """The images of each class as bars; a click on one selects its label under the name `bar`.

    Args:
        counts: Images of each class, integers `(10,)`.
        chosen: The class to bring out, or None for all alike.
    """
    frame = pd.DataFrame(
        {
            "label": range(len(counts)),
            "garment": CLASS_NAMES,
            "images": counts,
            "share": counts / counts.sum(),
            "faint": [chosen not in (None, label) for label in range(len(counts))],
        }
    )
    base = alt.Chart(frame).encode(
        x=alt.X("images:Q", title=None, axis=alt.Axis(tickCount=4)),
        y=alt.Y("garment:N", sort=None, title=None),
        tooltip=[
            alt.Tooltip("garment:N"),
            alt.Tooltip("images:Q", format=","),
            alt.Tooltip("share:Q", format=".2%"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=4, cursor="pointer").encode(
        opacity=alt.condition("datum.faint", alt.value(0.35), alt.value(1.0))
    )
    figures = base.mark_text(align="left", dx=4, color=FIGURES).encode(text=alt.Text("images:Q", format=","))
    clickable = bars.add_params(alt.selection_point(name="bar", fields=["label"]))
    return (clickable + figures).properties(height=320)
