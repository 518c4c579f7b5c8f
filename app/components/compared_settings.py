"""The settings of several runs side by side, with those marked in which they differ."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fmnist_core.analysis.compare import Entry, settings

MARK = "background-color: rgba(232, 116, 59, 0.22)"


def render_compared_settings(entries: Sequence[Entry]) -> None:
    """Shows a row per setting and a column per entry; at first only the rows in which they differ.

    Args:
        entries: What is compared.
    """
    rows = settings(entries)
    different = [row for row in rows if row.differs]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        count = "no setting" if not different else f"**{len(different)}** of {len(rows)} settings"
        st.markdown(f"They differ in {count}.")
        everything = st.toggle(
            "All settings",
            key="all_settings",
            persist_state="session",
            help="Also those that are the same; what differs stays marked.",
        )
    shown = rows if everything or not different else different
    marked = {row.title for row in different}
    table = pd.DataFrame(
        [row.values for row in shown],
        index=pd.Index([row.title for row in shown], name="setting"),
        columns=[entry.name for entry in entries],
    )
    st.dataframe(
        table.style.apply(lambda row: [MARK if row.name in marked else ""] * len(row), axis=1),
        height="content",
        key="compared_settings",
        alt="The settings of the compared runs; those that differ are tinted",
    )
