"""Choosing the recipe that a form starts from."""

from typing import Any

import streamlit as st

from app import resources
from app.components.kept_button import forget_click
from app.components.run_name import plain
from fmnist_core.recipes import Recipe


def render_recipe_choice(key: str, help: str, starts: str, **looks: Any) -> Recipe:
    """Shows the choice, and what the chosen one is.

    Where the one that was chosen has been deleted meanwhile, Streamlit puts the first one in its place:
    that is told, and nothing starts before the visitor has seen it.

    Args:
        key, help: Of the choice.
        starts: The key of the kept button that starts something from the recipe.
        looks: As for `st.selectbox`.
    """
    recipes = resources.recipes()
    if st.session_state.get(key) not in (None, *recipes):
        forget_click(starts)
        # Wherever the visitor has scrolled to: the button that starts is far below.
        st.toast(
            "The recipe that was chosen here has been deleted: see whether the one in its place will do.",
            icon=":material/bookmark_remove:",
            duration="infinite",
        )
    name = st.selectbox(
        "Recipe",
        list(recipes),
        format_func=lambda name: recipes[name].title,
        key=key,
        persist_state="session",
        help=help,
        **looks,
    )
    st.caption(plain(recipes[name].summary))
    return recipes[name]
