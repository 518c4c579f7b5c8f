"""Charts as Vega-Lite, kept once written: Altair takes a tenth of a second for each, too long for a click."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app import charts, charts_curves, charts_learning, resources
from app.resources import KEPT_PICTURES
from fmnist_core.data.dataset import CLASS_NAMES


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
    return charts.confusion_matrix(matrix, shares, chosen, order).to_dict()


def learning_curve(steps: pd.DataFrame, epochs: pd.DataFrame, metric: str, last_epoch: int) -> dict[str, Any]:
    """The curve of one metric of a run as Vega-Lite; only its points are new each time.

    Args:
        steps, epochs, metric: As `charts_learning.curve_points` takes them.
        last_epoch: Where the axis ends.
    """
    points = charts_learning.curve_points(steps, epochs, metric)
    return _empty_learning_curve(metric, last_epoch) | {"datasets": {"curves": points}}


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def _empty_learning_curve(metric: str, last_epoch: int) -> dict[str, Any]:
    return charts_learning.learning_curve(metric, last_epoch).to_dict()


def probability_bars(probabilities: np.ndarray, true_label: int | None = None) -> dict[str, Any]:
    """The ten probabilities of an answer as Vega-Lite; only its rows are new each time.

    Args:
        probabilities, true_label: As `charts.probability_rows` takes them.
    """
    rows = charts.probability_rows(probabilities, true_label)
    return _empty_probability_bars() | {"datasets": {"answer": rows}}


@st.cache_data(show_spinner=False)
def _empty_probability_bars() -> dict[str, Any]:
    return charts.probability_bars().to_dict()


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def class_balance(counts: np.ndarray, chosen: int | None) -> dict[str, Any]:
    """The chart of how many images each class has, as Vega-Lite.

    Args:
        counts, chosen: As `charts.class_balance` takes them.
    """
    return charts.class_balance(counts, chosen).to_dict()


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def curve_chart(run_id: str, label: int, kind: str) -> dict[str, Any]:
    """The chart of a run's `class_curves` as Vega-Lite, still without the point of a threshold."""
    return charts_curves.class_curves(resources.class_curves(run_id), label, kind).to_dict()


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def accuracy_chart(run_id: str) -> dict[str, Any]:
    """The chart of a run's validation accuracy as Vega-Lite, still without the point of an epoch."""
    return charts_curves.validation_accuracy(resources.store().metrics(run_id, "epoch")).to_dict()
