"""One image of a data set, close up: the picture, its pixels, its label, and what a network says of it."""

from typing import Literal

import numpy as np
import streamlit as st

from app import charts
from app.components.pixel_table import render_pixel_table
from fmnist_core.analysis.evaluation import image_losses
from fmnist_core.data.dataset import CLASS_NAMES, Dataset

ENLARGED = 12
"""Each pixel of the enlarged picture is this many wide and high."""

DIALOG_WIDTH = 860
"""Pixels; where the screen is narrower, so is the dialog."""


def render_image_view(
    data: Dataset,
    split: Literal["train", "test"],
    position: int,
    probabilities: np.ndarray | None = None,
    *,
    key: str,
) -> None:
    """Shows one image: enlarged or as numbers, its true label, its place, and the answer if there is one.

    Args:
        data: The data set that holds it.
        split: Which part of it.
        position: Its place there, counted from 0.
        probabilities: A network's answer to it, `(10,)`, sums to 1; None without a network.
        key: Name of this view on its page.
    """
    of_training = split == "train"
    images, labels = (data.x_train, data.y_train) if of_training else (data.x_test, data.y_test)
    image, label = images[position], int(labels[position])
    picture, facts = st.columns([2, 3], gap="medium")
    with picture:
        enlarged = image.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
        st.image(enlarged, width="stretch", alt=f"The image, enlarged: {CLASS_NAMES[label]}")
        st.caption(
            f"Image {position:,} of the {len(images):,} {'training' if of_training else 'test'} images, "
            f"counted from 0: `x_{split}[{position}]`"
        )
    with facts:
        if probabilities is None:
            st.header(CLASS_NAMES[label], anchor=False)
        else:
            _render_answer(probabilities, label, key)
    if st.toggle(
        "Pixel values",
        key=f"{key}_pixels",
        help="Shows what the network gets to see: a number for each pixel, from 0 (black) to 255 (white).",
    ):
        render_pixel_table(image)


@st.dialog("One image", width=DIALOG_WIDTH, icon=":material/image_search:")
def open_image_view(
    data: Dataset, split: Literal["train", "test"], position: int, probabilities: np.ndarray | None = None
) -> None:
    """Opens the same view over the page; the page stays as it is below."""
    render_image_view(data, split, position, probabilities, key="opened_image")


def _render_answer(probabilities: np.ndarray, label: int, key: str) -> None:
    answer = int(probabilities.argmax())
    if answer == label:
        st.header(f":green[:material/check_circle:] {CLASS_NAMES[label]}", anchor=False)
    else:
        st.header(
            f":red[:material/cancel:] {CLASS_NAMES[label]}, taken for {CLASS_NAMES[answer]}", anchor=False
        )
    loss = image_losses(np.array([label]), probabilities[np.newaxis])[0]
    with st.container(horizontal=True):
        st.metric("Answer", f"{probabilities[answer]:.1%}", help="How sure the network is of its answer.")
        st.metric("True class", f"{probabilities[label]:.1%}", help="How likely it holds the true class.")
        st.metric(
            "Loss on it",
            f"{loss:.2f}",
            help="Minus the logarithm of the true class's probability: 0 when certain and right, and the "
            "larger the surer it is of something else.",
        )
    st.altair_chart(
        charts.probability_bars(probabilities, label),
        width="stretch",
        key=f"{key}_probabilities",
        alt="The ten probabilities, the most probable class first; the true one has a tick",
    )
