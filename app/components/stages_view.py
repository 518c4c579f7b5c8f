"""A network layer by layer: what each makes of one picture, and the shapes that flow through."""

import math
from html import escape

import numpy as np
import streamlit as st

from app import pixels, reasons
from fmnist_core.analysis.anatomy import Stage
from fmnist_core.runs import Run

MOST_MAPS = 32
_STYLE = """<style>
ol.stages { list-style: none; margin: 0; padding: 0; display: grid; gap: .9rem; }
.stages li { display: grid; grid-template-columns: 12rem 1fr; gap: 1rem; align-items: center; margin: 0; }
.stages b { display: block; font-size: .92rem; overflow-wrap: anywhere; }
.stages span { display: block; font-size: .8rem; opacity: .7; }
.stages img { image-rendering: pixelated; max-width: 100%; border-radius: .3rem; }
@media (max-width: 640px) { .stages li { grid-template-columns: 1fr; gap: .3rem; } }
</style>"""
_PLAIN = ("InputLayer", "Flatten", "Reshape")


def render_stages(run: Run, image: np.ndarray) -> None:
    """Shows the picture on its way through the network.

    Args:
        run: Whose network it is.
        image: The picture, uint8 `(28, 28)`.
    """
    st.markdown(
        f"From the pixels to the probabilities: each picture is what a layer passes on, up to {MOST_MAPS} "
        "maps of it, from its lowest value (black) to its highest (white). **Early** maps still show the "
        "garment, **late** ones only whether something was found. Compare places within one map, not maps "
        "with each other: each row has its own scale."
    )
    every = st.toggle(
        "Every layer",
        key="every_layer",
        persist_state="session",
        help="Also shows the steps within a stage: convolutions before normalisation and activation.",
    )
    found = [
        stage
        for stage in reasons.stages(run.id, image)
        if stage.is_outcome or (every and stage.kind not in _PLAIN)
    ]
    st.html(f'{_STYLE}<ol class="stages">{"".join(_stage(stage) for stage in found)}</ol>')


def _stage(stage: Stage) -> str:
    shape = " × ".join(str(size) for size in stage.values.shape)
    picture = _picture(stage.values)
    address = pixels.address(picture)
    words = f"{escape(stage.kind)}, {shape}"
    # Small values stay visible: a map of 7 × 7 is shown as large as one of 28 × 28.
    return (
        f"<li><div><b>{escape(stage.name)}</b><span>{words}</span></div>"
        f'<img src="{address}" alt="What {escape(stage.name)} gives" width="{picture.shape[1]}"></li>'
    )


def _picture(values: np.ndarray) -> np.ndarray:
    """Values `(h, w, channels)`, `(h, w)` or `(n,)` as one picture, uint8."""
    scaled = np.rint(255 * (values - values.min()) / max(float(np.ptp(values)), 1e-9)).astype(np.uint8)
    match scaled.ndim:
        case 3:
            maps = np.moveaxis(scaled[:, :, :MOST_MAPS], -1, 0)
            return pixels.mosaic(maps, enlarged=max(1, 56 // maps.shape[1]), columns=16)
        case 2:
            return pixels.magnified(scaled, 4)
        case _:
            columns = min(len(scaled), 64)
            padded = np.zeros(math.ceil(len(scaled) / columns) * columns, np.uint8)
            padded[: len(scaled)] = scaled
            return pixels.magnified(padded.reshape(-1, columns), 12)
