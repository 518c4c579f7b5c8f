"""How each class fares: a chart, a table, and the images of the class that is clicked."""

import numpy as np
import streamlit as st

from app import charts
from app.components.answers import render_answers
from app.components.class_choice import render_class_choice, render_class_rows, take_click
from app.components.words import counted
from fmnist_core.analysis.evaluation import Evaluation, confusions, hardest, misclassified
from fmnist_core.data.dataset import CLASS_NAMES, Dataset


def render_classes(data: Dataset, probabilities: np.ndarray, evaluation: Evaluation) -> None:
    """Shows precision, recall and F1 of every class, and the images of one.

    Args:
        data: The data set whose test images were answered.
        probabilities: The answers, `(n, 10)`.
        evaluation: Their figures.
    """
    st.markdown(
        "**Precision** asks how far an answer can be trusted, **recall** how many of a class were found, and "
        "**F1** is high only where both are. The hardest class stands at the top. **Click a bar or a row to "
        "see the images of its class.**"
    )
    label = render_class_choice(int(np.argmin(evaluation.f1)))
    left, right = st.columns(2, gap="large")
    key = f"class_bars_{label}"
    left.altair_chart(
        charts.class_bars(evaluation, label),
        width="stretch",
        key=key,
        on_select=lambda: take_click(key, "bar"),
        selection_mode="bar",
        alt="Precision, recall and F1 by class",
    )
    with right:
        _render_table(evaluation, label)
    _render_images(data, probabilities, label)


def _render_table(evaluation: Evaluation, label: int) -> None:
    taken_for: dict[int, str] = {}
    for mistake in confusions(evaluation.confusion_matrix):
        taken_for.setdefault(mistake.true_class, f"{CLASS_NAMES[mistake.predicted_class]} ({mistake.count})")

    def share(help: str) -> object:
        return st.column_config.NumberColumn(help=help, format="%.1f%%")

    render_class_rows(
        {
            "precision": 100 * evaluation.precision,
            "recall": 100 * evaluation.recall,
            "F1": 100 * evaluation.f1,
            "support": evaluation.support,
            "taken for": [taken_for.get(label, "–") for label in range(len(CLASS_NAMES))],
        },
        label,
        name="class_table",
        config={
            "precision": share("Of the answers, how many were right."),
            "recall": share("Of the class, how many were found."),
            "F1": share("Harmonic mean of precision and recall."),
            "support": st.column_config.NumberColumn(help="Test images of the class.", format="localized"),
            "taken for": st.column_config.TextColumn(help="The class it is most often taken for, how often."),
        },
    )


def _render_images(data: Dataset, probabilities: np.ndarray, label: int) -> None:
    name = CLASS_NAMES[label]
    found = {
        "Missed": (
            misclassified(data.y_test, probabilities, true_class=label),
            "of the class, taken for another; the most confident first",
        ),
        "False alarms": (
            misclassified(data.y_test, probabilities, predicted_class=label),
            "of other classes, taken for this one; the most confident first",
        ),
        "Hardest": (
            hardest(data.y_test, probabilities, true_class=label),
            "of the class, right answers too; the largest loss first",
        ),
    }
    st.subheader(name, anchor=False)
    which = st.segmented_control(
        "Its images",
        list(found),
        default="Missed",
        required=True,
        key="class_images",
        persist_state="session",
        help="Images of the class that were taken for another, images of others that were taken for it, or "
        "all images of the class by their loss.",
    )
    positions, words = found[which]
    if not len(positions):
        st.caption("None at all: choose other images, or click another class.")
        return
    st.caption(f"{counted(len(positions), 'image')} {words}.")
    with st.container(key="images_of_class"):
        render_answers(data, probabilities, positions, key=f"{which.split()[0]}_{label}")
