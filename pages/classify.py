"""Show a network something of your own: a drawing, pictures, the camera, or an image it was tested on."""

import numpy as np
import streamlit as st

from app import resources, state, written_charts
from app.components.closer_look import render_closer_look
from app.components.errors_told import errors_told
from app.components.gallery import Tile, render_gallery
from app.components.options import render_options
from app.components.run_picker import render_run_picker
from app.components.subject import Subject, render_camera, render_drawing, render_known_image, render_upload
from app.components.words import percent
from fmnist_core.analysis.naming import Answer
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.runs import Run
from fmnist_core.shipped import SKETCH

INPUTS = {
    "Draw": render_drawing,
    "Upload": render_upload,
    "Camera": render_camera,
    "Known image": render_known_image,
}
HINTS = {
    "Draw": "**Draw a garment** and lift the pen: the answer stands here. Draw it large, shoes from the "
    "side, all else from the front.",
    "Upload": "**Upload a picture**, best of one garment on a plain background, shoes from the side.",
    "Camera": "**Switch the camera on** and hold one garment before a plain background.",
}
SURE = ((0.9, "The network is sure"), (0.0, "The network thinks"))


def render_hint(run: Run, source: str) -> None:
    """What to do first, and the ten classes, each with a test image to try."""
    data = resources.data_of_run(run)
    firsts = [int(np.argmax(data.y_test == label)) for label in range(len(CLASS_NAMES))]

    def try_class(label: int) -> None:
        st.session_state[state.INPUT] = "Known image"
        st.session_state[state.KNOWN_SPLIT] = "Test"
        st.session_state[state.KNOWN_IMAGE] = firsts[label]

    st.markdown(HINTS[source])
    st.caption("It tells ten kinds apart. Click one to see it answer:")
    tiles = [Tile(caption=name) for name in CLASS_NAMES]
    render_gallery(data.x_test[firsts], tiles, key="classes", on_click=try_class)


def render_answer(subject: Subject, answer: Answer) -> None:
    """The winning class in large, or the two or three it may be, and all ten probabilities."""
    probabilities, label = answer.probabilities, answer.candidates[0]
    highest = float(probabilities[label])
    with st.container(horizontal=True, vertical_alignment="center", key="answer"):
        if answer.is_sure:
            sure = next(words for least, words in SURE if highest >= least)
            st.metric(f"{sure}: {percent(highest)}", CLASS_NAMES[label], width="content")
        else:
            names = [CLASS_NAMES[candidate] for candidate in answer.candidates]
            st.metric(f"Not sure: {percent(highest)} at best", " or ".join(names), width="content")
        if label == subject.label:
            st.badge("Right", icon=":material/check_circle:", color="green")
        elif subject.label is not None:
            st.badge(f"Wrong: {CLASS_NAMES[subject.label]}", icon=":material/cancel:", color="red")
    st.vega_lite_chart(
        spec=written_charts.probability_bars(probabilities, subject.label),
        width="stretch",
        key="answer_probabilities",
        alt="The ten probabilities, the most probable class first",
    )
    if subject.advice:
        st.caption(subject.advice)


@st.fragment
def classify(run: Run) -> None:
    """Input beside answer, the steps below: a stroke runs this part of the page alone."""
    source = render_options(
        "Picture from",
        list(INPUTS),
        default="Draw",
        key=state.INPUT,
        label_visibility="collapsed",
        help="Where the picture comes from.",
    )
    left, right = st.columns([2, 3], gap="large")
    with errors_told():
        with left:
            subject = INPUTS[source](run)
        with right:
            if subject:
                answer = resources.name(run.id, subject.picture.image)
                render_answer(subject, answer)
            else:
                render_hint(run, source)
        if subject:
            render_closer_look(run, subject, answer)


st.title("Classify", anchor=False)
run = render_run_picker("Network", "Which trained network answers.", first=SKETCH)
if run:
    classify(run)
