"""Below an answer: how the picture became an input, what it resembles, and what the answer hangs on."""

import numpy as np
import streamlit as st

from app import charts, navigation, pictures, pixels, resources, state, written_charts
from app.components.gallery import Tile, render_gallery
from app.components.image_view import open_image_view
from app.components.reasons_view import render_reasons
from app.components.run_name import without_links
from app.components.run_picker import run_label
from app.components.steps_view import render_steps
from app.components.subject import Subject
from app.components.words import whole_percent
from app.state import Place
from fmnist_core.analysis.compare import told_apart
from fmnist_core.analysis.naming import Answer
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.data.preprocess import OPTIONAL
from fmnist_core.data.variants import Change, changed
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run

NEAREST = 12
MOST_RUNS = 4
NOISE_SEED = 0


def render_closer_look(run: Run, subject: Subject, answer: Answer) -> None:
    """One of several ways to look closer at an answer; only the chosen one is worked out."""
    ways = {
        "Steps": _render_steps,
        "Nearest garments": _render_nearest,
        "Where it looked": _render_reasons,
        "Other networks": _render_other_runs,
        "Change it": _render_change,
    }
    chosen = st.segmented_control(
        "Look closer",
        list(ways),
        default="Steps",
        required=True,
        key=state.CLOSER,
        persist_state="session",
        help="How the picture became an input, what it resembles, and what the answer hangs on.",
    )
    ways[chosen](run, subject, answer)


def _render_steps(run: Run, subject: Subject, answer: Answer) -> None:
    taken = [step.name for step in subject.picture.steps]
    notes = {}
    for name in OPTIONAL:
        left_out = pictures.prepared_without(subject.source, name) if name in taken else None
        if left_out:
            notes[name] = f"Without it: {_in_words(resources.name(run.id, left_out.image))}"
    render_steps(subject.picture.steps, notes)


def _in_words(answer: Answer) -> str:
    label = answer.candidates[0]
    return f"{CLASS_NAMES[label]} {whole_percent(answer.probabilities[label])}"


def _render_nearest(run: Run, subject: Subject, answer: Answer) -> None:
    found = resources.nearest(run.id, subject.picture.image, NEAREST)
    st.caption(
        f"The {NEAREST} of {resources.SEARCHED:,} training images that this network finds most like yours: "
        "by the values that its last layer decides on, not by pixels."
    )
    data = resources.data_of_run(run)
    labels = data.y_train[found].tolist()
    tiles = [Tile(caption=CLASS_NAMES[label], wrong=label not in answer.candidates) for label in labels]
    clicked = render_gallery(data.x_train[found], tiles, key="nearest")
    if clicked is not None and clicked < len(found):
        open_image_view(data, Place("train", int(found[clicked])))
    on_map = any(other.id == run.id for other in resources.measured_runs())
    if on_map and st.button(
        "See it on the map",
        icon=":material/scatter_plot:",
        key="to_map",
        help="Puts it among the test images, where the network would.",
    ):
        st.session_state[state.MAPPED] = subject.picture.image
        st.switch_page(navigation.page("Map"), query_params={state.RUN: run.id})


def _render_reasons(run: Run, subject: Subject, answer: Answer) -> None:
    render_reasons(run, subject.picture.image, answer.probabilities)


def _render_other_runs(run: Run, subject: Subject, answer: Answer) -> None:
    # The one that is asked may have gone into the bin meanwhile.
    runs = {run.id: run} | {other.id: other for other in resources.usable_runs()}
    labels = told_apart({run_id: run_label(other) for run_id, other in runs.items()})
    chosen = st.multiselect(
        "Networks",
        list(runs),
        default=[run.id, *(other for other in runs if other != run.id)][:MOST_RUNS],
        format_func=labels.__getitem__,
        max_selections=MOST_RUNS,
        # By run, so that the one above is among them.
        key=f"asked_runs_{run.id}",
        help=f"The same picture, named by up to {MOST_RUNS} networks.",
    )
    answers, names = [], []
    called = told_apart({run_id: runs[run_id].name for run_id in chosen})
    for run_id in chosen:
        try:
            answers.append(resources.name(run_id, subject.picture.image).probabilities)
            names.append(called[run_id])
        except FmnistError as error:
            st.warning(without_links(str(error)), icon=":material/error:")
    if answers:
        st.altair_chart(
            charts.answers(names, np.stack(answers)),
            width="stretch",
            key="side_by_side",
            alt="What each network answers to the same picture",
        )


def _render_change(run: Run, subject: Subject, answer: Answer) -> None:
    left, middle, right = st.columns([2, 1, 2], gap="large")
    with left:
        change = Change(
            right=_slider("Right", -8, 8, 0, "Moves it to the right, in pixels of the 28×28."),
            down=_slider("Down", -8, 8, 0, "Moves it down, in pixels of the 28×28."),
            turn=float(_slider("Turn", -90, 90, 0, "Turns it clockwise, in degrees.")),
            scale=_slider("Size", 40, 160, 100, "Shrinks or enlarges it, in percent.") / 100,
            thicken=_slider("Thicker", -2, 2, 0, "Makes bright parts grow, or shrink."),
            noise=float(_slider("Noise", 0, 100, 0, "Adds noise: its standard deviation, of 255.")),
        )
    image = changed(subject.picture.image, change, np.random.default_rng(NOISE_SEED))
    other = resources.name(run.id, image)
    with middle:
        st.image(
            pixels.magnified(image, 5),
            width=28 * 5,
            caption="What it sees now",
            alt="The picture as it is changed",
        )
        st.markdown(f"**{_in_words(other)}**")
    with right:
        st.vega_lite_chart(
            spec=written_charts.probability_bars(other.probabilities, subject.label),
            width="stretch",
            key="changed_probabilities",
            alt="The ten probabilities of the changed picture",
        )


def _slider(label: str, least: int, most: int, start: int, words: str) -> int:
    return st.slider(label, least, most, start, key=f"change_{label.lower()}", help=words)
