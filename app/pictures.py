"""Pictures on their way to a network, kept while they are looked at.

Apart from `resources`, as SciPy, which changes them, takes long to import and the first page does without it.
"""

import numpy as np
import streamlit as st
from PIL import Image

from app import resources
from app.resources import KEPT_PICTURES
from fmnist_core.analysis import robustness
from fmnist_core.analysis.robustness import Kind
from fmnist_core.data.preprocess import Prepared, prepare, read_image
from fmnist_core.errors import BlankImage


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def opened(data: bytes, name: str) -> Image.Image:
    """A picture file, decoded.

    Raises:
        ImageError: when it is not a picture that is taken.
    """
    return read_image(data, name)


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def prepared(picture: Image.Image) -> Prepared:
    """A picture made ready for the network.

    Raises:
        BlankImage: when nothing stands out in it.
    """
    return prepare(picture)


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def prepared_without(picture: Image.Image, step: str) -> Prepared | None:
    """A picture made ready but for one step, or None where nothing is left of it."""
    try:
        return prepare(picture, without=step)
    except BlankImage:
        return None


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def changed_images(source: str, kind: Kind, strength: float) -> np.ndarray:
    """The test images that robustness is measured on, changed: uint8 `(n, 28, 28)`."""
    return robustness.change_images(resources.dataset_of(source).x_test[: robustness.IMAGES], kind, strength)
