"""A recurrent network while it reads: what it would answer after each row."""

import numpy as np
import streamlit as st

from app import charts, pixels, reasons
from app.components.words import whole_percent
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.runs import Run

ENLARGED = 8


def render_rows(run: Run, image: np.ndarray) -> None:
    """Shows the ten probabilities after each row, and the picture as far as it has been read.

    Args:
        run: Whose network it is; a recurrent one.
        image: The picture, uint8 `(28, 28)`.
    """
    answers = reasons.row_by_row(run.id, image)
    st.markdown(
        "It reads from top to bottom and keeps in mind what it has read. After each row it is asked, as if "
        "the picture ended there. It has only learned to answer at the end: early answers are guesses."
    )
    left, right = st.columns([1, 3], gap="medium")
    with left:
        rows = st.slider("Rows read", 1, len(image), len(image), key="rows_read", help="How far it has read.")
        read = image.copy()
        read[rows:] //= 6
        st.image(
            pixels.magnified(read, ENLARGED),
            width=28 * ENLARGED,
            alt="The rows read so far",
        )
        best = int(answers[rows - 1].argmax())
        st.markdown(f"**{CLASS_NAMES[best]}** {whole_percent(answers[rows - 1, best])}")
    with right:
        st.altair_chart(
            charts.row_answers(answers, rows),
            width="stretch",
            key="row_answers",
            alt="The probabilities of the classes after each row",
        )
