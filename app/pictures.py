"""Pictures on their way to a network, kept while they are looked at.

Apart from `resources`, as SciPy, which changes them, takes long to import and the first page does without it.
"""

import numpy as np
import streamlit as st
from PIL import Image

from app import resources
from fmnist_core.analysis import robustness
from fmnist_core.analysis.robustness import Kind
from fmnist_core.data.preprocess import Prepared, prepare
from fmnist_core.data.reading import read_image
from fmnist_core.errors import BlankImage

KEPT = 256
"""Pictures of a class of thirty; with its steps each takes up to two megabytes."""

# Streamlit goes by the bytes alone, and of a large picture by a few of them: others would pass for it.
BY_CONTENT = {Image.Image: lambda picture: (picture.mode, picture.size, picture.tobytes())}


@st.cache_data(show_spinner=False, max_entries=KEPT)
def opened(file_id: str, _data: bytes, name: str) -> Image.Image:
    """A picture file, decoded.

    Args:
        file_id: Names this one upload, so that its megabytes need not be looked through at each click.
        _data: The file's content.
        name: What it is called.

    Raises:
        ImageError: when it is not a picture that is taken.
    """
    return read_image(_data, name)


@st.cache_data(show_spinner=False, max_entries=KEPT, hash_funcs=BY_CONTENT)
def prepared(picture: Image.Image) -> Prepared:
    """A picture made ready for the network.

    Raises:
        BlankImage: when nothing stands out in it.
    """
    return prepare(picture)


@st.cache_data(show_spinner=False, max_entries=KEPT, hash_funcs=BY_CONTENT)
def prepared_without(picture: Image.Image, step: str) -> Prepared | None:
    """A picture made ready but for one step, or None where nothing is left of it."""
    try:
        return prepare(picture, without=step)
    except BlankImage:
        return None


@st.cache_data(show_spinner=False, max_entries=resources.KEPT_PICTURES)
def answers(run_id: str, images: np.ndarray) -> np.ndarray:
    """What a network makes of uploaded pictures, as `resources.calibrated_answers` gives it.

    Raises:
        RunError: when the run left no model, or it cannot be asked.
    """
    return resources.calibrated_answers(run_id, images)


@st.cache_data(show_spinner=False, max_entries=resources.KEPT_PICTURES)
def changed_images(source: str, kind: Kind, strength: float) -> np.ndarray:
    """The test images that robustness is measured on, changed: uint8 `(n, 28, 28)`."""
    return robustness.change_images(resources.dataset_of(source).x_test[: robustness.IMAGES], kind, strength)
