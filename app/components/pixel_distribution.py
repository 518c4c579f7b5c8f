"""How bright the pixels are, before and after the normalisation."""

import numpy as np
import streamlit as st

from app import charts_pixels, state
from app.components.options import render_options
from fmnist_core.analysis.exploration import pixel_moments
from fmnist_core.config import DataConfig


def render_pixel_distribution(histogram: np.ndarray, what: str) -> None:
    """Shows the values of pixels twice, as they are and as a network gets them.

    Args:
        histogram: Pixels of each value, integers `(256,)`; at least one pixel.
        what: The images they are of, in words.
    """
    st.subheader("Pixel values", anchor=False)
    st.caption(
        f"{histogram[0] / histogram.sum():.0%} of the pixels of the {what} are black (0). Normalising moves "
        "and stretches the axis, so that a network starts with numbers near 0; the shape stays. Grey: one "
        "standard deviation either side of the mean."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        normalisation = render_options(
            "Normalisation",
            ["scale", "standardise"],
            default="scale",
            format_func=str.capitalize,
            key=state.NORMALISATION,
            help="Scale divides by 255; standardise shifts and divides to mean 0 and deviation 1.",
        )
        logarithmic = st.toggle(
            "Logarithmic",
            True,
            bind="query-params",
            key=state.LOGARITHMIC,
            help="Makes rare values visible beside the many black pixels.",
        )
    mean, deviation = pixel_moments(histogram)
    before, after = st.columns(2, gap="medium")
    for column, title, (scale, offset) in (
        (before, "Before", (1.0, 0.0)),
        (after, "After", DataConfig(normalisation=normalisation).rescaling),
    ):
        with column:
            st.markdown(
                f"**{title}**: mean {scale * mean + offset:.3g}, standard deviation {scale * deviation:.3g}"
            )
            st.plotly_chart(
                charts_pixels.pixel_distribution(histogram, (scale, offset), logarithmic=logarithmic),
                key=f"pixels_{title.lower()}",
                config={"displayModeBar": False},
                alt=f"Share of the pixels at each value {title.lower()} the normalisation",
            )
