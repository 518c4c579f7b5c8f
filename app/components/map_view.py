"""The map of the test images: coloured, with a drawing among them, and what was chosen on it below."""

import numpy as np
import streamlit as st

from app import pixels, resources, state
from app.components.answers import render_answers
from app.components.errors_told import errors_told
from app.components.map_canvas import Grouping, render_map_canvas
from app.components.words import whole_percent
from fmnist_core.analysis.evaluation import image_losses
from fmnist_core.analysis.projection import Axes, place_between
from fmnist_core.analysis.vectors import unit_rows
from fmnist_core.data.dataset import CLASS_NAMES, Dataset
from fmnist_core.runs import Run

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


@st.fragment
@errors_told()
def render_map(run: Run, data: Dataset, found: dict[str, np.ndarray], *, of_network: bool, key: str) -> None:
    """Shows the map, and the images that were chosen on it.

    Args:
        run: Whose answers colour it.
        data: The data set whose test images are on it.
        found: What `projection.make_map` gave.
        of_network: Whether it maps what the run's network sees, rather than pixels.
        key: Name of this map.
    """
    probabilities = resources.test_answers(run.id)
    picture = _render_drawing(between="directions" not in found)
    chosen = render_map_canvas(
        found["places"],
        _groupings(data, probabilities),
        resources.test_sheet(data.source),
        key=key,
        drawing=None if picture is None else _place_of(picture, run, found, of_network),
    )
    if chosen is not None:
        st.session_state[state.map_choice(key)] = chosen
    chosen = st.session_state.get(state.map_choice(key), np.array([], np.int64))
    chosen = chosen[chosen < len(data.y_test)]
    if not len(chosen):
        st.caption("**Click** an image, or draw round some with the **lasso**, to see them here.")
        return
    right = np.mean(probabilities[chosen].argmax(axis=1) == data.y_test[chosen])
    counts = np.bincount(data.y_test[chosen], minlength=len(CLASS_NAMES))
    most = [f"{CLASS_NAMES[label]} {counts[label]:,}" for label in np.argsort(-counts) if counts[label]]
    share = whole_percent(right)
    st.subheader(f"{len(chosen):,} chosen, {share} of them answered right", anchor=False)
    st.caption(f"{' · '.join(most)}; the hardest first.")
    losses = image_losses(data.y_test[chosen], probabilities[chosen])
    chosen = chosen[np.argsort(-losses, kind="stable")]
    render_answers(data, probabilities, chosen, key=f"map_{chosen[0]}_{len(chosen)}")


def _groupings(data: Dataset, probabilities: np.ndarray) -> list[Grouping]:
    """The ways to colour the map."""
    answers = probabilities.argmax(axis=1).astype(np.uint8)
    wrong = (answers != data.y_test).astype(np.uint8)
    return [
        Grouping("True class", CLASS_NAMES, COLOURS, data.y_test),
        Grouping("Answer", CLASS_NAMES, COLOURS, answers),
        Grouping("Right or wrong", ("right", "wrong"), (RIGHT, WRONG), wrong),
    ]


def _place_of(picture: np.ndarray, run: Run, found: dict[str, np.ndarray], of_network: bool) -> np.ndarray:
    """Where a picture lies on a map."""
    row = resources.features(run.id, picture) if of_network else unit_rows(picture[np.newaxis])[0]
    if "directions" in found:
        return Axes(found["mean"], found["directions"])(row[np.newaxis])[0]
    return place_between(found["rows"].astype(np.float32), found["places"], row)


def _render_drawing(between: bool) -> np.ndarray | None:
    """The picture that Classify sent, if any, with a way to take it off the map."""
    picture = st.session_state.get(state.MAPPED)
    if picture is None:
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(
            pixels.magnified(picture, 2),
            width=56,
            alt="The picture from Classify",
        )
        words = ", which is between the test images that are most like it" if between else ""
        st.caption(f"The orange star is the place of the picture from Classify{words}.")
        st.button(
            "Take it off",
            icon=":material/close:",
            key="take_off_map",
            on_click=lambda: st.session_state.pop(state.MAPPED, None),
            help="Takes the star off the map.",
        )
    return picture
