"""A search as charts: scores in order, curves, slices, parallel coordinates, importances.

All of them take the frame that `trial_frame` makes, as data of a fixed name, so that new trials reach the
charts that are on the screen.
"""

from collections.abc import Mapping, Sequence
from math import ceil

import altair as alt
import numpy as np
import pandas as pd

from app.charts import ACCENT, FIGURES
from fmnist_core.config import setting_title
from fmnist_core.runs import RunState
from fmnist_core.search.space import Axis, Range, Space, written
from fmnist_core.search.trials import Trial, best_trial

TRIAL = "trial"
"""Name of the selection that a click on a trial makes: `trial`, its number."""

NAMES = {
    "tpe": "TPE",
    "random": "Random",
    "grid": "Grid",
    "quasi-random": "Quasi-random",
    "halving": "Successive halving",
    "hyperband": "Hyperband",
    "median": "Median",
    "none": "None",
}
"""Samplers and pruners as they are called on the screen."""

STATES = {
    RunState.FINISHED: "finished",
    RunState.RUNNING: "training",
    RunState.STOPPED: "cut short",
    RunState.FAILED: "failed",
    RunState.QUEUED: "waiting",
}
_STATE = alt.Color(
    "state:N",
    scale=alt.Scale(
        domain=list(STATES.values()), range=["#6f5fe8", "#1f9e89", "#9a94a8", "#c2417f", "#b5892c"]
    ),
    legend=alt.Legend(title=None, orient="top", direction="horizontal", columns=3),
)
_ACCURACY = alt.Axis(format="%", title="validation accuracy")
_POINT = {"size": 70, "cursor": "pointer", "opacity": 0.9}
HEIGHT = 320
SLICE_HEIGHT = 250
MOST_TICKS = 6


def trial_frame(trials: Sequence[Trial], space: Space) -> pd.DataFrame:
    """A row per trial that has a score: number, state, score, best score so far, whether it is the best, and
    its settings by their names: numbers where `space` has a range, text where it has choices."""
    leader = best_trial(trials)
    rows = [
        {
            "trial": trial.number,
            "state": STATES[trial.run.state],
            "score": trial.score,
            "final": trial.score if trial.run.state is RunState.FINISHED else None,
            "best": trial is leader,
        }
        | {
            _name(field): value if isinstance(space[field], Range) else setting_text(value)
            for field, value in trial.params.items()
        }
        for trial in trials
        if trial.score is not None
    ]
    frame = pd.DataFrame(rows, columns=None if rows else ["trial", "state", "score", "final", "best"])
    return frame.assign(so_far=frame["final"].astype(float).cummax().ffill())


def scores(frame: pd.DataFrame) -> alt.LayerChart:
    """Every trial's score in their order, and the best so far as a line."""
    base = alt.Chart(alt.NamedData("trials")).encode(
        x=alt.X(
            "trial:Q", title="trial", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(nice=False)
        ),
    )
    line = base.mark_line(interpolate="step-after", color=ACCENT, strokeWidth=2).encode(
        y=alt.Y("so_far:Q", scale=_scale(frame["score"]), axis=_ACCURACY)
    )
    points = base.mark_circle(**_POINT).encode(
        y=alt.Y("score:Q", scale=_scale(frame["score"]), axis=_ACCURACY),
        color=_STATE,
        tooltip=_tooltip(frame),
    )
    return alt.layer(line, points.add_params(_selection())).properties(
        height=HEIGHT, title="Best so far", datasets={"trials": _records(frame)}
    )


def curves(trials: Sequence[Trial], epochs: int) -> alt.LayerChart:
    """The validation accuracy of all trials, epoch by epoch; the best one brought out."""
    leader = best_trial(trials)
    rows = [
        {
            "trial": trial.number,
            "epoch": epoch,
            "accuracy": accuracy,
            "state": STATES[trial.run.state],
            "best": trial is leader,
        }
        for trial in trials
        for epoch, accuracy in enumerate(trial.curve, 1)
    ]
    base = alt.Chart(alt.NamedData("trials")).encode(
        x=alt.X(
            "epoch:Q",
            axis=alt.Axis(tickMinStep=1, format="d"),
            scale=alt.Scale(domain=[1, max(epochs, 2)], nice=False),
        ),
        y=alt.Y("accuracy:Q", scale=_scale(pd.DataFrame(rows)["accuracy"]), axis=_ACCURACY),
        detail="trial:N",
        tooltip=["trial:Q", "epoch:Q", alt.Tooltip("accuracy:Q", format=".2%")],
    )
    best = alt.datum["best"] == True  # noqa: E712
    thin = base.mark_line(strokeWidth=1.3, opacity=0.55).encode(color=_STATE)
    thick = base.transform_filter(best).mark_line(strokeWidth=3, color=ACCENT)
    dots = base.mark_circle(size=40, cursor="pointer").encode(color=_STATE)
    return alt.layer(thin, thick, dots.add_params(_selection())).properties(
        height=HEIGHT, title="Curves of all trials", datasets={"trials": rows}
    )


def slice_of(frame: pd.DataFrame, field: str, axis: Axis) -> alt.Chart:
    """One setting against the score."""
    if isinstance(axis, Range):
        scale = alt.Scale(type="log" if axis.log else "linear", domain=[axis.low, axis.high], nice=False)
        x = alt.X(f"{_name(field)}:Q", title=setting_title(field), scale=scale, axis=alt.Axis(tickCount=5))
    else:
        order = [setting_text(written(value)) for value in axis.values]
        x = alt.X(f"{_name(field)}:N", title=setting_title(field), sort=order, scale=alt.Scale(domain=order))
        x = x.axis(labelAngle=0 if len(order) < 6 else -35, labelOverlap=False)
    return (
        alt.Chart(alt.NamedData("trials"))
        .mark_circle(**_POINT)
        .encode(
            x=x,
            y=alt.Y("score:Q", scale=_scale(frame["score"]), axis=_ACCURACY),
            color=_STATE.legend(None),
            tooltip=_tooltip(frame),
        )
        .add_params(_selection())
        .properties(height=SLICE_HEIGHT, datasets={"trials": _records(frame)})
    )


def parallel(frame: pd.DataFrame, space: Space) -> alt.LayerChart:
    """A line per trial through all its settings to its score: where the good ones run together."""
    low, high = _limits(frame["score"])
    names = [*map(setting_title, space), "Accuracy"]
    rows = []
    for row in frame.to_dict("records"):
        places = [_place(axis, row[_name(field)]) for field, axis in space.items()]
        places.append(max(0.0, (row["score"] - low) / (high - low)))
        values = [*(setting_text(row[_name(field)]) for field in space), f"{row['score']:.2%}"]
        rows += [
            {"trial": row["trial"], "score": row["score"], "best": row["best"]}
            | {"setting": name, "place": place, "value": value}
            for name, place, value in zip(names, places, values, strict=True)
        ]
    ticks = [
        {"setting": setting_title(field), "place": place, "text": text}
        for field, axis in space.items()
        for place, text in _ticks(axis)
    ]
    ticks += [{"setting": "Accuracy", "place": at, "text": f"{low + at * (high - low):.1%}"} for at in (0, 1)]
    x = alt.X(
        "setting:N",
        sort=names,
        title=None,
        axis=alt.Axis(orient="top", labelAngle=-15, domain=False, ticks=False, grid=True, labelOverlap=False),
        scale=alt.Scale(type="point", padding=0.35),
    )
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[-0.04, 1.04], nice=False))
    base = alt.Chart(alt.NamedData("trials")).encode(
        x=x,
        y=y,
        detail="trial:N",
        tooltip=["trial:Q", "setting:N", "value:N", alt.Tooltip("score:Q", format=".2%")],
    )
    best = alt.datum["best"] == True  # noqa: E712
    lines = base.mark_line(strokeWidth=1.4, opacity=0.5).encode(
        color=alt.Color("score:Q", scale=alt.Scale(domain=[low, high]), legend=None)
    )
    leader = base.transform_filter(best).mark_line(strokeWidth=3, color=ACCENT)
    dots = base.mark_circle(size=30, cursor="pointer", color=FIGURES)
    texts = (
        alt.Chart(alt.NamedData("ticks"))
        .mark_text(align="left", dx=6, fontSize=11, color=FIGURES)
        .encode(x=x, y=y, text="text:N")
    )
    chart = alt.layer(lines, leader, dots.add_params(_selection()), texts)
    datasets = {"trials": rows, "ticks": ticks}
    return chart.properties(height=HEIGHT, datasets=datasets)


def importances(shares: Mapping[str, float]) -> alt.LayerChart:
    """How much each setting matters, the most important first."""
    frame = pd.DataFrame(
        {"setting": [setting_title(field) for field in shares], "share": list(shares.values())}
    )
    base = alt.Chart(alt.NamedData("shares")).encode(
        x=alt.X(
            "share:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", title=None, tickCount=5)
        ),
        y=alt.Y("setting:N", sort=None, title=None, axis=alt.Axis(labelLimit=200)),
    )
    bars = base.mark_bar(cornerRadiusEnd=4)
    figures = base.mark_text(align="left", dx=4, color=FIGURES).encode(text=alt.Text("share:Q", format=".0%"))
    return (bars + figures).properties(height=36 * len(frame) + 40, datasets={"shares": _records(frame)})


def _limits(scores: pd.Series) -> tuple[float, float]:
    """Where an axis of accuracies begins and ends: not so low that one bad trial presses all others together
    (Tukey's fence)."""
    values = scores.astype(float).to_numpy()
    quarter, three_quarters = np.quantile(values, [0.25, 0.75])
    low = max(values.min(), quarter - 1.5 * (three_quarters - quarter))
    margin = max(0.02 * (values.max() - low), 1e-4)
    return float(low - margin), float(values.max() + margin)


def _scale(scores: pd.Series) -> alt.Scale:
    """What lies below the axis is drawn at its end."""
    return alt.Scale(domain=list(_limits(scores)), nice=False, clamp=True)


def _records(frame: pd.DataFrame) -> list[dict]:
    return [
        {name: None if value is None or value != value else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]


def _selection() -> alt.Parameter:
    return alt.selection_point(name=TRIAL, fields=["trial"], on="click", toggle=False)


def _tooltip(frame: pd.DataFrame) -> list[alt.Tooltip]:
    settings = [name for name in frame.columns if name.startswith("_")]
    return [
        alt.Tooltip("trial:Q"),
        alt.Tooltip("score:Q", format=".2%"),
        *(alt.Tooltip(f"{name}:N", title=setting_title(_field(name))) for name in settings),
    ]


def _name(field: str) -> str:
    """A setting's name as a column: a dot would mean a part of an object."""
    return "_" + field.replace(".", "__")


def _field(name: str) -> str:
    return name.removeprefix("_").replace("__", ".")


def setting_text(value: object) -> str:
    """A value of a setting as it is shown."""
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.3g}"
    return str(value)


def _place(axis: Axis, value: object) -> float:
    """Where on an axis a value lies, 0 to 1."""
    if isinstance(axis, Range):
        low, high, here = np.log([axis.low, axis.high, value]) if axis.log else (axis.low, axis.high, value)
        return float((here - low) / (high - low))
    texts = [setting_text(written(known)) for known in axis.values]
    return texts.index(setting_text(value)) / (len(texts) - 1)


def _ticks(axis: Axis) -> list[tuple[float, str]]:
    if isinstance(axis, Range):
        return [(_place(axis, value), setting_text(value)) for value in (axis.low, axis.high)]
    texts = [setting_text(written(value)) for value in axis.values]
    shown = range(0, len(texts), ceil(len(texts) / MOST_TICKS))
    return [(place / (len(texts) - 1), texts[place]) for place in shown]
