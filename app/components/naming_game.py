"""Name test images, and see whether the network does better."""

import math
import time

import numpy as np
import streamlit as st

from app import pixels, resources, state
from app.components.best_score import render_best_score
from app.components.gallery import Tile, render_gallery
from app.components.image_view import open_image_view
from app.components.learner import render_learner
from app.components.run_name import plain
from app.state import Place
from fmnist_core import quiz
from fmnist_core.analysis.published import HUMAN_ACCURACY
from fmnist_core.data.dataset import CLASS_NAMES, Dataset
from fmnist_core.runs import Run

ENLARGED = 8


def render_naming_game(run: Run) -> None:
    """A test image and ten names to choose from; your score beside the network's and that of others."""
    data = resources.data_of_run(run)
    fingerprint, game = st.session_state.get(state.NAMING_GAME, (None, None))
    if fingerprint != data.fingerprint:
        # This network is tested on other images than the one before.
        game = quiz.new_naming_game(data.y_test, np.random.default_rng())
        _keep(data.fingerprint, game)
    probabilities = resources.test_answers(run.id)
    player, network = game.scores(data.y_test, probabilities)
    done = len(game.answers)
    with st.container(horizontal=True):
        st.metric("You", f"{player} of {done}")
        st.metric(plain(run.name), f"{network} of {done}")
        if data.is_real:
            st.metric(
                "People before you",
                f"{HUMAN_ACCURACY:.1%}",
                help="People without expertise in fashion, on 1,000 of these images: the majority of three "
                "answers each (the data set's own leaderboard).",
            )
        if game.is_over:
            render_best_score("naming", game.id, player, done)
    if game.is_over:
        _render_naming_result(game, data, probabilities)
        return
    picture, names = st.columns([2, 3], gap="large", vertical_alignment="center")
    image = data.x_test[game.position]
    picture.image(
        pixels.magnified(image, ENLARGED),
        width=28 * ENLARGED,
        caption=f"{done + 1} of {len(game.positions)}: what is it?",
        alt="The image to name",
    )
    with names, st.container(horizontal=True):
        for label, name in enumerate(CLASS_NAMES):
            st.button(
                name,
                key=f"name_{label}",
                on_click=_name,
                args=(data.fingerprint, game, label),
                help=f"Names it {name}.",
            )
    if done:
        before = game.positions[done - 1]
        truth, yours = int(data.y_test[before]), game.answers[-1]
        its = int(probabilities[before].argmax())
        mark = ":green[:material/check_circle:] Right" if yours == truth else ":red[:material/cancel:] Wrong"
        st.markdown(
            f"{mark}: the last one is a **{CLASS_NAMES[truth]}**. The network said {CLASS_NAMES[its]}."
        )


def _name(fingerprint: str, game: quiz.NamingGame, label: int) -> None:
    # The second half of a double click names no image that nobody has seen.
    now = time.monotonic()
    if now - st.session_state.get(state.NAMED_AT, -math.inf) > state.DOUBLE_CLICK_SECONDS:
        st.session_state[state.NAMED_AT] = now
        _keep(fingerprint, game.named(label))


def _keep(fingerprint: str, game: quiz.NamingGame) -> None:
    st.session_state[state.NAMING_GAME] = fingerprint, game


def _render_naming_result(game: quiz.NamingGame, data: Dataset, probabilities: np.ndarray) -> None:
    """All images with their truth and both answers; each opens on a click."""
    positions = list(game.positions)
    tiles = [
        Tile(
            caption=CLASS_NAMES[data.y_test[position]],
            note=f"you: {CLASS_NAMES[yours]}, it: {CLASS_NAMES[probabilities[position].argmax()]}",
            wrong=bool(yours != data.y_test[position]),
        )
        for position, yours in zip(positions, game.answers, strict=True)
    ]
    clicked = render_gallery(data.x_test[positions], tiles, key="named", size=150)
    if clicked is not None:
        open_image_view(data, Place("test", positions[clicked]), probabilities[positions[clicked]])
    render_learner("scores")

    def again() -> None:
        st.session_state.pop(state.NAMING_GAME, None)

    st.button(
        "Play again",
        type="primary",
        key="again_naming",
        on_click=again,
        help=f"{quiz.IMAGES} other images.",
    )
