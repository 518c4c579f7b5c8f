"""A run as it is called on the screen: its name, and its state as a badge."""

import re

import streamlit as st

from fmnist_core.runs import RunState

BADGES = {
    RunState.QUEUED: ("waiting", ":material/schedule:", "gray"),
    RunState.RUNNING: ("training", ":material/play_circle:", "blue"),
    RunState.FINISHED: ("finished", ":material/check_circle:", "green"),
    RunState.STOPPED: ("stopped", ":material/stop_circle:", "orange"),
    RunState.FAILED: ("failed", ":material/error:", "red"),
}


def render_badge(state: RunState) -> None:
    """The state of a run as a coloured badge."""
    label, icon, color = BADGES[state]
    st.badge(label, icon=icon, color=color)


_BARE_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
"""Where what Streamlit would make a link of even without brackets can be interrupted (GFM, 6.9)."""

WORD_JOINER = "\u2060"
"""Is not seen, and does not break a line."""


def plain(name: str) -> str:
    """A name that somebody chose, shown letter by letter where Streamlit reads Markdown."""
    # Markdown takes a backslash away before the punctuation of ASCII only.
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", _BARE_ADDRESS.sub(WORD_JOINER, name))


def without_links(sentence: str) -> str:
    """A sentence that may quote a file or an address: no link and no image is made of what it quotes."""
    return _BARE_ADDRESS.sub(WORD_JOINER, sentence).replace("[", r"\[")
