"""All test images on one map: what a network takes for alike lies together."""

import numpy as np
import streamlit as st

from app import charts, resources, state
from app.components.answers import render_answers
from app.components.job_view import render_job
from app.components.map_canvas import Grouping, render_map_canvas
from app.components.run_picker import render_run_picker
from fmnist_core.analysis.embedding import features
from fmnist_core.analysis.evaluation import image_losses
from fmnist_core.analysis.projection import Axes, pixel_rows, place_between
from fmnist_core.data.dataset import CLASS_NAMES, Dataset
from fmnist_core.errors import FmnistError
from fmnist_core.jobs import Job
from fmnist_core.runs import Run

NETWORK, PIXELS = "What the network sees", "Pixels"
PCA, TSNE = "PCA", "t-SNE"
COLOURS = (
    "#8673ff",
    "#f0813f",
    "#23b095",
    "#d9518f",
    "#b3a42e",
    "#4797df",
    "#b0633a",
    "#8b93a3",
    "#e0ab2e",
    "#a86fd6",
)
RIGHT, WRONG = "#7a8a99", "#f0503c"


def render_choice() -> tuple[str, str]:
    """What is mapped, and how."""
    with st.container(horizontal=True):
        space = st.segmented_control(
            "Alike by",
            [NETWORK, PIXELS],
            default=NETWORK,
            required=True,
            bind="query-params",
            key=state.MAP_SPACE,
            help="The values that the network's last layer decides on, or the pixels as they are.",
        )
        method = st.segmented_control(
            "Map",
            [PCA, TSNE],
            default=PCA,
            required=True,
            bind="query-params",
            key=state.MAP_METHOD,
            help="PCA turns the cloud so that it is seen from its widest side. t-SNE keeps neighbours "
            "together and shows groups; distances between groups mean nothing there.",
        )
    return space, method


def map_job(run: Run, data: Dataset, space: str, method: str) -> Job:
    """The job that makes the map."""
    return Job(
        "fmnist_core.analysis.projection:make_map",
        {
            "method": method,
            "run": run.id if space == NETWORK else None,
            "source": data.source,
            "fingerprint": data.fingerprint,
        },
    )


def groupings(data: Dataset, probabilities: np.ndarray) -> list[Grouping]:
    """The ways to colour the map."""
    answers = probabilities.argmax(axis=1).astype(np.uint8)
    wrong = (answers != data.y_test).astype(np.uint8)
    return [
        Grouping("True class", CLASS_NAMES, COLOURS, data.y_test),
        Grouping("Answer", CLASS_NAMES, COLOURS, answers),
        Grouping("Right or wrong", ("right", "wrong"), (RIGHT, WRONG), wrong),
    ]


def place_of(picture: np.ndarray, run: Run, space: str, found: dict[str, np.ndarray]) -> np.ndarray:
    """Where a picture lies on a map."""
    images = picture[np.newaxis]
    row = (features(resources.network(run.id), images) if space == NETWORK else pixel_rows(images))[0]
    if "directions" in found:
        return Axes(found["mean"], found["directions"])(row[np.newaxis])[0]
    return place_between(found["rows"].astype(np.float32), found["places"], row)


def render_drawing(method: str) -> np.ndarray | None:
    """The picture that Classify sent, if any, with a way to take it off the map."""
    picture = st.session_state.get(state.MAPPED)
    if picture is None:
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(charts.mosaic(picture[np.newaxis], enlarged=2, columns=1), width=56)
        words = "" if method == PCA else ", which is between the test images that are most like it"
        st.caption(f"The orange star is the place of the picture from Classify{words}.")
        st.button(
            "Take it off",
            icon=":material/close:",
            key="take_off_map",
            on_click=lambda: st.session_state.pop(state.MAPPED),
            help="Takes the star off the map.",
        )
    return picture


@st.fragment
def render_map(run: Run, data: Dataset, space: str, method: str, found: dict[str, np.ndarray]) -> None:
    """The map, and the images that were chosen on it."""
    probabilities = resources.test_answers(run.id)
    picture = render_drawing(method)
    key = map_job(run, data, space, method).key
    chosen = render_map_canvas(
        found["places"],
        groupings(data, probabilities),
        resources.test_sheet(data.source),
        key=key,
        drawing=None if picture is None else place_of(picture, run, space, found),
    )
    if chosen is not None:
        st.session_state[f"chosen_{key}"] = chosen
    chosen = st.session_state.get(f"chosen_{key}", np.array([], np.int64))
    chosen = chosen[chosen < len(data.y_test)]
    if not len(chosen):
        st.caption("**Click** an image, or draw round some with the **lasso**, to see them here.")
        return
    right = np.mean(probabilities[chosen].argmax(axis=1) == data.y_test[chosen])
    counts = np.bincount(data.y_test[chosen], minlength=len(CLASS_NAMES))
    most = [f"{CLASS_NAMES[label]} {counts[label]:,}" for label in np.argsort(-counts) if counts[label]]
    st.subheader(f"{len(chosen):,} chosen, {right:.0%} of them answered right", anchor=False)
    st.caption(f"{' · '.join(most)}; the hardest first.")
    losses = image_losses(data.y_test[chosen], probabilities[chosen])
    chosen = chosen[np.argsort(-losses, kind="stable")]
    render_answers(data, probabilities, chosen, key=f"map_{chosen[0]}_{len(chosen)}")


st.title("Map", anchor=False)
if run := render_run_picker(
    help="The network whose view of the test images is mapped.", among=resources.measured_runs()
):
    try:
        data = resources.data_of_run(run)
        space, method = render_choice()
        found = render_job(
            map_job(run, data, space, method),
            "Work out this map",
            "t-SNE brings like images together, step by step. It takes a minute or two, once; meanwhile you "
            "can look elsewhere.",
            "Begins to work it out, in a process of its own.",
            at_once=method == PCA,
        )
        if found:
            render_map(run, data, space, method, found)
    except FmnistError as error:
        st.error(str(error), icon=":material/error:")
