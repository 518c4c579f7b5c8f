"""The curves of several runs in the same two charts; those that still learn grow."""

from collections.abc import Sequence

import streamlit as st

from app import charts_compare, resources, state, written_charts
from app.components.errors_told import errors_told
from app.components.options import render_options
from app.components.words import MORE_LOSS
from fmnist_core.analysis.compare import Entry, curves

LOOK_SECONDS = 1.0


def render_compared_curves(entries: Sequence[Entry]) -> None:
    """Shows loss and accuracy of the entries, and keeps them up to date while any of them learns.

    Args:
        entries: What is compared, in the order of the colours.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = render_options(
            "By",
            list(charts_compare.AXES),
            default="Epoch",
            key=state.CURVES_BY,
            help="What the curves run over: passes over the images, steps, or seconds of training.",
        )
        shown = render_options(
            "Curves",
            ["Validation", "Training", "Both"],
            default="Validation",
            key=state.CURVES_OF,
            help="On the images that are held back, drawn through, on those that are learned from, dotted, "
            "or on both.",
        )
    chosen = ("training", "validation") if shown == "Both" else (shown.lower(),)
    live = any(entry.is_live for entry in entries)
    draw = st.fragment(_render, run_every=LOOK_SECONDS if live else None)
    draw(entries, by, chosen, live)
    if not all(run.config.has_plain_loss for entry in entries for run in entry.runs):
        st.caption(MORE_LOSS)
    if len({run.config.data.sketches > 0 for entry in entries for run in entry.runs}) == 2:
        st.caption("Where drawings are learned from, some are held back as well: those curves are of both.")
    if any(entry.is_group for entry in entries):
        st.caption(
            "Repeats over seeds are one line, their mean; the band reaches from the least to the greatest."
        )


@errors_told()
def _render(entries: Sequence[Entry], by: str, chosen: Sequence[str], live: bool) -> None:
    store = resources.store()
    if live:
        # A run that somebody has deleted meanwhile has no state any more: the page says so.
        states = {run.id: run.state for run in store.all_runs()}
        if any(states.get(run.id) != run.state for entry in entries for run in entry.runs):
            st.rerun()
    measured = {entry.name: curves(store, entry) for entry in entries}
    if not any(rows["curve"].isin(chosen).any() for rows in measured.values()):
        st.info(
            "No curve yet: they are drawn here as soon as the first report is there."
            if live
            else "These runs left no such curve: choose *Training* above."
            if "training" not in chosen
            else "These runs ended before their first report.",
            icon=":material/timeline:",
        )
        return
    for column, metric in zip(st.columns(2, gap="medium"), ("accuracy", "loss"), strict=True):
        with column:
            st.vega_lite_chart(
                spec=written_charts.compared_curves(measured, metric, by, chosen),
                width="stretch",
                key=f"compared_{metric}",
                alt=f"The {metric} of the compared runs by {by.lower()}",
            )
