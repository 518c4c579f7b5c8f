"""Choosing a run: every page that looks at one starts with this."""

from collections.abc import Sequence

import streamlit as st

from app import navigation, resources, state
from fmnist_core.runs import Run


def render_run_picker(
    label: str = "Run",
    help: str = "Which trained network to look at.",
    among: Sequence[Run] | None = None,
    first: str | None = None,
) -> Run | None:
    """Shows a choice among the runs that left a model, newest first; the address follows it.

    Args:
        label, help: Of the choice.
        among: The runs to choose from; by default all that left a model.
        first: The run to begin with while none has been looked at; by default the newest.

    Returns:
        The chosen run, or None when there is none yet; then a way to train one is shown instead.
    """
    runs = {run.id: run for run in (resources.usable_runs() if among is None else among)}
    if not runs:
        render_no_runs()
        return None
    wanted = state.selected_run()
    # The address decides; an `index` that follows the choice would make Streamlit drop every second one.
    wishes = [wished for wished in (wanted, first) if wished in runs]
    st.session_state[state.PICKED_RUN] = next(iter([*wishes, *runs]))
    chosen = st.selectbox(
        label,
        list(runs),
        format_func=lambda run_id: run_label(runs[run_id]),
        key=state.PICKED_RUN,
        on_change=lambda: state.select_run(st.session_state[state.PICKED_RUN]),
        help=help,
    )
    state.select_run(chosen)
    return runs[chosen]


def render_no_runs() -> None:
    """Says that no network is trained yet, and leads to where one is."""
    with st.container(border=True):
        st.markdown("**No trained network yet.** Train one first: the smallest takes a few seconds.")
        render_way_to_train()


def render_way_to_train() -> None:
    """Leads to Train, from where a network is missing."""
    st.page_link(
        navigation.page("Train"),
        label="Train a network",
        icon=":material/model_training:",
        help="Opens Train, with the smallest recipe first.",
    )


def run_label(run: Run) -> str:
    """One line that tells runs apart: name, test accuracy, and the data set when it is not the real one."""
    parts = [run.name, f"{run.result['test']['accuracy']:.1%}" if run.has_model else str(run.state)]
    if run.source == "wardrobe":
        parts.append("drawn wardrobe")
    if run.state == "stopped" and run.has_model:
        parts.append(f"stopped after {run.result['epochs']} epochs")
    return " · ".join(parts)
