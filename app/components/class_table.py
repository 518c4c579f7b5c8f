"""How each class fares: a chart, and a table that can be sorted and downloaded."""

import pandas as pd
import streamlit as st

from app import charts
from fmnist_core.analysis.evaluation import Evaluation, confusions
from fmnist_core.data.dataset import CLASS_NAMES


def render_class_table(evaluation: Evaluation) -> None:
    """Precision, recall and F1 of every class."""
    st.markdown(
        "**Precision** asks how far an answer can be trusted, **recall** how many of a class were found, and "
        "**F1** is high only where both are. The hardest class stands at the top."
    )
    st.altair_chart(
        charts.class_bars(evaluation),
        width="stretch",
        key="class_bars",
        alt="Precision, recall and F1 by class",
    )
    taken_for: dict[int, str] = {}
    for mistake in confusions(evaluation.confusion_matrix):
        taken_for.setdefault(mistake.true_class, f"{CLASS_NAMES[mistake.predicted_class]} ({mistake.count})")
    table = pd.DataFrame(
        {
            "class": CLASS_NAMES,
            "precision": 100 * evaluation.precision,
            "recall": 100 * evaluation.recall,
            "F1": 100 * evaluation.f1,
            "support": evaluation.support,
            "taken for": [taken_for.get(label, "–") for label in range(len(CLASS_NAMES))],
        }
    )

    def share(help: str) -> st.column_config.ProgressColumn:
        return st.column_config.ProgressColumn(help=help, min_value=0, max_value=100, format="%.1f%%")

    st.dataframe(
        table,
        hide_index=True,
        key="class_table",
        column_config={
            "precision": share("Of the answers, how many were right."),
            "recall": share("Of the class, how many were found."),
            "F1": share("Harmonic mean of precision and recall."),
            "support": st.column_config.NumberColumn(help="Test images of the class.", format="localized"),
            "taken for": st.column_config.TextColumn(help="The class it is most often taken for, how often."),
        },
    )
