"""A number field that may be left empty."""

from typing import Any

import streamlit as st


def optional_number(label: str, value: float | None, *, key: str, **options: Any) -> float | None:
    """Shows the field; emptied, it gives None.

    Streamlit lets only such a field be emptied that began empty, so the default goes in by its key.

    Args:
        label, key: As `st.number_input` takes them.
        value: What stands in it at first.
        options: Everything else that `st.number_input` takes.
    """
    st.session_state.setdefault(key, value)
    return st.number_input(label, value=None, key=key, **options)
