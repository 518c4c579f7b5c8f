"""One class against the rest at every threshold, and the images that a threshold gets wrong."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from app import charts_curves, resources, written_charts
from app.components.answers import render_answers
from app.components.class_choice import render_class_choice, render_class_rows, take_click
from app.components.words import counted
from fmnist_core.analysis.curves import Curve, false_alarms, missed
from fmnist_core.data.dataset import CLASS_NAMES, Dataset

WORDS = {
    "Precision-recall": "Precision over recall, one class against the rest, at every threshold",
    "ROC": "Recall over the false positive rate, one class against the rest, at every threshold",
}


def render_curves(data: Dataset, probabilities: np.ndarray, run_id: str) -> None:
    """Shows the curves of all classes, one of them brought out, and what a threshold on it means.

    Args:
        data: The data set whose test images were answered.
        probabilities: The answers, `(n, 10)`.
        run_id: The run whose answers they are.
    """
    st.markdown(
        "Ask for one class only: an image counts as found when its probability of that class reaches a "
        "**threshold**. A low one finds more and raises more false alarms. **Click a curve or a row, move "
        "the threshold, and see what goes wrong.**"
    )
    curves = resources.class_curves(run_id)
    areas = np.array([curve.average_precision for curve in curves])
    with st.container(horizontal=True):
        label = render_class_choice(int(np.nanargmin(areas)))
        percent = st.slider(
            "Threshold",
            0,
            100,
            50,
            format="%d%%",
            key="curve_threshold",
            persist_state="session",
            help="Least probability of the class with which an image counts as found.",
        )
    threshold = percent / 100
    for place, kind in zip(columns := st.columns([7, 7, 6]), WORDS, strict=False):
        with place:
            _render_chart(curves, label, kind, run_id, threshold)
    with columns[2]:
        _render_areas(curves, label)
    _render_threshold(curves[label], threshold)
    _render_images(data, probabilities, label, threshold)


def _render_chart(curves: Sequence[Curve], label: int, kind: str, run_id: str, threshold: float) -> None:
    chart = written_charts.curve_chart(run_id, label, kind)
    key = f"{kind}_{label}"
    st.vega_lite_chart(
        spec=charts_curves.with_point(chart, charts_curves.threshold_point(curves[label], threshold)),
        width="stretch",
        key=key,
        on_select=lambda: take_click(key, charts_curves.LINE),
        selection_mode=charts_curves.LINE,
        alt=WORDS[kind],
    )


def _render_areas(curves: Sequence[Curve], label: int) -> None:
    def area(help: str) -> object:
        return st.column_config.NumberColumn(help=help, format="%.3f")

    render_class_rows(
        {
            "AP": np.array([curve.average_precision for curve in curves]),
            "AUC": np.array([curve.auc for curve in curves]),
        },
        label,
        name="areas",
        config={
            "AP": area("Average precision: the area below the precision-recall curve; 1 is perfect."),
            "AUC": area(
                "Area below the ROC curve: how often an image of the class gets a higher probability of it "
                "than one of the rest. 1 is perfect, 0.5 is chance."
            ),
        },
    )


def _render_threshold(curve: Curve, threshold: float) -> None:
    here = curve.at(threshold)
    found_any = here > 0
    with st.container(horizontal=True):
        for name, values, words in (
            ("Precision", curve.precision, "Of the images that are found, the share that is of the class."),
            ("Recall", curve.recall, "Of the class, the share that is found."),
            ("False positive rate", curve.false_positive_rate, "Of the rest, the share that is found."),
        ):
            known = found_any or name != "Precision"
            st.metric(name, f"{values[here]:.1%}" if known else "–", help=words)


def _render_images(data: Dataset, probabilities: np.ndarray, label: int, threshold: float) -> None:
    scores, name = probabilities[:, label], CLASS_NAMES[label]
    of_class = int(np.count_nonzero(data.y_test == label))
    alarms, lost = (find(data.y_test, scores, label, threshold) for find in (false_alarms, missed))
    for place, title, positions, words, none in zip(
        st.columns(2, gap="large"),
        ("False alarms", "Missed"),
        (alarms, lost),
        (
            f"{counted(len(alarms), 'image')} of other classes with {threshold:.0%} {name} or more; the "
            "surest first.",
            f"{counted(len(lost), 'image')} of {of_class:,} of the class, below it; the least sure first.",
        ),
        ("No image of another class gets that far.", "No image of the class stays below."),
        strict=True,
    ):
        with place, st.container(key=title.lower().replace(" ", "_")):
            st.subheader(title, anchor=False)
            st.caption(words if len(positions) else none)
            if len(positions):
                render_answers(data, probabilities, positions, key=f"{title[0]}_{label}_{threshold}")
