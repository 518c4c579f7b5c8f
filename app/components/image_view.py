"""One image of a data set close up: its place and pixels, what a network says of it, and what is like it."""

import numpy as np
import streamlit as st

from app import navigation, pixels, resources, state, written_charts
from app.components.errors_told import errors_told
from app.components.gallery import Tile, render_gallery
from app.components.pixel_table import render_pixel_table
from app.components.run_name import plain
from app.components.words import percent
from app.state import Place
from fmnist_core.analysis.evaluation import image_losses
from fmnist_core.data.dataset import CLASS_NAMES, Dataset
from fmnist_core.runs import Run

ENLARGED = 12
"""Each pixel of the enlarged picture is this many wide and high."""

DIALOG_WIDTH = 860
"""Pixels; where the screen is narrower, so is the dialog."""

NEAREST = 10


def render_image_view(
    data: Dataset, place: Place, probabilities: np.ndarray | None = None, *, key: str, changed: str = ""
) -> None:
    """Shows one image, or the one that the visitor went on to from it.

    Args:
        data: The data set that holds it.
        place: Where it is there.
        probabilities: An answer to it that is known already, `(10,)`, sums to 1.
        key: Name of this view on its page.
        changed: What is otherwise here than elsewhere, the picture or its answer, as a sentence.
    """
    shown = state.followed(key, place)
    if shown != place:
        probabilities, changed = None, ""
    images, labels = data.images_and_labels(shown.split)
    image, label = images[shown.position], int(labels[shown.position])
    picture, facts = st.columns([2, 3], gap="medium")
    with picture:
        st.image(
            pixels.magnified(image, ENLARGED),
            width="stretch",
            alt=f"The image, enlarged: {CLASS_NAMES[label]}",
        )
        st.caption(
            f"**{CLASS_NAMES[label]}**, label {label}. Image {shown.position:,} of the {len(images):,} "
            f"{shown.words} images, counted from 0: `x_{shown.split}[{shown.position}]`"
        )
        if changed:
            st.caption(f":material/info: {changed}")
        if shown != place:
            st.button(
                "Back",
                icon=":material/arrow_back:",
                key=f"{key}_back",
                on_click=state.step_back,
                args=(key,),
                help="Back to the image before.",
            )
    with facts:
        views = ["Answer", "Nearest", "Pixels"]
        view = st.segmented_control(
            "Show",
            views,
            default="Pixels" if probabilities is None else "Answer",
            required=True,
            key=f"{key}_view",
            label_visibility="collapsed",
            help="What the network answers, the images that it finds most like this one, or the pixels.",
        )
        if view == "Pixels":
            _render_facts(image, label)
        with errors_told():
            run = resources.run_to_ask(data.source)
            if view == "Answer":
                if probabilities is None:
                    probabilities = resources.answer_to(run.id, shown)
                _render_answer(probabilities, label, run, key)
            elif view == "Nearest":
                _render_nearest(run, image, label, place, shown, key)
            if not changed:
                _render_links(run, shown)
    if view == "Pixels":
        render_pixel_table(image)


def open_image_view(
    data: Dataset, place: Place, probabilities: np.ndarray | None = None, changed: str = ""
) -> None:
    """Opens the same view over the page; the page stays as it is below."""
    state.start_again("opened_image")
    _open(data, place, probabilities, changed)


@st.dialog("One image", width=DIALOG_WIDTH, icon=":material/image_search:")
def _open(data: Dataset, place: Place, probabilities: np.ndarray | None, changed: str) -> None:
    render_image_view(data, place, probabilities, key="opened_image", changed=changed)


def _render_answer(probabilities: np.ndarray, label: int, run: Run, key: str) -> None:
    answer = int(probabilities.argmax())
    if answer == label:
        st.header(f":green[:material/check_circle:] {CLASS_NAMES[label]}", anchor=False)
    else:
        st.header(
            f":red[:material/cancel:] {CLASS_NAMES[label]}, taken for {CLASS_NAMES[answer]}", anchor=False
        )
    loss = image_losses(np.array([label]), probabilities[np.newaxis])[0]
    with st.container(horizontal=True):
        st.metric(
            "Answer", percent(probabilities[answer]), help=f"How sure {plain(run.name)} is of its answer."
        )
        st.metric("True class", percent(probabilities[label]), help="How likely it holds the true class.")
        st.metric(
            "Loss on it",
            f"{loss:.2f}",
            help="Minus the logarithm of the true class's probability: 0 when certain and right, and the "
            "larger the surer it is of something else.",
        )
    st.vega_lite_chart(
        spec=written_charts.probability_bars(probabilities, label),
        width="stretch",
        key=f"{key}_probabilities",
        alt="The ten probabilities, the most probable class first; the true one has a tick",
    )


def _render_facts(image: np.ndarray, label: int) -> None:
    st.header(CLASS_NAMES[label], anchor=False)
    st.caption(
        f"Mean pixel {image.mean():.0f}, {(image == 0).mean():.0%} of them black. What a network sees is a "
        "number for each, from 0 (black) to 255 (white)."
    )


def _render_nearest(run: Run, image: np.ndarray, label: int, start: Place, shown: Place, key: str) -> None:
    st.caption(
        f"Of {resources.SEARCHED:,} training images, those that {plain(run.name)} finds most like this one: "
        "by the values that its last layer decides on. Click one to go on to it."
    )
    itself = shown.position if shown.split == "train" else None
    data = resources.data_of_run(run)
    for words, other in (("Most like it", None), ("Most like it, with another label", label)):
        found = resources.nearest(run.id, image, NEAREST, without=itself, without_label=other)
        names = [CLASS_NAMES[data.y_train[position]] for position in found]

        def go_on(tile: int, found: np.ndarray = found) -> None:
            state.follow(key, start, Place("train", int(found[tile])))

        st.markdown(f"**{words}**")
        render_gallery(
            data.x_train[found],
            [Tile(name, hint=f"{name}: go on to it") for name in names],
            key=f"{key}_nearest_{'other' if other is not None else 'any'}",
            size=72,
            on_click=go_on,
        )


def _render_links(run: Run, shown: Place) -> None:
    with st.container(horizontal=True):
        st.page_link(
            navigation.page("Explain"),
            label="Explain",
            icon=":material/lightbulb:",
            query_params={state.RUN: run.id, state.PICTURE: shown.address},
            help=f"Shows what the answer of {plain(run.name)} hangs on.",
        )
        st.page_link(
            navigation.page("Classify"),
            label="Send to Classify",
            icon=":material/draw:",
            query_params={
                state.RUN: run.id,
                state.INPUT: "Known image",
                state.KNOWN_SPLIT: shown.words.capitalize(),
                state.KNOWN_IMAGE: str(shown.position),
            },
            help="Turns, shifts and changes it there, and asks several networks.",
        )
