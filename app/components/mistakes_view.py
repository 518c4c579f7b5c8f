"""The images a network erred on or found hard, in an order of choice."""

import numpy as np
import streamlit as st

from app import state
from app.components.answers import render_answers
from app.components.class_choice import render_class_filter
from app.components.options import render_options
from app.components.words import counted
from fmnist_core.analysis.evaluation import closest_calls, hardest, misclassified
from fmnist_core.data.dataset import Dataset

ORDERS = {
    "Most confident": (misclassified, "mistake", "the most confident first"),
    "Largest loss": (hardest, "answer", "right ones too; the hardest first"),
    "Closest call": (closest_calls, "mistake", "first those where the true class was nearly chosen"),
}


def render_mistakes(data: Dataset, probabilities: np.ndarray) -> None:
    """Shows wrongly answered images, of all classes or between two, or all of them by their loss.

    Args:
        data: The data set whose test images were answered.
        probabilities: The answers, `(n, 10)`.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = render_options(
            "First come",
            list(ORDERS),
            default="Most confident",
            key=state.ORDER,
            help="Mistakes the network was surest of; of all images those that cost it most, right answers "
            "included; or mistakes by a hair's breadth.",
        )
        true_class, predicted_class = (
            render_class_filter(label, key, f"Shows only images of this {label.lower()}.")
            for key, label in ((state.TRUE_CLASS, "True class"), (state.PREDICTED_CLASS, "Predicted class"))
        )
    find, what, which_first = ORDERS[order]
    positions = find(data.y_test, probabilities, true_class, predicted_class)
    if not len(positions):
        st.info("No such image: choose other classes.", icon=":material/filter_alt:")
        return
    st.caption(f"{counted(len(positions), what)}, of {len(data.y_test):,} test images; {which_first}.")
    render_answers(data, probabilities, positions, key=f"{find.__name__}_{true_class}_{predicted_class}")
