"""Show a network something of your own: a drawing, pictures, the camera, or an image it was tested on."""

import numpy as np
import streamlit as st

from app import charts, resources, state
from app.components.gallery import Tile, render_gallery
from app.components.run_picker import render_run_picker
from app.components.steps_view import render_steps
from app.components.subject import Subject, render_camera, render_drawing, render_test_image, render_upload
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run

INPUTS = {
    "Draw": render_drawing,
    "Upload": render_upload,
    "Camera": render_camera,
    "Test image": render_test_image,
}
HINTS = {
    "Draw": "**Draw a garment** and lift the pen: the answer stands here. Draw it large, shoes from the "
    "side, all else from the front.",
    "Upload": "**Upload a picture**, best of one garment on a plain background, shoes from the side.",
    "Camera": "**Switch the camera on** and hold one garment before a plain background.",
}
SURE = ((0.9, "The network is sure"), (0.6, "The network thinks"), (0.0, "The network wavers"))


def render_hint(run: Run, source: str) -> None:
    """What to do first, and the ten classes, each with a test image to try."""
    data = resources.dataset_of(run.source)
    firsts = [int(np.argmax(data.y_test == label)) for label in range(len(CLASS_NAMES))]

    def try_class(label: int) -> None:
        st.session_state[state.INPUT] = "Test image"
        st.session_state[state.TEST_IMAGE] = firsts[label]

    st.markdown(HINTS[source])
    st.caption("It tells ten kinds apart. Click one to see it answer:")
    tiles = [Tile(caption=name) for name in CLASS_NAMES]
    render_gallery(data.x_test[firsts], tiles, key="classes", on_click=try_class)


def render_answer(run: Run, subject: Subject) -> None:
    """The winning class in large, whether it is right where that is known, and all ten probabilities."""
    probabilities = resources.ask(run.id, subject.picture.image[np.newaxis])[0]
    answer, highest = int(probabilities.argmax()), float(probabilities.max())
    sure = next(words for least, words in SURE if highest >= least)
    with st.container(horizontal=True, vertical_alignment="center", key="answer"):
        st.metric(f"{sure}: {highest:.1%}", CLASS_NAMES[answer], width="content")
        if answer == subject.label:
            st.badge("Right", icon=":material/check_circle:", color="green")
        elif subject.label is not None:
            st.badge(f"Wrong: {CLASS_NAMES[subject.label]}", icon=":material/cancel:", color="red")
    st.altair_chart(
        charts.probability_bars(probabilities, subject.label),
        width="stretch",
        key="answer_probabilities",
        alt="The ten probabilities, the most probable class first",
    )
    if subject.advice:
        st.caption(subject.advice)


@st.fragment
def classify(run: Run) -> None:
    """Input beside answer, the steps below: a stroke runs this part of the page alone."""
    source = st.segmented_control(
        "Picture from",
        list(INPUTS),
        default="Draw",
        required=True,
        key=state.INPUT,
        bind="query-params",
        label_visibility="collapsed",
        help="Where the picture comes from.",
    )
    left, right = st.columns([2, 3], gap="large")
    try:
        with left:
            subject = INPUTS[source](run)
        with right:
            if subject:
                render_answer(run, subject)
            else:
                render_hint(run, source)
        if subject:
            st.subheader("What the network sees", anchor=False)
            render_steps(subject.picture.steps)
    except FmnistError as error:
        right.error(str(error), icon=":material/error:")


st.title("Classify", anchor=False)
run = render_run_picker("Network", "Which trained network answers.")
if run:
    classify(run)
