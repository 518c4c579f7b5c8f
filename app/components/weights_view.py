"""What a network looks for first: the weights that meet the pixels, as images."""

import streamlit as st

from app import pixels, reasons
from fmnist_core.config import ConvolutionalNetwork, DenseNetwork, Network, ResidualNetwork
from fmnist_core.runs import Run

MOST = 64


def render_weights(run: Run) -> None:
    """Shows the first layer's filters, neurons or gates: orange excites, blue inhibits."""
    weights = reasons.first_weights(run.id)
    st.markdown(_words(run.config.model))
    if len(weights) > MOST:
        st.caption(f"The first {MOST} of {len(weights):,}.")
    tinted = pixels.signed(weights[:MOST])
    side = tinted.shape[1]
    st.image(pixels.mosaic(tinted, enlarged=max(1, 84 // side), columns=8), alt="The first layer's weights")
    st.caption(
        "Each has its own scale. Weights show what a layer could react to, not what it does to a picture; "
        "what looks like noise has learned little, and still is much as chance drew it."
    )


def _words(network: Network) -> str:
    match network:
        case ConvolutionalNetwork() | ResidualNetwork():
            return (
                "Each **filter** of 3×3 weights is moved over the whole picture. Orange above blue finds a "
                "lower edge, orange beside blue a side; all orange finds bright areas."
            )
        case DenseNetwork():
            return (
                "Each **neuron** of the first layer has a weight for every pixel: 28×28 of them. It reacts "
                "where the garment is bright on orange and dark on blue."
            )
        case _:
            return (
                "A recurrent layer reads the picture row by row. For each **gate**: the 28 pixels of a row "
                "from top to bottom, the units from left to right."
            )
