"""Images unlike the others of their class."""

import numpy as np
import pandas as pd
import streamlit as st

from app import resources, state
from app.components.class_choice import render_class_filter
from app.components.findings import place_of, render_download, render_findings
from app.components.gallery import Tile
from fmnist_core.analysis.quality import NEAREST
from fmnist_core.data.dataset import CLASS_NAMES, Dataset

MOST = 1_000
"""Outliers that are listed; after so many they are hardly odd any more."""


def render_outliers(data: Dataset, oddness: np.ndarray) -> None:
    """Shows the images that are furthest from their class first.

    Args:
        data: The data set.
        oddness: As `quality.oddness` gives it for all images.
    """
    st.markdown(
        f"How far is an image from the {NEAREST} of its class that are most like it? **2×** is twice as far "
        "as is usual in its class. An outlier need not be a mistake: it may be a rare cut, a picture of "
        "something else, or a wrong label."
    )
    _, labels = resources.numbered_images(data.source)
    order = np.argsort(-oddness, kind="stable")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = render_class_filter("Class", state.CLASS, "Shows only outliers of this class.")
        chosen = order[(labels[order] == label) | (label is None)][:MOST]
        render_download(_table(data, labels, oddness, chosen), "outliers")

    def tile(number: int) -> Tile:
        place, name = place_of(data, number), CLASS_NAMES[labels[number]]
        return Tile(
            name,
            f"{oddness[number]:.2f}×",
            hint=f"{name}, x_{place.split}[{place.position}]: {oddness[number]:.2f} times as far as is usual",
        )

    st.caption(f"The {len(chosen):,} furthest, training and test images alike. Click one to see it close up.")
    render_findings(data, chosen, tile, key=f"outliers_{label}")


def _table(data: Dataset, labels: np.ndarray, oddness: np.ndarray, numbers: np.ndarray) -> pd.DataFrame:
    places = [place_of(data, int(number)) for number in numbers]
    return pd.DataFrame(
        {
            "array": [f"x_{place.split}" for place in places],
            "number": [place.position for place in places],
            "label": labels[numbers],
            "class": np.array(CLASS_NAMES)[labels[numbers]],
            "oddness": oddness[numbers],
        }
    )
