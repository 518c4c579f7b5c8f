"""The way back to what a form began with."""

import streamlit as st

from app import state


def render_undo_changes(form: str, changed: bool) -> None:
    """Shows a button that puts every field back.

    Args:
        form: Name of the form, as `state.form` takes it.
        changed: Whether anything in it is not as it was at first.
    """
    st.button(
        "Undo my changes",
        key=f"{form}:undo",
        icon=":material/restart_alt:",
        type="tertiary",
        disabled=not changed,
        on_click=state.begin_form_anew,
        args=(form,),
        help="Puts every setting back to what it was at first. Until then your changes stay, also while you "
        "look at other pages.",
    )
