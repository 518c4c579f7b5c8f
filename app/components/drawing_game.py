"""Draw the garment you are asked for, against the clock."""

import time
from dataclasses import replace

import numpy as np
import streamlit as st
from PIL import Image

from app import resources, state
from app.components.best_score import render_best_score
from app.components.canvas import render_canvas
from app.components.errors_told import errors_told
from app.components.learner import render_learner
from app.components.words import whole_percent
from fmnist_core import quiz
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.data.preprocess import prepare
from fmnist_core.errors import BlankImage
from fmnist_core.runs import Run

LOOK_SECONDS = 0.5
CANVAS = "game"


def _begin(run_id: str) -> None:
    _keep(run_id, quiz.new_drawing_game(np.random.default_rng(), time.time()))
    state.draw_anew(CANVAS, [])


def _finish_drawing(run_id: str, game: quiz.DrawingGame, seen: int | None) -> None:
    _keep(run_id, game.done(seen, time.time()))
    state.draw_anew(CANVAS, [])


def _skip(run_id: str, game: quiz.DrawingGame, seen: int | None) -> None:
    # The second half of a double click gives up no garment that nobody has read.
    if time.time() - game.began > state.DOUBLE_CLICK_SECONDS:
        _finish_drawing(run_id, game, seen)


def _keep(run_id: str, game: quiz.DrawingGame) -> None:
    st.session_state[state.DRAWING_GAME] = run_id, game


def _without_waiting(run_id: str, game: quiz.DrawingGame) -> quiz.DrawingGame:
    """The game once the network can answer: waking it is not the player's time."""
    began = time.time()
    resources.await_network(run_id)
    game = replace(game, began=game.began + time.time() - began)
    _keep(run_id, game)
    return game


def render_drawing_game(run: Run) -> None:
    """The garment that is asked for, the canvas, the clock, and what the network sees meanwhile."""
    resources.wake(run.id)
    played, game = st.session_state.get(state.DRAWING_GAME, (None, None))
    # A game is played with one network: two would have twice as many guesses.
    if game is None or played != run.id:
        st.markdown(
            f"**Can it tell what you draw?** You are asked for {quiz.DRAWINGS} garments and have "
            f"{quiz.SECONDS:.0f} seconds for each; the network guesses after every stroke."
        )
        st.button(
            "Start",
            type="primary",
            key="start_drawing",
            on_click=_begin,
            args=(run.id,),
            help="Starts the clock.",
        )
        return
    if game.is_over:
        _render_drawing_result(run, game)
        return
    number = len(game.seen) + 1
    st.subheader(
        f"{number} of {len(game.asked)}: draw a garment of the class {CLASS_NAMES[game.wanted]}", anchor=False
    )
    canvas, guess = st.columns([2, 3], gap="large")
    with canvas:
        drawing = render_canvas(CANVAS)
    with guess:
        seen = None
        with errors_told():
            game = _without_waiting(run.id, game)
            seen = _render_guess(run, game, drawing)
        _render_clock(run, game, seen)
        st.button(
            "Skip",
            icon=":material/skip_next:",
            key="skip_drawing",
            on_click=_skip,
            args=(run.id, game, seen),
            help="Gives this one up.",
        )


def _render_guess(run: Run, game: quiz.DrawingGame, drawing: Image.Image | None) -> int | None:
    """What the network takes the drawing for; a right guess leads on to the next garment."""
    if drawing is None:
        st.markdown("… draw, and it starts guessing.")
        return None
    if not game.seconds_left(time.time()):
        return None
    try:
        answer = resources.name(run.id, prepare(drawing).image)
    except BlankImage:
        return None
    label = answer.candidates[0]
    if label == game.wanted:
        _finish_drawing(run.id, game, label)
        st.toast(f"Recognised: {CLASS_NAMES[label]}!", icon=":material/celebration:")
        st.rerun()
    st.metric(
        "It sees",
        CLASS_NAMES[label],
        whole_percent(answer.probabilities[label]),
        delta_color="off",
        delta_arrow="off",
    )
    return label


@st.fragment(run_every=LOOK_SECONDS)
def _render_clock(run: Run, game: quiz.DrawingGame, seen: int | None) -> None:
    """The time that is left; at its end the next garment is asked for."""
    left = game.seconds_left(time.time())
    if not left:
        _finish_drawing(run.id, game, seen)
        st.rerun()
    st.progress(left / quiz.SECONDS, f"{left:.0f} s left")


def _render_drawing_result(run: Run, game: quiz.DrawingGame) -> None:
    """The score, and what the network saw instead."""
    with st.container(horizontal=True):
        st.metric("Recognised", f"{game.score} of {len(game.asked)}")
        render_best_score("drawing", game.id, game.score, len(game.asked))
    for asked, seen in zip(game.asked, game.seen, strict=True):
        if seen == asked:
            st.markdown(f":green[:material/check_circle:] **{CLASS_NAMES[asked]}**")
        else:
            instead = "nothing" if seen is None else CLASS_NAMES[seen]
            st.markdown(f":red[:material/cancel:] **{CLASS_NAMES[asked]}**: it saw {instead}")
    render_learner("scores")
    st.button(
        "Play again",
        type="primary",
        key="again_drawing",
        on_click=_begin,
        args=(run.id,),
        help=f"{quiz.DRAWINGS} other garments.",
    )
