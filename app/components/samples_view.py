"""Test images drawn at random, with what a network answered."""

import numpy as np
import streamlit as st

from app import state
from app.components.answers import render_answers
from fmnist_core.data.dataset import Dataset

SAMPLE_IMAGES = 40


def render_samples(data: Dataset, probabilities: np.ndarray) -> None:
    """Shows right and wrong answers alike, and others at a click.

    Args:
        data: The data set whose test images were answered.
        probabilities: The answers, `(n, 10)`.
    """
    seed = state.sample_seed()
    chance = np.random.default_rng(seed)
    positions = chance.choice(len(data.y_test), min(SAMPLE_IMAGES, len(data.y_test)), replace=False)
    right = np.count_nonzero(probabilities[positions].argmax(axis=1) == data.y_test[positions])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Show others",
            icon=":material/casino:",
            key="other_sample",
            on_click=state.draw_other_sample,
            help="Draws other test images at random.",
        )
        st.caption(f"{right} of these {len(positions)} are right. Click one to see its ten probabilities.")
    render_answers(data, probabilities, positions, key=f"sample_{seed}")
