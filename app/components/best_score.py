"""The best score of a player: kept under the name that was typed."""

import streamlit as st

from app import resources, state
from app.components.errors_told import errors_told
from fmnist_core.scores import keep_score, record


def render_best_score(game: str, game_id: str, points: int, most: int) -> None:
    """Keeps the score of a game that is over, and shows the best of this player; without a name, nothing.

    Args:
        game: Which of the games.
        game_id: Names this one game.
        points: What was reached, 0 to `most`.
        most: What could be reached.
    """
    player = state.learner()
    if not player:
        return
    so_far = None
    with errors_told():
        keep_score(resources.store(), player, game, game_id, points, most)
        so_far = record(resources.store(), player, game, most)
    if not (so_far and so_far.games):
        return  # The score was kept under another name before.
    st.metric(
        "Your best",
        f"{so_far.best} of {most}",
        help=f"Of {so_far.games} games that you played to their end."
        if so_far.games > 1
        else "This is your first game; the next ones count, too.",
    )
