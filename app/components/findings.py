"""Images of a data set with what was found about them: page by page, to open, and to take away as a table."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from app import resources
from app.components.gallery import Tile, render_gallery
from app.components.image_view import open_image_view
from app.components.paging import on_page
from app.state import Place
from fmnist_core.data.dataset import Dataset

PAGE_IMAGES = 60


def place_of(data: Dataset, number: int) -> Place:
    """Where the image of this number is."""
    count = len(data.x_train)
    return Place("train", number) if number < count else Place("test", number - count)


def render_findings(data: Dataset, numbers: np.ndarray, tile: Callable[[int], Tile], *, key: str) -> None:
    """Shows images in the order given, 60 at a time, and the one that is clicked close up.

    Args:
        data: The data set.
        numbers: Which of its images, `(m,)` with m at least 1.
        tile: What stands with the image of a number.
        key: Name of this choice of images; another choice starts on its first page again.
    """
    shown = on_page(numbers, PAGE_IMAGES, f"{key}_page").tolist()
    images, _ = resources.numbered_images(data.source)
    clicked = render_gallery(images[shown], [tile(number) for number in shown], key=key, size=112)
    if clicked is not None and clicked < len(shown):
        open_image_view(data, place_of(data, shown[clicked]))


def render_download(table: pd.DataFrame, name: str) -> None:
    """A button that takes the whole table away as a CSV file."""
    st.download_button(
        f"All {len(table):,} as CSV",
        table.to_csv(index=False).encode(),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        key=f"download_{name}",
        on_click="ignore",
        help="The list with these filters, in this order, for a spreadsheet or a notebook.",
    )
