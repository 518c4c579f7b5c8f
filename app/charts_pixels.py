"""How the pixels are distributed, with Plotly, which only the page Explore waits for."""

import numpy as np
import plotly.graph_objects as go
from streamlit.elements.lib.streamlit_plotly_theme import configure_streamlit_plotly_theme

from fmnist_core.analysis.exploration import pixel_moments

VALUES_PER_BAR = 4

# The server leaves it out as it starts (`serve.py`).
configure_streamlit_plotly_theme()


def pixel_distribution(
    histogram: np.ndarray, rescaling: tuple[float, float] = (1.0, 0.0), *, logarithmic: bool = False
) -> go.Figure:
    """How often the pixels have which value, with their mean and one standard deviation either side.

    Args:
        histogram: Pixels of each value, integers `(256,)`.
        rescaling: Scale and offset that make a pixel's value the one that is shown.
        logarithmic: Whether the shares are drawn on a logarithmic axis.
    """
    scale, offset = rescaling
    mean, deviation = pixel_moments(histogram)
    mean, deviation = scale * mean + offset, scale * deviation
    first = np.arange(0, len(histogram), VALUES_PER_BAR)
    last = first + VALUES_PER_BAR - 1
    bars = go.Bar(
        x=scale * (first + last) / 2 + offset,
        y=histogram.reshape(-1, VALUES_PER_BAR).sum(axis=1) / histogram.sum(),
        width=scale * VALUES_PER_BAR,
        customdata=np.stack([scale * first + offset, scale * last + offset], axis=1),
        hovertemplate="%{customdata[0]:.3~r} to %{customdata[1]:.3~r}: %{y:.2%} of the pixels<extra></extra>",
    )
    figure = go.Figure(bars)
    # As dictionaries: Plotly's own functions for these take longer than all the rest.
    whole_height = {"yref": "y domain", "y0": 0, "y1": 1}
    spread = {"type": "rect", "x0": mean - deviation, "x1": mean + deviation, **whole_height}
    middle = {"type": "line", "x0": mean, "x1": mean, **whole_height}
    figure.update_layout(
        shapes=[
            {**spread, "fillcolor": "gray", "opacity": 0.15, "line": {"width": 0}},
            {**middle, "line": {"color": "gray", "dash": "dash"}},
        ]
    )
    # Whoever swipes over it wants to scroll the page.
    figure.update_xaxes(
        range=[offset - scale / 2, scale * (len(histogram) - 0.5) + offset],
        fixedrange=True,
        title="Pixel value",
    )
    figure.update_yaxes(
        type="log" if logarithmic else "linear",
        tickformat="~%",
        nticks=6,
        fixedrange=True,
        title="Share of the pixels",
    )
    return figure.update_layout(height=280, dragmode=False, bargap=0, margin={"l": 0, "r": 0, "t": 8, "b": 0})
