"""What explains a network's answers and shows its inside, worked out once for each picture."""

import numpy as np
import streamlit as st

from app.resources import KEPT_PICTURES, ask_network
from fmnist_core.analysis.anatomy import Stage
from fmnist_core.model_server import KEPT_MODELS


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def explanations(run_id: str, image: np.ndarray, label: int) -> dict[str, np.ndarray]:
    """What speaks for a class in a picture, by every way that the run's network allows: maps by name."""
    return ask_network(run_id, "fmnist_core.analysis.explain:explanations", image, label)


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def stages(run_id: str, image: np.ndarray) -> list[Stage]:
    """What each layer of a run's network makes of a picture."""
    return ask_network(run_id, "fmnist_core.analysis.anatomy:stages", image)


@st.cache_data(show_spinner=False, max_entries=KEPT_MODELS)
def first_weights(run_id: str) -> np.ndarray:
    """The weights of a run's network that meet the pixels first, as images."""
    return ask_network(run_id, "fmnist_core.analysis.anatomy:first_weights")


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def row_by_row(run_id: str, image: np.ndarray) -> np.ndarray:
    """What a run's recurrent network answers after each row of a picture, float32 `(28, 10)`."""
    return ask_network(run_id, "fmnist_core.analysis.anatomy:row_by_row", image)
