"""What explains a network's answers and shows its inside, worked out once for each picture."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.resources import KEPT_MODELS, KEPT_PICTURES, predictor

if TYPE_CHECKING:
    from fmnist_core.analysis.anatomy import Stage
    from fmnist_core.analysis.explain import Explainer


@st.cache_resource(show_spinner=False, max_entries=KEPT_MODELS)
def explainer(run_id: str) -> "Explainer":
    """A run's network, to ask for its reasons.

    Raises:
        RunError: when the run left no model.
    """
    from fmnist_core.analysis.explain import Explainer

    return Explainer(predictor(run_id).model)


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def explanations(run_id: str, image: np.ndarray, label: int) -> dict[str, np.ndarray]:
    """What speaks for a class in a picture, by every way that the run's network allows: maps by name."""
    from fmnist_core.analysis.explain import occlusion

    explain = explainer(run_id)
    found = {"Grad-CAM": explain.grad_cam(image, label)} if explain.has_convolutions else {}
    return found | {
        "Saliency": explain.saliency(image, label),
        "Integrated gradients": explain.integrated_gradients(image, label),
        "Occlusion": occlusion(predictor(run_id), image, label),
    }


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def stages(run_id: str, image: np.ndarray) -> "list[Stage]":
    """What each layer of a run's network makes of a picture."""
    from fmnist_core.analysis import anatomy

    return anatomy.stages(predictor(run_id).model, image)


@st.cache_data(show_spinner=False, max_entries=KEPT_MODELS)
def first_weights(run_id: str) -> np.ndarray:
    """The weights of a run's network that meet the pixels first, as images."""
    from fmnist_core.analysis import anatomy

    return anatomy.first_weights(predictor(run_id).model)


@st.cache_data(show_spinner=False, max_entries=KEPT_PICTURES)
def row_by_row(run_id: str, image: np.ndarray) -> np.ndarray:
    """What a run's recurrent network answers after each row of a picture, float32 `(28, 10)`."""
    from fmnist_core.analysis import anatomy

    return anatomy.row_by_row(predictor(run_id).model, image)
