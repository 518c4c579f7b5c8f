"""Choosing a run: every page that looks at one starts with this."""

from collections.abc import Container, Sequence

import streamlit as st

from app import navigation, resources, state
from app.components.run_name import plain
from app.components.words import counted
from fmnist_core.analysis.compare import find_entries, told_apart
from fmnist_core.runs import Run


def render_run_picker(
    label: str = "Run",
    help: str = "Which trained network to look at.",
    among: Sequence[Run] | None = None,
    first: str | None = None,
) -> Run | None:
    """Shows a choice among the runs that left a model, newest first; the address follows it.

    An address that names none of them is told of, and stays until another one is chosen.

    Args:
        label, help: Of the choice.
        among: The runs to choose from; by default all that left a model.
        first: The run to begin with while none has been looked at; by default the newest.

    Returns:
        The chosen run, or None when there is none yet; then a way to train one is shown instead.
    """
    runs = {run.id: run for run in (resources.usable_runs() if among is None else among)}
    if not runs:
        _render_no_runs()
        return None
    render_missing_run(runs, state.asked_run())
    # The address decides; an `index` that follows the choice would make Streamlit drop every second one.
    wishes = [wished for wished in (*state.wished_runs(), first) if wished in runs]
    st.session_state[state.PICKED_RUN] = next(iter([*wishes, *runs]))
    labels = told_apart({run_id: run_label(run) for run_id, run in runs.items()})
    chosen = st.selectbox(
        label,
        list(runs),
        format_func=labels.__getitem__,
        key=state.PICKED_RUN,
        on_change=lambda: state.select_run(st.session_state[state.PICKED_RUN]),
        help=help,
    )
    state.show_run(chosen)
    return runs[chosen]


def render_missing_run(shown: Container[str], asked: str | None) -> None:
    """Says so, and why, when the address asks for a run that is not among those that are shown."""
    if not asked or asked in shown:
        return
    found, problems = find_entries(resources.store(), [asked])
    for entry in found:
        problems.append(
            f"{entry.name} cannot be looked at here: it has left no network, or none that was tested on "
            "these images."
        )
    for problem in problems:
        st.warning(plain(problem), icon=":material/search_off:")


def _render_no_runs() -> None:
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
    if not run.is_real:
        parts.append("drawn wardrobe")
    if run.state == "stopped" and run.has_model:
        parts.append(f"stopped after {counted(run.result['epochs'], 'epoch')}")
    return " · ".join(parts)
