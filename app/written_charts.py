"""Charts as Vega-Lite, kept once written: Altair takes a tenth of a second for each, too long for a click."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements import vega_charts

from app import (
    charts,
    charts_compare,
    charts_curves,
    charts_lessons,
    charts_published,
    charts_search,
    resources,
)
from app.resources import KEPT_PICTURES
from fmnist_core.analysis.published import Measurement
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.search.searches import Search
from fmnist_core.search.trials import Trial


def _written(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """A chart as Vega-Lite, its data included."""
    # Altair's settings are the whole process's, and Streamlit changes them, under this lock, while it writes
    # a chart for another visitor: this one would then be kept without its data.
    with vega_charts._altair_globals_lock:
        return chart.to_dict()


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def confusion_chart(
    matrix: np.ndarray,
    shares: bool,
    chosen: tuple[tuple[int, int], ...] | None = None,
    order: tuple[int, ...] = tuple(range(len(CLASS_NAMES))),
) -> dict[str, Any]:
    """The chart of a confusion matrix, as Vega-Lite.

    Args:
        matrix, shares, chosen, order: As `charts.confusion_matrix` takes them.
    """
    return _written(charts.confusion_matrix(matrix, shares, chosen, order))


def lesson_curves(
    curves: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]], metric: str, last_epoch: int
) -> dict[str, Any]:
    """The curves of a lesson's experiments as Vega-Lite; only their points are new each time.

    Args:
        curves, metric: As `charts_lessons.points` takes them.
        last_epoch: Where the axis ends.
    """
    points = charts_lessons.points(curves, metric)
    return _empty_lesson_curves(tuple(curves), metric, last_epoch) | {"datasets": {"curves": points}}


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def _empty_lesson_curves(labels: tuple[str, ...], metric: str, last_epoch: int) -> dict[str, Any]:
    return _written(charts_lessons.overlaid(labels, metric, last_epoch))


def compared_curves(
    curves: Mapping[str, pd.DataFrame], metric: str, by: str, shown: Sequence[str]
) -> dict[str, Any]:
    """The curves of several runs as Vega-Lite; only their points are new each time.

    Args:
        curves, metric, by, shown: As `charts_compare.points` takes them.
    """
    points = charts_compare.points(curves, metric, by, shown)
    return _empty_compared_curves(tuple(curves), metric, by) | {"datasets": {"compared": points}}


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def _empty_compared_curves(names: tuple[str, ...], metric: str, by: str) -> dict[str, Any]:
    return _written(charts_compare.overlaid(names, metric, by))


def published(measurements: Sequence[Measurement]) -> dict[str, Any]:
    """What was published and what was measured as Vega-Lite; only the rows are new each time.

    Args:
        measurements: As `charts_published.rows` takes them.
    """
    chart = _empty_published(tuple(measurement.recipe.title for measurement in measurements))
    return chart | {"datasets": chart["datasets"] | charts_published.rows(measurements)}


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def _empty_published(titles: tuple[str, ...]) -> dict[str, Any]:
    return _written(charts_published.published(titles))


def search_charts(search: Search, trials: Sequence[Trial]) -> dict[str, dict[str, Any]]:
    """The charts of a search as Vega-Lite, by name, for all who look at it: written anew when it has gone on.

    They are `scores`, `curves` and `parallel`, and `slice_` with the name of each setting that varies.
    """
    so_far = tuple((trial.number, trial.run.state, trial.curve, trial.score) for trial in trials)
    return _search_charts(search.id, so_far, search, trials)


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def _search_charts(
    search_id: str, so_far: tuple[Any, ...], _search: Search, _trials: Sequence[Trial]
) -> dict[str, dict[str, Any]]:
    plan = _search.plan
    frame = charts_search.trial_frame(_trials, plan.space)
    made = {
        "scores": charts_search.scores(frame),
        "curves": charts_search.curves(_trials, plan.config.training.epochs),
        "parallel": charts_search.parallel(frame, plan.space),
    }
    made |= {
        f"slice_{field}": charts_search.slice_of(frame, field, axis) for field, axis in plan.space.items()
    }
    return {name: _written(chart) for name, chart in made.items()}


def probability_bars(probabilities: np.ndarray, true_label: int | None = None) -> dict[str, Any]:
    """The ten probabilities of an answer as Vega-Lite; only its rows are new each time.

    Args:
        probabilities, true_label: As `charts.probability_rows` takes them.
    """
    rows = charts.probability_rows(probabilities, true_label)
    return _empty_probability_bars() | {"datasets": {"answer": rows}}


@st.cache_data(show_spinner=False)
def _empty_probability_bars() -> dict[str, Any]:
    return _written(charts.probability_bars())


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def class_balance(counts: np.ndarray, chosen: int | None) -> dict[str, Any]:
    """The chart of how many images each class has, as Vega-Lite.

    Args:
        counts, chosen: As `charts.class_balance` takes them.
    """
    return _written(charts.class_balance(counts, chosen))


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def curve_chart(run_id: str, label: int, kind: str) -> dict[str, Any]:
    """The chart of a run's `class_curves` as Vega-Lite, still without the point of a threshold."""
    return _written(charts_curves.class_curves(resources.class_curves(run_id), label, kind))


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def accuracy_chart(run_id: str) -> dict[str, Any]:
    """The chart of a run's validation accuracy as Vega-Lite, still without the point of an epoch."""
    return _written(charts_curves.validation_accuracy(resources.store().metrics(run_id, "epoch")))
