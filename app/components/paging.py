"""A long list, page by page."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import streamlit as st

Items = TypeVar("Items", bound=Sequence | np.ndarray)


def on_page(items: Items, per_page: int, key: str, numbers: int = 7) -> Items:
    """Shows the choice of a page where there are several, and returns what stands on the chosen one.

    Args:
        items: All there are.
        per_page: How many of them a page holds.
        key: Of the choice; another one starts on its first page again.
        numbers: How many pages the choice names at once.
    """
    pages = -(-len(items) // per_page)
    page = st.pagination(pages, max_visible_pages=numbers, key=key) if pages > 1 else 1
    return items[(page - 1) * per_page : page * per_page]
