"""A map of thousands of images that is moved, zoomed, hovered over and lassoed without asking the server."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from app.pixels import SHEET_COLUMNS

_HTML = """<div class="map"><div class="bar">
<span class="set colours" role="group" aria-label="Colour by"></span>
<span class="set" role="group" aria-label="Tool">
<button data-tool="move" title="Drag the map; click an image to see it">Move</button>
<button data-tool="lasso" title="Draw round images to see them below">Lasso</button></span>
<span class="set"><button data-zoom="in" title="Closer">+</button>
<button data-zoom="out" title="Further away">−</button>
<button data-reset title="The whole map">Whole map</button>
<span class="keys">Ctrl + wheel zooms too</span></span></div>
<div class="frame"><canvas tabindex="0" role="application"
aria-label="Map of the test images: arrow keys go from image to image, Enter shows one below"></canvas>
<div class="tip" role="status" hidden><i></i><span></span></div></div>
<div class="legend" role="group" aria-label="Single out"></div></div>"""
_CSS = """
.map { font-family: var(--st-font); color: var(--st-text-color); font-size: .85rem; }
.bar { display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; margin-bottom: .5rem; }
.set { display: inline-flex; flex-wrap: wrap; gap: .25rem; align-items: center; }
.keys { margin-left: .4rem; opacity: .7; }
@media not (hover: hover) { .keys { display: none; } }
button { all: unset; box-sizing: border-box; cursor: pointer; padding: .25rem .6rem; border-radius: .4rem;
  border: 1px solid var(--st-border-color); }
button:hover, button[aria-pressed=true] { border-color: var(--st-primary-color);
  color: var(--st-primary-color); }
button:focus-visible, canvas:focus-visible { outline: 2px solid var(--st-primary-color); }
.frame { position: relative; }
canvas { display: block; width: 100%; height: min(36rem, 75vh, 100vw); border-radius: .5rem;
  border: 1px solid var(--st-border-color); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem; margin-top: .5rem; }
.legend button::before { content: ""; display: inline-block; width: .7rem; height: .7rem; margin-right: .4rem;
  border-radius: 50%; background: var(--colour); }
.tip { position: absolute; pointer-events: none; display: flex; gap: .5rem; padding: .4rem;
  border-radius: .5rem; background: var(--st-background-color);
  border: 1px solid var(--st-border-color); white-space: pre;
  line-height: 1.4; font-size: .8rem; }
.tip[hidden] { display: none; }
.tip i { width: 84px; height: 84px; image-rendering: pixelated; background-color: #000;
  border-radius: .3rem; }
"""

_component = st.components.v2.component(
    "fmnist_map", html=_HTML, css=_CSS, js=(Path(__file__).parent / "map_canvas.js").read_text()
)


@dataclass(frozen=True, eq=False)
class Grouping:
    """A way to colour the points.

    Attributes:
        name: What it goes by.
        names: The groups' names.
        colours: Their colours, as CSS writes them.
        of: The group of each point, uint8 `(n,)`.
    """

    name: str
    names: Sequence[str]
    colours: Sequence[str]
    of: np.ndarray


def render_map_canvas(
    places: np.ndarray,
    groupings: Sequence[Grouping],
    sprite: str,
    *,
    key: str,
    drawing: np.ndarray | None = None,
) -> np.ndarray | None:
    """Shows the map.

    Args:
        places: Where each image lies, `(n, 2)`.
        groupings: Ways to colour them, the first one at first.
        sprite: The images, as `pixels.sheet` puts them into rows of `SHEET_COLUMNS`.
        key: Name of this map; another one starts in full view.
        drawing: Where to put a star, `(2,)`, if anywhere.

    Returns:
        Positions of the images that were just chosen, by a click or with the lasso, or None.
    """
    least, most = places.min(axis=0), places.max(axis=0)
    side = max(float((most - least).max()), 1e-9)
    offset = (least + most) / 2 - side / 2

    def on_map(points: np.ndarray) -> np.ndarray:
        # On a screen, y grows downwards.
        return (np.float32([0, 1]) + np.float32([1, -1]) * (points - offset) / side).astype("<f4")

    data = {
        "key": key,
        "places": _text(on_map(places)),
        "groups": [
            {"name": way.name, "names": list(way.names), "colours": list(way.colours), "of": _text(way.of)}
            for way in groupings
        ],
        "sprite": sprite,
        "columns": SHEET_COLUMNS,
        "drawing": None if drawing is None else on_map(drawing).tolist(),
    }
    chosen = _component(key=key, data=data, on_chosen_change=lambda: None).chosen
    return None if chosen is None else np.array(chosen, dtype=np.int64)


def _text(numbers: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers).tobytes()).decode()
