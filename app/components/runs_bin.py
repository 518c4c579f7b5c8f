"""The bin: deleted runs, for a day, to bring back or to be rid of."""

import time
from collections.abc import Iterable

import streamlit as st

from app import resources, state
from app.components.errors_told import errors_told
from app.components.run_name import plain
from fmnist_core.errors import UnknownRunError
from fmnist_core.runs import BIN_SECONDS, Run


def render_undo() -> None:
    """Right after a deletion: says so, and takes it back at a click."""
    in_bin = {run.id: run for run in resources.store().bin()}
    deleted = [in_bin[run_id] for run_id in st.session_state.get(state.DELETED, []) if run_id in in_bin]
    if not deleted:
        return

    @errors_told()
    def undo() -> None:
        state.choose_runs(_bring_back(deleted))
        st.session_state.pop(state.DELETED, None)

    what = plain(deleted[0].name) if len(deleted) == 1 else f"{len(deleted)} runs"
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="deleted"):
        st.markdown(f":material/delete: **{what}** in the bin.")
        st.button("Undo", icon=":material/undo:", key="undo_delete", on_click=undo, help="Brings it back.")


def render_bin() -> None:
    """The runs in the bin, each with the way back, and the way to empty it."""
    thrown = resources.store().bin()
    if not thrown:
        return
    with st.expander(f"Bin ({len(thrown)})", icon=":material/delete:"):
        st.caption("Deleted runs stay here for a day; then they are gone with their files.")
        for run in thrown:
            hours = max(1, round((BIN_SECONDS - (time.time() - run.deleted)) / 3600))
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(
                    "Bring back",
                    icon=":material/undo:",
                    key=f"restore_{run.id}",
                    on_click=errors_told()(_bring_back),
                    args=([run],),
                    help="Puts it back into the table.",
                )
                st.markdown(f"{plain(run.name)} :gray[`{run.id}`, {hours} h left]")
        with st.popover("Empty the bin", icon=":material/delete_forever:", help="Asks once more."):
            st.markdown("This removes them **for good**, with their networks and curves.")
            st.button(
                f"Remove {len(thrown)} for good",
                key="empty_bin",
                type="primary",
                on_click=errors_told()(resources.store().empty_bin),
                # Not what somebody throws in from now on.
                args=(time.time(),),
                help="There is no way back from this.",
            )


def _bring_back(runs: Iterable[Run]) -> list[str]:
    """Brings runs back from the bin; returns the ids of those that were still in it."""
    back = []
    for run in runs:
        try:
            back.append(resources.store().restore(run.id).id)
        except UnknownRunError:
            st.warning(
                f"{plain(run.name)} cannot be brought back: the bin was emptied meanwhile.",
                icon=":material/delete_forever:",
            )
    return back
