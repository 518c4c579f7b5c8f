"""A canvas to draw on with mouse, pen or finger, with its pen width, undo and clear."""

from typing import Any

import numpy as np
import streamlit as st
from PIL import Image, ImageChops, ImageDraw, ImageOps
from streamlit_drawable_canvas import st_canvas

from app import state
from fmnist_core.data.doodles import doodle
from fmnist_core.data.sketches import fitted

SIDE = 280
"""Pixels on either side of the drawing: ten for each pixel that the network gets."""

PENS = (6, 40)
PEN, EXAMPLE_PEN = 20, 10
"""Width of the pen in pixels: thinnest and thickest, the one to begin with, and that of examples."""

_JS = """
const SEND = "button[title='Update the app with this drawing']"
const within = (event, name) => event.composedPath().find(node => node.classList?.contains(name))

export default function ({ parentElement }) {
  parentElement.listening?.abort()
  const listening = parentElement.listening = new AbortController()
  const options = { capture: true, passive: true, signal: listening.signal }
  let canvas = null
  const press = event => { canvas = within(event, 'upper-canvas') && within(event, 'dc-root') }
  const lift = () => {
    const drawn = canvas
    canvas = null
    if (drawn) setTimeout(() => drawn.querySelector(SEND)?.click())
  }
  for (const name of ['mousedown', 'touchstart']) addEventListener(name, press, options)
  for (const name of ['mouseup', 'touchend']) addEventListener(name, lift, options)
  return () => listening.abort()
}
"""

# The canvas waits a fifth of a second before it sends a stroke, unless its own button to send is pressed.
_send_at_once = st.components.v2.component("fmnist_send_at_once", js=_JS)


def render_canvas(key: str, examples: bool = False) -> Image.Image | None:
    """Shows the canvas, white with black ink in either theme; what was drawn is there again on return.

    Args:
        key: Name of this canvas in the studio.
        examples: Whether a garment may be drawn on it at a click.

    Returns:
        The drawing as it was after the last stroke, `SIDE` pixels square, or None while there is none.
    """
    width = st.slider(
        "Pen",
        *PENS,
        PEN,
        key=f"{key}_pen",
        persist_state="session",
        help="How thick the pen draws, in pixels.",
    )
    if f"{key}_{state.drawing(key).number}" not in st.session_state:
        # It was not on the screen just now, and forgets its strokes while it is not.
        state.draw_anew(key, state.drawing(key).strokes)
    number, begun, _ = state.drawing(key)
    drawing = st_canvas(
        stroke_width=width,
        stroke_color="#000000",
        background_color="#ffffff",
        width=SIDE,
        height=SIDE,
        return_image_data=True,
        initial_drawing={"objects": begun} if begun else None,
        key=f"{key}_{number}",
    )
    strokes = (drawing.json_data or {}).get("objects", [])
    state.keep_strokes(key, strokes)
    # The canvas has these two as well, but only while a mouse points at it: a finger cannot.
    with st.container(horizontal=True):
        for label, icon, left, help in (
            ("Undo", "undo", strokes[:-1], "Takes the last stroke back."),
            ("Clear", "delete", [], "Wipes the canvas."),
        ):
            st.button(
                label,
                icon=f":material/{icon}:",
                key=f"{key}_{icon}",
                disabled=not strokes,
                on_click=state.draw_anew,
                args=(key, left),
                help=help,
            )
        if examples:
            st.button(
                "Example",
                icon=":material/auto_fix_high:",
                key=f"{key}_example",
                on_click=lambda: state.draw_anew(key, _example()),
                help="Draws any garment, to start from.",
            )
        _send_at_once(key=f"{key}_send_at_once")
    if not strokes:
        return None
    # A canvas that begins with an example tells of its strokes, but sends no picture before the next one.
    pixels = drawing.image_data
    return _on_paper(
        _drawn(strokes) if pixels is None else Image.fromarray(np.asarray(pixels)).convert("RGB")
    )


def _on_paper(picture: Image.Image) -> Image.Image:
    """The drawing, with more paper round it where it reaches the edge: what is there counts as background."""
    paper = ImageOps.expand(picture.crop((1, 1, SIDE - 1, SIDE - 1)), 1, "white")
    at_the_edge = ImageChops.difference(picture, paper).getbbox()
    return ImageOps.expand(picture, SIDE // 10, "white") if at_the_edge else picture


def _drawn(strokes: list[dict[str, Any]]) -> Image.Image:
    """The picture of strokes as the canvas keeps them; bends between their points are left out."""
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    canvas = ImageDraw.Draw(picture)
    for stroke in strokes:
        points = [tuple(point) for point in _placed(stroke)]
        width = round(stroke["strokeWidth"] * (stroke.get("scaleX", 1) + stroke.get("scaleY", 1)) / 2)
        canvas.line(points, fill="black", width=width)
        # The canvas's pen is round: at bends, at the ends, and where it only touched the paper.
        for x, y in points:
            canvas.circle((x, y), width / 2, fill="black")
    return picture


def _placed(stroke: dict[str, Any]) -> np.ndarray:
    """Where the canvas shows the points of a stroke, `(n, 2)`: its *Edit* moves, scales, turns and mirrors
    strokes about their middle, and leaves their paths as they were drawn."""
    # A command ends with the point that it leads to.
    points = np.array([command[-2:] for command in stroke["path"]], dtype=float)
    if "left" not in stroke:  # an example that no canvas has taken yet
        return points
    angle = np.deg2rad(stroke["angle"])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    mirror = [-1 if stroke[way] else 1 for way in ("flipX", "flipY")]
    scale = np.array([stroke["scaleX"], stroke["scaleY"]]) * mirror
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    return ((points - middle) * scale) @ turn.T + [stroke["left"], stroke["top"]]


def _example() -> list[dict[str, Any]]:
    """The strokes of any garment, as the canvas keeps them."""
    rng = np.random.default_rng()
    strokes = fitted(doodle(int(rng.integers(10)), rng), SIDE, margin=SIDE / 8)
    return [
        {
            "type": "path",
            "path": [["M" if first else "L", *point] for first, point in _steps(stroke)],
            "stroke": "#000000",
            "strokeWidth": EXAMPLE_PEN,
            "strokeLineCap": "round",
            "strokeLineJoin": "round",
            "fill": None,
        }
        for stroke in strokes
    ]


def _steps(stroke: np.ndarray) -> list[tuple[bool, list[float]]]:
    return [(position == 0, point) for position, point in enumerate(stroke.round(1).tolist())]
