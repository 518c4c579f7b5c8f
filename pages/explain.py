"""Why a network answered as it did: where it looked, and what each of its layers made of the picture."""

import random

import numpy as np
import streamlit as st

from app import pixels, resources, state
from app.components.errors_told import errors_told
from app.components.image_view import open_image_view
from app.components.options import render_options
from app.components.reasons_view import render_reasons
from app.components.rows_view import render_rows
from app.components.run_picker import render_run_picker
from app.components.stages_view import render_stages
from app.components.weights_view import render_weights
from app.components.words import percent
from app.state import Place
from fmnist_core.analysis.evaluation import misclassified
from fmnist_core.data.dataset import CLASS_NAMES, Dataset
from fmnist_core.runs import Run

WAYS = {
    "Where it looked": render_reasons,
    "Layer by layer": lambda run, image, _: render_stages(run, image),
    "First weights": lambda run, *_: render_weights(run),
    "Row by row": lambda run, image, _: render_rows(run, image),
}
OF_SEQUENCES = "Row by row"


def choose_place(run: Run, data: Dataset) -> Place:
    """The image to explain: the one that the address names, or else the most confident mistake."""
    mistakes = misclassified(data.y_test, resources.test_answers(run.id))
    first = Place("test", int(mistakes[0]) if len(mistakes) else 0)
    place = state.explained_place() or first
    if place.position >= len(data.images_and_labels(place.split)[0]):
        st.warning(f"There is no {place.words} image {place.position:,}.", icon=":material/search_off:")
        place = first
    state.explain_place(place)
    render_choice(place, data, mistakes)
    return place


def render_choice(place: Place, data: Dataset, mistakes: np.ndarray) -> None:
    """Ways to another image."""
    count = len(data.images_and_labels(place.split)[0])
    # The address decides what the controls show.
    st.session_state[state.EXPLAINED_SPLIT] = place.words.capitalize()
    st.session_state[state.EXPLAINED_NUMBER] = place.position

    def take_split() -> None:
        split = "test" if st.session_state[state.EXPLAINED_SPLIT] == "Test" else "train"
        state.explain_place(Place(split, 0))

    def next_mistake() -> None:
        at = np.flatnonzero(mistakes == place.position) if place.split == "test" else ()
        following = (int(at[0]) + 1) % len(mistakes) if len(at) else 0
        state.explain_place(Place("test", int(mistakes[following])))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Of the images for",
            ["Test", "Training"],
            required=True,
            key=state.EXPLAINED_SPLIT,
            on_change=take_split,
            help="The network may have learned from a training image, and never from a test image.",
        )
        st.number_input(
            "Image number",
            0,
            count - 1,
            key=state.EXPLAINED_NUMBER,
            on_change=lambda: state.explain_place(
                Place(place.split, st.session_state[state.EXPLAINED_NUMBER])
            ),
            width=180,
            help=f"Its number among the {count:,} images, counted from 0.",
        )
        st.button(
            "Next mistake",
            icon=":material/skip_next:",
            key="next_mistake",
            disabled=not len(mistakes),
            on_click=next_mistake,
            help="Goes through the mistakes on the test images, the most confident first.",
        )
        st.button(
            "Random",
            icon=":material/casino:",
            key="random_explained",
            on_click=lambda: state.explain_place(Place(place.split, random.randrange(count))),
            help="Takes any of these images.",
        )


def render_subject(data: Dataset, place: Place, answer: np.ndarray) -> None:
    """The image with its class and its answer, in short; a click opens all that is known of it."""
    images, labels = data.images_and_labels(place.split)
    truth, named = CLASS_NAMES[labels[place.position]], CLASS_NAMES[answer.argmax()]
    sign = ":green[:material/check_circle:]" if truth == named else ":red[:material/cancel:]"
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        enlarged = pixels.magnified(images[place.position], 5)
        st.image(enlarged, width=28 * 5, alt=f"The image: {truth}")
        with st.container(width="stretch"):
            st.subheader(f"{sign} {truth}{'' if truth == named else f', taken for {named}'}", anchor=False)
            st.caption(f"{percent(answer.max())} sure. {place.words.capitalize()} image {place.position:,}")
            if st.button(
                "Up close",
                icon=":material/image_search:",
                key="explained_up_close",
                help="Shows its ten probabilities, the images like it, and its pixels.",
            ):
                open_image_view(data, place, answer)


def render_explanations(run: Run, data: Dataset, place: Place) -> None:
    """The image with its answer, and below it one way to explain it."""
    image = data.images_and_labels(place.split)[0][place.position]
    answer = resources.answer_to(run.id, place)
    render_subject(data, place, answer)
    ways = [way for way in WAYS if way != OF_SEQUENCES or run.config.model.kind == "recurrent"]
    chosen = render_options(
        "Why",
        ways,
        default=ways[0],
        key=state.REASON,
        help="What the answer hangs on, what each layer makes of the picture, or what the network looks for.",
    )
    WAYS[chosen](run, image, answer)


st.title("Explain", anchor=False)
if run := render_run_picker(help="Whose answer is explained."):
    with errors_told():
        data = resources.data_of_run(run)
        resources.await_network(run.id)
        render_explanations(run, data, choose_place(run, data))
