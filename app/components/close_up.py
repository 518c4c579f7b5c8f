"""One image of the data set up close, over the page, with its neighbours a key press away."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from app import state
from app.components.image_view import DIALOG_WIDTH, render_image_view
from app.state import Place
from fmnist_core.analysis.exploration import Part
from fmnist_core.data.dataset import Dataset


def render_close_up(
    data: Dataset, part: Part, numbers: np.ndarray, open_image: Callable[[int], None]
) -> None:
    """Opens the image that the address names; shows nothing when it names none.

    Args:
        data: The data set.
        part: The part of the data set that is looked at.
        numbers: Numbers of the images to step through, ascending.
        open_image: Called with the number of the image to go on to.
    """
    if state.opened_image() is not None:
        dialog = st.dialog("Up close", width=DIALOG_WIDTH, on_dismiss=state.close_image)
        dialog(_render)(data, part, numbers, open_image)


def _render(data: Dataset, part: Part, numbers: np.ndarray, open_image: Callable[[int], None]) -> None:
    number = state.opened_image()
    if number is None or not part.holds(number):
        st.warning(f"There is no {part.name} image of this number.", icon=":material/search_off:")
        return
    _render_steps(int(np.searchsorted(numbers, number)), numbers, open_image)
    render_image_view(data, Place(part.array.removeprefix("x_"), number), key=state.CLOSE_UP)


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
