"""Play: draw what you are asked for against the clock, or name images against a network."""

import streamlit as st

from app import state
from app.components.drawing_game import render_drawing_game
from app.components.errors_told import errors_told
from app.components.naming_game import render_naming_game
from app.components.options import render_options
from app.components.run_picker import render_run_picker
from fmnist_core.shipped import SKETCH

GAMES = {"Draw it": render_drawing_game, "You against the network": render_naming_game}

st.title("Play", anchor=False)
run = render_run_picker("Network", "Whom you play with.", first=SKETCH)
if run:
    game = render_options(
        "Game",
        list(GAMES),
        default=next(iter(GAMES)),
        key=state.GAME,
        label_visibility="collapsed",
        help="Draw what you are asked for, or name images, and see whether the network does better.",
    )
    with errors_told():
        GAMES[game](run)
