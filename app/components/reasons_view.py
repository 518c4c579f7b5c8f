"""Where a network looked: what in a picture speaks for a class, found in several ways side by side."""

import numpy as np
import streamlit as st

from app import pixels, reasons, state
from app.components.words import whole_percent
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.runs import Run

ENLARGED = 10
WIDTH = 188
"""Of one map on the screen: four fit beside each other on a laptop."""

READ = {
    "Grad-CAM": "Where the last convolution found what raises the score. It is coarse: a field covers "
    "several pixels, and says nothing about what speaks against the class.",
    "Saliency": "Where a slightly brighter pixel would raise the score (orange) or lower it (blue). It "
    "speaks of the smallest changes only, and is noisy: trust areas, not pixels.",
    "Integrated gradients": "What each pixel added on the way from a black picture: all of it together is "
    "the probability gained. Black pixels can add nothing, even where it matters that they are black.",
    "Occlusion": "Where a black patch of 7×7 pixels costs the most probability. The network never saw such "
    "patches: small effects mean little.",
}
"""How each way is read, and when not to trust it."""


def render_reasons(run: Run, image: np.ndarray, probabilities: np.ndarray) -> None:
    """Shows what in a picture speaks for a class that is chosen, and what against it.

    Args:
        run: Whose network answered.
        image: The picture, uint8 `(28, 28)`.
        probabilities: The answer to it, `(10,)`.
    """
    asked = st.selectbox(
        "What speaks for",
        np.argsort(-probabilities).tolist(),
        format_func=lambda label: f"{CLASS_NAMES[label]} ({whole_percent(probabilities[label])})",
        # Another picture, or another answer to it, is asked about from its own answer on.
        key=f"asked_class_{state.digest(image.tobytes())}_{probabilities.argmax()}",
        help="The class whose reasons are looked for.",
    )
    with st.spinner("Looking for reasons …"):
        found = reasons.explanations(run.id, image, asked)
    st.caption(
        f"Orange speaks for *{CLASS_NAMES[asked]}*, blue against it; the strongest colour is the strongest "
        "reason of each way, however weak that is."
    )
    with st.container(horizontal=True, gap="small", key="reasons"):
        for name, strength in found.items():
            with st.container(width=WIDTH):
                st.image(pixels.overlay(image, strength, ENLARGED), width="stretch", alt=name)
                st.markdown(f"**{name}**")
                st.caption(READ[name])
