"""One image of the data set up close, over the page, with its neighbours a key press away."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from app import state
from app.components.pixel_table import render_pixel_table
from fmnist_core.analysis.exploration import Part
from fmnist_core.data.dataset import CLASS_NAMES

ENLARGED = 8
"""Pixels of the screen's picture for each pixel of the image, so that its edges stay sharp."""


def render_close_up(part: Part, numbers: np.ndarray, open_image: Callable[[int], None]) -> None:
    """Opens the image that the address names; shows nothing when it names none.

    Args:
        part: The part of the data set that is looked at.
        numbers: Numbers of the images to step through, ascending.
        open_image: Called with the number of the image to go on to.
    """
    if state.opened_image() is not None:
        dialog = st.dialog("Up close", width="medium", on_dismiss=state.close_image)
        dialog(_render)(part, numbers, open_image)


def _render(part: Part, numbers: np.ndarray, open_image: Callable[[int], None]) -> None:
    number = state.opened_image()
    if number is None or not part.holds(number):
        st.warning(f"There is no {part.name} image of this number.", icon=":material/search_off:")
        return
    image, label = part.images[number - part.first], part.labels[number - part.first]
    enlarged = image.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
    picture, facts = st.columns([1, 4], vertical_alignment="center")
    picture.image(enlarged, width=112, alt=f"The image: {CLASS_NAMES[label]}")
    with facts:
        st.markdown(
            f"**{CLASS_NAMES[label]}**, label {label}  \n{part.name.capitalize()} image number {number:,}: "
            f"`{part.array}[{number}]`  \nMean pixel {image.mean():.0f}, {(image == 0).mean():.0%} black"
        )
        _render_steps(int(np.searchsorted(numbers, number)), numbers, open_image)
    render_pixel_table(image)


def _render_steps(position: int, numbers: np.ndarray, open_image: Callable[[int], None]) -> None:
    with st.container(horizontal=True):
        for name, key, there in (("Previous", "Left", position - 1), ("Next", "Right", position + 1)):
            inside = 0 <= there < len(numbers)
            st.button(
                name,
                key=f"close_up_{name.lower()}",
                shortcut=key,
                disabled=not inside,
                on_click=open_image,
                args=(int(numbers[there]),) if inside else None,
                help=f"The {name.lower()} one of the images that are shown.",
            )
