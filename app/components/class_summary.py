"""The ten classes side by side: how many images each has, and what they look like on average."""

from collections.abc import Callable

import streamlit as st

from app import written_charts
from app.components.gallery import Tile, render_gallery
from fmnist_core.analysis.exploration import Summary
from fmnist_core.data.dataset import CLASS_NAMES


def render_class_summary(
    summary: Summary, what: str, chosen: int | None, choose: Callable[[int], None]
) -> None:
    """Shows the class balance and the mean images.

    Args:
        summary: Counts and mean images of the ten classes.
        what: The images they are of, in words.
        chosen: The class to bring out, or None for all alike.
        choose: Called with the label of a clicked class before the page runs again.
    """
    balance, means = st.columns([2, 3], gap="medium")
    with balance:
        st.subheader("Class balance", anchor=False, help="Click a bar to see its images.")
        # A chart remembers what was clicked; with a new key the same bar can be clicked again.
        key = f"balance_{what}_{chosen}".replace(" ", "_")

        def take_click() -> None:
            for bar in st.session_state[key]["selection"]["bar"]:
                choose(bar["label"])

        st.vega_lite_chart(
            spec=written_charts.class_balance(summary.counts, chosen),
            key=key,
            on_select=take_click,
            selection_mode="bar",
            alt=f"How many of the {what} each class has",
        )
    with means:
        st.subheader("Mean image of each class", anchor=False, help="Click an image to see its class.")
        tiles = [
            Tile(name, f"label {label}", hint=f"{name}: look at its images")
            for label, name in enumerate(CLASS_NAMES)
        ]
        render_gallery(summary.means, tiles, key="means", size=100, selected=chosen, on_click=choose)
