"""A choice of one of several, which an address can name."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from app import state


def render_options(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    default: str,
    format_func: Callable[[str], str] = str,
    **control: Any,
) -> str:
    """A row of options of which one is always chosen, as the address says.

    Args:
        label, options, format_func, control: As `st.segmented_control` takes them.
        key: Name of the control, and of the choice in the address.
        default: What is chosen at first, and by an address that names nothing.
    """
    state.heed_address(key, format_func(default), default)
    chosen = st.segmented_control(
        label,
        options,
        default=default,
        format_func=format_func,
        required=True,
        bind="query-params",
        key=key,
        **control,
    )
    # Streamlit takes an empty value in an address for a choice of nothing, required or not.
    return default if chosen is None else chosen
