"""Who is learning: a name, typed once, under which predictions in lessons and scores in games are kept."""

import streamlit as st

from app import state
from fmnist_core.lessons.lesson import LONGEST_NAME


def render_learner(kept: str) -> str:
    """Shows the field for the name.

    Args:
        kept: What is kept under it here, in plural.

    Returns:
        The name; empty while none has been typed.
    """
    name = state.learner()
    if name:
        state.be_learner(name)
    st.session_state[state.TYPED_LEARNER] = name
    st.text_input(
        "Your name",
        key=state.TYPED_LEARNER,
        max_chars=LONGEST_NAME,
        placeholder="Any name you like",
        on_change=lambda: state.be_learner(st.session_state[state.TYPED_LEARNER]),
        help=f"Your {kept} are kept under it, and it stands in the address: a bookmark finds them again. "
        "There is no password, so take a name that nobody else in your class takes.",
    )
    return name
