"""Play: draw what you are asked for against the clock, or name images against a network."""

import time

import numpy as np
import streamlit as st

from app import resources, state
from app.components.canvas import render_canvas
from app.components.gallery import Tile, render_gallery
from app.components.run_picker import render_run_picker
from fmnist_core import quiz
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.data.preprocess import prepare
from fmnist_core.errors import BlankImage, FmnistError
from fmnist_core.runs import Run
from fmnist_core.shipped import SKETCH

LOOK_SECONDS = 0.5
ENLARGED = 8


def new_drawing_game() -> None:
    st.session_state[state.DRAWING_GAME] = quiz.new_drawing_game(np.random.default_rng(), time.time())
    state.draw_anew([])


def finish_drawing(game: quiz.DrawingGame, seen: int | None) -> None:
    st.session_state[state.DRAWING_GAME] = game.done(seen, time.time())
    state.draw_anew([])


def render_drawing_game(run: Run) -> None:
    """The garment that is asked for, the canvas, the clock, and what the network sees meanwhile."""
    game: quiz.DrawingGame | None = st.session_state.get(state.DRAWING_GAME)
    if game is None:
        st.markdown(
            f"**Can it tell what you draw?** You are asked for {quiz.DRAWINGS} garments and have "
            f"{quiz.SECONDS:.0f} seconds for each; the network guesses after every stroke."
        )
        st.button(
            "Start", type="primary", key="start_drawing", on_click=new_drawing_game, help="Starts the clock."
        )
        return
    if game.is_over:
        render_drawing_result(game)
        return
    number = len(game.seen) + 1
    st.subheader(
        f"{number} of {len(game.asked)}: draw a garment of the class {CLASS_NAMES[game.wanted]}", anchor=False
    )
    canvas, guess = st.columns([2, 3], gap="large")
    with canvas:
        drawing = render_canvas("game")
    with guess:
        seen = render_guess(run, game, drawing)
        render_clock(game, seen)
        st.button(
            "Skip",
            icon=":material/skip_next:",
            key="skip_drawing",
            on_click=finish_drawing,
            args=(game, seen),
            help="Gives this one up.",
        )


def render_guess(run: Run, game: quiz.DrawingGame, drawing: object) -> int | None:
    """What the network takes the drawing for; a right guess leads on to the next garment."""
    if drawing is None:
        st.markdown("… draw, and it starts guessing.")
        return None
    try:
        answer = resources.name(run.id, prepare(drawing).image)
    except BlankImage:
        return None
    label = answer.candidates[0]
    if label == game.wanted:
        finish_drawing(game, label)
        st.toast(f"It is a {CLASS_NAMES[label]}!", icon=":material/celebration:")
        st.rerun()
    st.metric(
        "It sees",
        CLASS_NAMES[label],
        f"{answer.probabilities[label]:.0%}",
        delta_color="off",
        delta_arrow="off",
    )
    return label


@st.fragment(run_every=LOOK_SECONDS)
def render_clock(game: quiz.DrawingGame, seen: int | None) -> None:
    """The time that is left; at its end the next garment is asked for."""
    left = game.seconds_left(time.time())
    if not left:
        finish_drawing(game, seen)
        st.rerun()
    st.progress(left / quiz.SECONDS, f"{left:.0f} s left")


def render_drawing_result(game: quiz.DrawingGame) -> None:
    """The score, and what the network saw instead."""
    st.metric("Recognised", f"{game.score} of {len(game.asked)}")
    for asked, seen in zip(game.asked, game.seen, strict=True):
        if seen == asked:
            st.markdown(f":green[:material/check_circle:] **{CLASS_NAMES[asked]}**")
        else:
            instead = "nothing" if seen is None else CLASS_NAMES[seen]
            st.markdown(f":red[:material/cancel:] **{CLASS_NAMES[asked]}**: it saw {instead}")
    st.button(
        "Play again",
        type="primary",
        key="again_drawing",
        on_click=new_drawing_game,
        help="Six other garments.",
    )


def render_naming_game(run: Run) -> None:
    """A test image and ten names to choose from; your score beside the network's and that of others."""
    data = resources.data_of_run(run)
    if state.NAMING_GAME not in st.session_state:
        st.session_state[state.NAMING_GAME] = quiz.new_naming_game(data.y_test, np.random.default_rng())
    game: quiz.NamingGame = st.session_state[state.NAMING_GAME]
    probabilities = resources.test_answers(run.id)
    player, network = game.scores(data.y_test, probabilities)
    done = len(game.answers)
    with st.container(horizontal=True):
        st.metric("You", f"{player} of {done}")
        st.metric(run.name, f"{network} of {done}")
        st.metric(
            "People before you",
            f"{quiz.HUMAN_ACCURACY:.1%}",
            help="What people reached on such images when the data set was made (Xiao et al., 2017).",
        )
    if game.is_over:
        render_naming_result(game, data.x_test, data.y_test, probabilities)
        return
    picture, names = st.columns([2, 3], gap="large", vertical_alignment="center")
    image = data.x_test[game.position]
    picture.image(
        np.kron(image, np.ones((ENLARGED, ENLARGED), np.uint8)),
        width=28 * ENLARGED,
        caption=f"{done + 1} of {len(game.positions)}: what is it?",
    )
    with names, st.container(horizontal=True):
        for label, name in enumerate(CLASS_NAMES):
            st.button(
                name, key=f"name_{label}", on_click=name_image, args=(game, label), help=f"It is a {name}."
            )
    if done:
        before = game.positions[done - 1]
        truth, yours = int(data.y_test[before]), game.answers[-1]
        its = int(probabilities[before].argmax())
        mark = ":green[:material/check_circle:] Right" if yours == truth else ":red[:material/cancel:] Wrong"
        st.markdown(
            f"{mark}: the last one is a **{CLASS_NAMES[truth]}**. The network said {CLASS_NAMES[its]}."
        )


def name_image(game: quiz.NamingGame, label: int) -> None:
    st.session_state[state.NAMING_GAME] = game.named(label)


def render_naming_result(
    game: quiz.NamingGame, images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray
) -> None:
    """All images with their truth and both answers."""
    positions = list(game.positions)
    tiles = [
        Tile(
            caption=CLASS_NAMES[labels[position]],
            note=f"you: {CLASS_NAMES[yours]}, it: {CLASS_NAMES[probabilities[position].argmax()]}",
            wrong=yours != labels[position],
        )
        for position, yours in zip(positions, game.answers, strict=True)
    ]
    render_gallery(images[positions], tiles, key="named", size=112)

    def again() -> None:
        del st.session_state[state.NAMING_GAME]

    st.button("Play again", type="primary", key="again_naming", on_click=again, help="Twenty other images.")


GAMES = {"Draw it": render_drawing_game, "You against the network": render_naming_game}

st.title("Play", anchor=False)
run = render_run_picker("Network", "Whom you play with.", first=SKETCH)
if run:
    game = st.segmented_control(
        "Game",
        list(GAMES),
        default=next(iter(GAMES)),
        required=True,
        key=state.GAME,
        bind="query-params",
        label_visibility="collapsed",
        help="Draw what you are asked for, or name images faster than the network.",
    )
    try:
        GAMES[game](run)
    except FmnistError as error:
        st.error(str(error), icon=":material/error:")
