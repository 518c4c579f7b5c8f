"""The confusion matrix, and the very images in the cell that is clicked."""

import numpy as np
import streamlit as st

from app import charts, resources
from app.components.answers import render_answers
from fmnist_core.analysis.evaluation import cell_images, confusions
from fmnist_core.data.dataset import CLASS_NAMES, Dataset


def render_confusion_view(data: Dataset, probabilities: np.ndarray, matrix: np.ndarray) -> None:
    """Shows the matrix with the images of one cell beside it, at first of the most frequent mistake.

    Args:
        data: The data set whose test images were answered.
        probabilities: The answers, `(n, 10)`.
        matrix: Their confusion matrix, `(10, 10)`; rows true, columns predicted.
    """
    mistakes = confusions(matrix)
    first = mistakes[0][:2] if mistakes else (0, 0)
    st.markdown(
        "In the **confusion matrix** each row is a true class and each column an answer: the diagonal was "
        "right, all else are mistakes. **Click a cell to see its images.**"
    )
    left, right = st.columns([6, 5], gap="large")
    with left:
        matrix_place = st.container()
        figures = st.segmented_control(
            "Figures",
            ["Counts", "Row shares"],
            default="Counts",
            required=True,
            key="figures",
            help="How many images are in each cell, or their share of all images of the true class.",
        )
        chosen = matrix_place.vega_lite_chart(
            spec=resources.confusion_chart(matrix, figures == "Row shares", first),
            width="stretch",
            key="confusion_matrix",
            on_select="rerun",
            selection_mode=charts.CELL,
            alt="Confusion matrix: true classes in rows, predicted classes in columns",
        ).selection[charts.CELL]
    with right, st.container(key="cell_images"):
        if chosen:
            names = chosen[0]
            cell = CLASS_NAMES.index(names["true"]), CLASS_NAMES.index(names["predicted"])
        else:
            cell = first
        _render_cell(data, probabilities, *cell)


def _render_cell(data: Dataset, probabilities: np.ndarray, true_class: int, predicted_class: int) -> None:
    true_name, predicted_name = CLASS_NAMES[true_class], CLASS_NAMES[predicted_class]
    right = true_class == predicted_class
    st.subheader(
        f"{true_name}, recognised" if right else f"{true_name} taken for {predicted_name}", anchor=False
    )
    positions = cell_images(data.y_test, probabilities, true_class, predicted_class)
    if not len(positions):
        st.caption("No image at all. Click a cell with a number in it.")
        return
    images = "1 image" if len(positions) == 1 else f"{len(positions):,} images"
    st.caption(f"{images}, most confident first. Click one to see it close up.")
    render_answers(data, probabilities, positions, key=f"cell_{true_class}_{predicted_class}", named=False)
