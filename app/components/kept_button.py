"""A button whose click is kept until the page has come to it."""

import time
from typing import Any

import streamlit as st

KEPT_SECONDS = 10.0
"""How long a click waits for the page to come to it; nobody expects more of an earlier one."""


def kept_button(label: str, key: str, **looks: Any) -> bool:
    """A button whose click is lost to no other one.

    Streamlit ends the run of a page at the next click, and with it what a click before would have done
    further down. Work that a callback cannot do, since it needs what is drawn first, stands behind this one.

    Args:
        label: What it says.
        key: Its key.
        looks: As for `st.button`.

    Returns:
        Whether it was clicked, once for each click; never while it is disabled, as it may be by what was
        typed just before.
    """
    clicked = _clicked(key)

    def keep() -> None:
        st.session_state[clicked] = time.monotonic()

    st.button(label, key=key, on_click=keep, **looks)
    waited = time.monotonic() - st.session_state.pop(clicked, -KEPT_SECONDS)
    return waited < KEPT_SECONDS and not looks.get("disabled")


def forget_click(key: str) -> None:
    """Forgets a click on the kept button of this key, for which the page is no longer what it was."""
    st.session_state.pop(_clicked(key), None)


def _clicked(key: str) -> str:
    return f"{key}_clicked"
