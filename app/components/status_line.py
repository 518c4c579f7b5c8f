"""The line below the navigation: which images are loaded, and whether the engine is ready."""

import streamlit as st

from app import resources, work
from app.components.errors_told import errors_told

LOOK_SECONDS, READY_LOOK_SECONDS = 4, 60
"""How often to look while the engine is on its way, and once it is there: each look has the browser draw the
whole page, also while it trains."""

_ENGINE = {
    "ready": ":green[:material/check_circle:] Engine ready",
    "starting": ":orange[:material/hourglass_top:] Engine warming up",
    "failing": ":red[:material/error:] Engine does not come up: is the memory full?",
    "stopped": ":gray[:material/bedtime:] Engine asleep",
}


def render_status_line() -> None:
    """Shows the data set and the state of the engine in the sidebar."""
    data = resources.dataset()
    name = "Fashion-MNIST" if data.is_real else "drawn wardrobe"
    with st.sidebar:
        st.caption(f":material/image: {name}, {len(data.x_train) + len(data.x_test):,} images")
        with errors_told():
            every = READY_LOOK_SECONDS if work.engine_state() == "ready" else LOOK_SECONDS
            # This holds until the page next runs. Nothing here has it run: that would close an open image.
            st.fragment(_render_engine, run_every=every)()


@errors_told()
def _render_engine() -> None:
    st.caption(_ENGINE[work.engine_state()])
