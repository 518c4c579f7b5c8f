"""The confusion matrix, and the very images in the cell or of the pair of classes that is clicked."""

import numpy as np
import streamlit as st

from app import charts, state, written_charts
from app.components.answers import render_answers
from app.components.words import cell_in_words, counted
from fmnist_core.analysis.confusion import Pair, confused_pairs, pair_images, similarity_order
from fmnist_core.analysis.evaluation import cell_images, confusions
from fmnist_core.data.dataset import CLASS_NAMES, Dataset

PAIRS = 4

Cells = tuple[tuple[int, int], ...]


def render_confusion_view(data: Dataset, probabilities: np.ndarray, matrix: np.ndarray) -> None:
    """Shows the matrix with the images of what was clicked beside it, at first of the most frequent mistake.

    Args:
        data: The data set whose test images were answered.
        probabilities: The answers, `(n, 10)`.
        matrix: Their confusion matrix, `(10, 10)`; rows true, columns predicted.
    """
    st.markdown(
        "In the **confusion matrix** each row is a true class and each column an answer: the diagonal was "
        "right, all else are mistakes. **Click a cell to see its images.**"
    )
    # A chart remembers which cell was clicked; with a new key it takes the pair instead.
    clicks, pair = st.session_state.get(state.PAIR, (0, None))
    pairs, mistakes = confused_pairs(matrix), confusions(matrix)
    if pair not in [(one, other) for one, other, *_ in pairs]:
        pair = None
    cells: Cells = (pair, pair[::-1]) if pair else (mistakes[0][:2] if mistakes else (0, 0),)
    left, right = st.columns([6, 5], gap="large")
    with left:
        chosen = _render_matrix(matrix, cells, key=f"confusion_matrix_{clicks}")
    with right:
        _render_pairs(pairs[:PAIRS], clicks)
        with st.container(key="cell_images"):
            if pair and not chosen:
                _render_pair(data, probabilities, *pair)
            else:
                _render_cell(data, probabilities, *(chosen or cells[0]))


def _render_matrix(matrix: np.ndarray, cells: Cells, key: str) -> tuple[int, int] | None:
    """Shows the matrix; returns the cell that was clicked, if any."""
    place = st.container()
    with st.container(horizontal=True):
        figures = st.segmented_control(
            "Figures",
            ["Counts", "Row shares"],
            default="Counts",
            required=True,
            key="figures",
            persist_state="session",
            help="How many images are in each cell, or their share of all images of the true class.",
        )
        order = st.segmented_control(
            "Order",
            ["As numbered", "By similarity"],
            default="As numbered",
            required=True,
            key="class_order",
            persist_state="session",
            help="The classes by their labels, or with those side by side that are taken for one another.",
        )
    similar = order == "By similarity"
    clicked = place.vega_lite_chart(
        spec=written_charts.confusion_chart(
            matrix,
            figures == "Row shares",
            cells,
            tuple(map(int, similarity_order(matrix) if similar else range(len(CLASS_NAMES)))),
        ),
        width="stretch",
        key=key,
        on_select="rerun",
        selection_mode=charts.CELL,
        alt="Confusion matrix: true classes in rows, predicted classes in columns",
    ).selection[charts.CELL]
    # A pair that is framed counts as two.
    if len(clicked) != 1:
        return None
    return CLASS_NAMES.index(clicked[0]["true"]), CLASS_NAMES.index(clicked[0]["predicted"])


def _render_pairs(pairs: list[Pair], clicks: int) -> None:
    def choose(pair: Pair) -> None:
        st.session_state[state.PAIR] = clicks + 1, (pair.one, pair.other)

    if not pairs:
        return
    st.caption(
        "Most confused pairs", help="Two classes, and how many images of either were taken for the other."
    )
    with st.container(horizontal=True, gap="small", key="pairs"):
        for pair in pairs:
            one, other = CLASS_NAMES[pair.one], CLASS_NAMES[pair.other]
            st.button(
                f"{one} ↔ {other} :gray[{pair.count}]",
                key=f"pair_{pair.one}_{pair.other}",
                on_click=choose,
                args=(pair,),
                help=f"{one} taken for {other}: {pair.one_as_other}; {other} taken for {one}: "
                f"{pair.other_as_one}. Shows them all.",
            )


def _render_pair(data: Dataset, probabilities: np.ndarray, one: int, other: int) -> None:
    st.subheader(f"{CLASS_NAMES[one]} and {CLASS_NAMES[other]}, mixed up", anchor=False)
    positions = pair_images(data.y_test, probabilities, one, other)
    st.caption(f"{counted(len(positions), 'image')}, most confident first. Click one to see it close up.")
    render_answers(data, probabilities, positions, key=f"pair_images_{one}_{other}")


def _render_cell(data: Dataset, probabilities: np.ndarray, true_class: int, predicted_class: int) -> None:
    st.subheader(cell_in_words(true_class, predicted_class), anchor=False)
    positions = cell_images(data.y_test, probabilities, true_class, predicted_class)
    if not len(positions):
        st.caption("No image at all. Click a cell with a number in it.")
        return
    st.caption(f"{counted(len(positions), 'image')}, most confident first. Click one to see it close up.")
    render_answers(data, probabilities, positions, key=f"cell_{true_class}_{predicted_class}", named=False)
