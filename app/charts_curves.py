"""Curves of one class against the rest, and of the validation accuracy, each with a point that moves."""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from app.charts import ACCENT, FIGURES
from fmnist_core.analysis.curves import Curve, thinned
from fmnist_core.data.dataset import CLASS_NAMES

LINE = "line"
"""Name of the selection that a click on a curve makes: `label`, of its class."""

HERE = "here"
"""Name of the data that hold the point that moves, for `with_point`."""

FAINT_POINTS = 60
AXES = {
    "Precision-recall": ("recall", "precision"),
    "ROC": ("false_positive_rate", "recall"),
}


def class_curves(
    curves: Sequence[Curve], chosen: int, kind: Literal["Precision-recall", "ROC"]
) -> alt.LayerChart:
    """All ten curves thin and the chosen class's bold; a click on one selects its `LINE`.

    Args:
        curves: One for each class.
        chosen: Label of the class to bring out.
        kind: Which of its two curves.
    """
    x, y = AXES[kind]
    frames = []
    for label, curve in enumerate(curves):
        few = thinned(curve) if label == chosen else thinned(curve, FAINT_POINTS)
        points = {x: getattr(few, x).round(4), y: getattr(few, y).round(4)}
        area = curve.auc if kind == "ROC" else curve.average_precision
        frames.append(pd.DataFrame(points | {"label": label, "garment": CLASS_NAMES[label], "area": area}))
    frame = pd.concat(frames, ignore_index=True).reset_index(names="order").dropna()
    share = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    axes = {
        "x": alt.X(f"{x}:Q", scale=share, axis=axis, title=x.replace("_", " ")),
        "y": alt.Y(f"{y}:Q", scale=share, axis=axis, title=y),
    }
    line = alt.Chart(frame).encode(
        **axes,
        order="order:Q",
        detail="label:N",
        tooltip=[alt.Tooltip("garment:N"), alt.Tooltip("area:Q", format=".4f")],
    )
    bold = alt.datum["label"] == chosen
    thin = line.mark_line(strokeWidth=1, color=FIGURES, opacity=0.55).transform_filter(~bold)
    thick = line.mark_line(strokeWidth=3).transform_filter(bold)
    # What is clicked is wider than what is seen.
    target = line.mark_line(strokeWidth=9, opacity=0.001, cursor="pointer")
    point = alt.Chart(alt.NamedData(HERE)).mark_point(size=150, filled=True, color=ACCENT, opacity=1)
    layers = [thin, thick, target.add_params(alt.selection_point(name=LINE, fields=["label"]))]
    if kind == "ROC":
        chance = alt.Chart(pd.DataFrame({x: [0, 1], y: [0, 1]}))
        layers.insert(0, chance.mark_line(strokeDash=[5, 4], color=FIGURES).encode(**axes))
    tooltip = [alt.Tooltip(f"{name}:Q", format=".1%") for name in ("threshold", x, y)]
    layers.append(point.encode(**axes, tooltip=tooltip))
    return alt.layer(*layers).properties(height=340, title=kind)


def validation_accuracy(epochs: pd.DataFrame) -> alt.LayerChart:
    """Validation accuracy over the epochs.

    Args:
        epochs: Metrics of kind `epoch`, as `RunStore.metrics` gives them.
    """
    frame = epochs[["epoch", "val_accuracy"]].dropna()
    axes = {
        "x": alt.X("epoch:Q", scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(tickMinStep=1)),
        "y": alt.Y(
            "val_accuracy:Q",
            scale=alt.Scale(zero=False),
            axis=alt.Axis(format="%"),
            title="accuracy",
        ),
        "tooltip": [alt.Tooltip("epoch:Q"), alt.Tooltip("val_accuracy:Q", format=".2%")],
    }
    line = alt.Chart(frame).encode(**axes).mark_line(point=alt.OverlayMarkDef(size=40))
    here = alt.Chart(alt.NamedData(HERE)).encode(**axes)
    point = here.mark_point(size=170, filled=True, color=ACCENT, opacity=1)
    return (line + point).properties(height=190, title="On all validation images")


def with_point(chart: dict[str, Any], point: dict[str, float]) -> dict[str, Any]:
    """A chart of this module as Vega-Lite, with its point at these values."""
    return chart | {"datasets": chart["datasets"] | {HERE: [point]}}


def threshold_point(curve: Curve, threshold: float) -> dict[str, float]:
    """Where a threshold in [0, 1] lies on both charts of a curve."""
    here = curve.at(threshold)
    names = ("precision", "recall", "false_positive_rate")
    return {name: float(getattr(curve, name)[here]) for name in names} | {"threshold": threshold}
