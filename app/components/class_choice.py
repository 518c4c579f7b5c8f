"""Which class a view is about, or which a list is narrowed to: chosen from a list, by a click on a chart, or
by a row of a table."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from app import state
from fmnist_core.data.dataset import CLASS_NAMES


def render_class_choice(hardest: int) -> int:
    """Shows the list of classes, in the address as well; without a choice it is the hardest one.

    Args:
        hardest: The label to begin with.
    """
    chosen = st.selectbox(
        "Class",
        range(len(CLASS_NAMES)),
        index=None,
        format_func=state.class_option,
        placeholder=f"The hardest: {CLASS_NAMES[hardest]}",
        bind="query-params",
        key=state.CLASS,
        width=260,
        help="The class to look at; a click on a chart or on a row of the table chooses it too.",
    )
    return hardest if chosen is None else chosen


def render_class_filter(label: str, key: str, help: str) -> int | None:
    """Shows a list of classes, in the address as well; None is any of them."""
    return st.selectbox(
        label,
        range(len(CLASS_NAMES)),
        index=None,
        format_func=state.class_option,
        placeholder="Any class",
        bind="query-params",
        key=key,
        width=220,
        help=help,
    )


def take_click(key: str, selection: str) -> None:
    """Chooses the class that was clicked in the chart of this key, whose selection has a `label`."""
    for row in st.session_state[key]["selection"][selection]:
        st.session_state[state.CLASS] = int(row["label"])


def render_class_rows(
    columns: dict[str, np.ndarray | Sequence[str]], chosen: int, *, name: str, config: dict[str, object]
) -> None:
    """Shows a table with a row per class, of which a click chooses one.

    Args:
        columns: What stands beside the name of each class, ten values each.
        chosen: The label of the row that is marked.
        name: Of this table on its page.
        config: How Streamlit shows the columns.
    """
    # A table remembers which row was clicked; with a new key it takes the choice from elsewhere.
    key = f"{name}_{chosen}"

    def take_row() -> None:
        for label in st.session_state[key]["selection"]["rows"]:
            st.session_state[state.CLASS] = int(label)

    st.dataframe(
        pd.DataFrame({"class": CLASS_NAMES, **columns}),
        hide_index=True,
        key=key,
        on_select=take_row,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [chosen]}},
        column_config=config,
    )
