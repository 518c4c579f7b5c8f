"""A canvas to draw on with mouse, pen or finger, with its pen width, undo and clear."""

import numpy as np
import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import st_canvas

from app import state

SIDE = 280
"""Pixels on either side of the drawing: ten for each pixel that the network gets."""

PENS = (6, 40)
PEN = 20
"""Width of the pen in pixels: thinnest and thickest, and the one to begin with."""


def render_canvas(key: str) -> Image.Image | None:
    """Shows the canvas, white with black ink in either theme.

    Args:
        key: Name of this canvas on its page.

    Returns:
        The drawing as it was after the last stroke, `SIDE` pixels square, or None while there is none.
    """
    width = st.slider("Pen", *PENS, PEN, key=f"{key}_pen", help="How thick the pen draws, in pixels.")
    number, strokes = state.drawing()
    drawing = st_canvas(
        stroke_width=width,
        stroke_color="#000000",
        background_color="#ffffff",
        width=SIDE,
        height=SIDE,
        return_image_data=True,
        initial_drawing={"objects": strokes} if strokes else None,
        key=f"{key}_{number}",
    )
    strokes = (drawing.json_data or {}).get("objects", [])
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
                args=(left,),
                help=help,
            )
    return Image.fromarray(np.asarray(drawing.image_data)) if strokes else None
