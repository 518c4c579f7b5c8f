"""The figures of a network as files, for a spreadsheet or a notebook."""

import numpy as np
import streamlit as st

from fmnist_core.analysis.curves import class_curves
from fmnist_core.analysis.evaluation import Evaluation
from fmnist_core.analysis.tables import answers_csv, areas_csv, classes_csv, confusion_csv
from fmnist_core.data.dataset import Dataset


def render_downloads(run_id: str, data: Dataset, probabilities: np.ndarray, evaluation: Evaluation) -> None:
    """Offers the tables as CSV files; each is written when it is asked for.

    Args:
        run_id: The run whose figures they are; it names the files.
        data: The data set whose test images were answered.
        probabilities: The answers, `(n, 10)`.
        evaluation: Their figures.
    """
    tables = {
        "classes": (
            "Classes",
            lambda: classes_csv(evaluation),
            "Precision, recall, F1 and support of every class.",
        ),
        "confusion": (
            "Confusion matrix",
            lambda: confusion_csv(evaluation.confusion_matrix),
            "Counts: a row per true class, a column per predicted class.",
        ),
        "areas": (
            "Curve areas",
            lambda: areas_csv(class_curves(data.y_test, probabilities)),
            "Average precision and AUC of every class against the rest.",
        ),
        "answers": (
            "All answers",
            lambda: answers_csv(data.y_test, probabilities),
            "Every test image: its position, true class, answer, ten probabilities and loss.",
        ),
    }
    with st.popover("Download", icon=":material/download:", help="The figures as CSV files."):
        for name, (label, write, words) in tables.items():
            st.download_button(
                label,
                write,
                file_name=f"{run_id}-{name}.csv",
                mime="text/csv",
                key=f"download_{name}",
                on_click="ignore",
                help=words,
                width="stretch",
            )
