"""One run as it goes: progress, curves, stop; and once it has ended, what came of it."""

import pandas as pd
import streamlit as st

from app import live, navigation, resources, state
from app.components.errors_told import errors_told, tell
from app.components.live_curves import render_curves
from app.components.run_name import plain, render_badge
from app.components.words import MORE_LOSS, counted, duration
from fmnist_core.errors import UnknownRunError
from fmnist_core.logs import LOG, tail
from fmnist_core.runs import CHECKED_IMAGES, MAX_RESUMES, METRIC_COLUMNS, Run, RunState

NAMED_RUNS = 10
"""Of what is on the engine, so many are named: a class that starts all at once fills no screen."""


def render_live_run(run_id: str) -> None:
    """Shows a run, and what else is on the engine, and keeps both up to date."""
    is_live = not resources.store().get(run_id).state.is_ended()
    st.fragment(_render)(run_id, is_live)


def followed_run(run_id: str, is_live: bool) -> Run:
    """A run as it now is; a live view of one that was removed for good has the page drawn anew.

    Raises:
        UnknownRunError: when there is none, in a view that is not live.
    """
    try:
        return resources.store().get(run_id)
    except UnknownRunError:
        if is_live:
            st.rerun()
        raise


def _render(run_id: str, is_live: bool) -> None:
    with errors_told():
        _render_run(run_id, is_live)
        return
    if is_live:
        render_curves(live.AWAY, key=f"live_{run_id}", address=live.ADDRESS.format(run_id=run_id))


def _render_run(run_id: str, is_live: bool) -> None:
    run = followed_run(run_id, is_live)
    if is_live and run.state.is_ended():
        st.rerun()
    look = live.look(run)
    _render_engine_line(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(run.name), anchor=False)
        render_badge(run.state)
        if not run.state.is_ended():
            _render_stop(run)
    if left_out := len(run.config.data.leave_out):
        images = counted(left_out, "training image")
        st.caption(f":material/filter_alt: Learns without {images} that were left out.")
    if run.state is RunState.FAILED:
        tell(run.error)
        _render_log(run)
    elif run.resumes and not run.state.is_ended():
        st.caption(
            ":material/restart_alt: Its process ended unexpectedly; it goes on from its last checkpoint "
            f"({run.resumes} of {MAX_RESUMES} times)."
        )
    render_curves(look, key=f"live_{run_id}", address=live.ADDRESS.format(run_id=run_id))
    if not run.config.has_plain_loss:
        st.caption(MORE_LOSS)
    if run.has_model:
        _render_outcome(run)


def render_axes(total: int) -> None:
    """Shows where the curves of a run of so many epochs will be drawn."""
    none = pd.DataFrame(columns=METRIC_COLUMNS)
    render_curves(live.curves(none, none, total), key="live_none")


def _render_engine_line(chosen: Run) -> None:
    """Leads to what else trains or waits."""
    runs = live.on_engine()
    if not any(run.id != chosen.id for run in runs):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("On the engine:")
        for run in runs[:NAMED_RUNS]:
            label = f"{plain(run.name)} ({run.state})"
            if st.button(label, f"watch_{run.id}", "Watch this run.", disabled=run.id == chosen.id):
                state.select_run(run.id)
                st.rerun()
        if len(runs) > NAMED_RUNS:
            st.caption(f"and {len(runs) - NAMED_RUNS} more")


def _render_stop(run: Run) -> None:
    store = resources.store()
    if not run.stop_requests:
        st.button(
            "Stop",
            icon=":material/stop:",
            key="stop_run",
            on_click=errors_told()(store.request_stop),
            args=(run.id,),
            help="Ends this run; the network as far as it got is kept.",
        )
        return
    # Not a button in the place of the other: the second click of a double click would cost the network.
    with st.popover("Stopping …", icon=":material/stop:", help="It stops as soon as its network is kept."):
        st.markdown("Does it hang? It can be ended by force, but then **no network is kept**.")
        st.button(
            "Stop by force",
            icon=":material/dangerous:",
            disabled=run.stop_requests > 1,
            key="force_stop",
            on_click=errors_told()(store.force_stop),
            args=(run.id,),
            help="Ends the run, and the process that trains it.",
        )


def _render_log(run: Run) -> None:
    log = tail(resources.store().folder(run.id) / LOG)
    if log:
        with st.expander("Its log", icon=":material/subject:"):
            st.code(log, language=None, wrap_lines=True, height=300)


def _render_outcome(run: Run) -> None:
    check = run.result["check"]
    passed = all(check[name] for name in ("structure", "parameters", "weights", "predictions"))
    sign = ":green[:material/verified:]" if passed else ":red[:material/report:]"
    words = "the same" if passed else "NOT the same"
    st.caption(
        f"{sign} Saved, loaded again and compared: structure, {run.result['parameters']:,} parameters, every "
        f"weight and the answers on {CHECKED_IMAGES} images are {words} (largest difference "
        f"{check['largest_difference']:.1g}). Trained in {duration(run.result['seconds'])} "
        f"on {run.result['plan']}."
    )
    with st.container(horizontal=True):
        st.page_link(
            navigation.page("Evaluate"),
            label="See where it errs",
            icon=":material/fact_check:",
            query_params={state.RUN: run.id},
            help="Its mistakes, class by class and image by image.",
        )
        st.page_link(
            navigation.page("Runs"),
            label="Note, repeat, take home",
            icon=":material/table_rows:",
            query_params={state.RUNS: run.id},
            help="Write down what you saw, repeat it over seeds, or take it home as a notebook.",
        )
