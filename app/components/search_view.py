"""A search as it goes: how far it is, its trials as charts, and what its best one becomes."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from app import charts_search, resources, state, written_charts
from app.components.errors_told import errors_told, tell
from app.components.run_name import plain
from app.components.trial_view import render_best, render_table, render_trial
from app.components.words import counted
from fmnist_core.runs import RunState
from fmnist_core.search.conductor import ensure_conductor
from fmnist_core.search.searches import (
    MOST_MINUTES,
    MOST_TRIALS,
    Search,
    SearchState,
    continue_search,
    get_search,
    stop_search,
)
from fmnist_core.search.trials import Trial, best_trial, trials_of

LOOK_SECONDS = 2.0
"""How often a search is looked at while it goes on."""

BADGES = {
    SearchState.RUNNING: ("searching", ":material/play_circle:", "blue"),
    SearchState.STOPPING: ("stopping", ":material/stop_circle:", "orange"),
    SearchState.STOPPED: ("stopped", ":material/stop_circle:", "orange"),
    SearchState.FINISHED: ("finished", ":material/check_circle:", "green"),
}


def render_search(search_id: str) -> None:
    """Shows a search, and keeps what is shown up to date until it is over."""
    search = get_search(resources.store(), search_id)
    live = search.state.is_active
    _render_head(search)
    if not live and (best := best_trial(trials_of(resources.store(), search))):
        render_best(search, best)
    st.fragment(_render, run_every=LOOK_SECONDS if live else None)(search_id, search.state)


def render_search_badge(search_state: SearchState) -> None:
    """The state of a search as a coloured badge."""
    words, icon, color = BADGES[search_state]
    st.badge(words, icon=icon, color=color)


def _render_head(search: Search) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(search.name), anchor=False)
        render_search_badge(search.state)
        if search.state is SearchState.RUNNING:
            st.button(
                "Stop",
                icon=":material/stop:",
                key="stop_search",
                on_click=errors_told()(stop_search),
                args=(resources.store(), search.id),
                help="Stops its trials and the search; it can go on later.",
            )
        elif search.state is not SearchState.STOPPING:
            with st.popover("Go on", icon=":material/play_arrow:", help="Lets the search go on from here."):
                _render_extension(search)
    plan = search.plan
    parts = [
        f"{plan.config.model.kind} networks",
        f"{counted(plan.config.training.epochs, 'epoch')} each",
        charts_search.NAMES[plan.sampler],
        f"cut short by {charts_search.NAMES[plan.pruner].lower()}"
        if plan.pruner != "none"
        else "none cut short",
    ]
    if plan.recipe in resources.recipes():
        parts.insert(0, f"from {plain(resources.recipes()[plan.recipe].title)}")
    st.caption(" · ".join(parts))
    if search.error:
        tell(search.error)


def _render_extension(search: Search) -> None:
    trials = minutes = 0
    if search.trials is not None:
        trials = st.number_input(
            "More trials", 0, MOST_TRIALS, 10, key="more_trials", help="Added to those it has had."
        )
    if search.minutes is not None:
        minutes = st.number_input(
            "More minutes", 0, MOST_MINUTES, 5, key="more_minutes", help="Added to those it has had."
        )
    if st.button(
        "Go on",
        type="primary",
        key="continue_search",
        help="The trials until now stay, and are learned from.",
    ):
        with errors_told():
            continue_search(resources.store(), search.id, trials=trials, minutes=minutes)
            ensure_conductor(resources.settings())
            st.rerun()


@errors_told()
def _render(search_id: str, before: SearchState) -> None:
    store = resources.store()
    search = get_search(store, search_id)
    if search.state is not before:
        st.rerun()
    trials = trials_of(store, search)
    _render_progress(search, trials)
    if all(trial.score is None for trial in trials):
        if search.state.is_active:
            st.info(
                "The first trial is on its way: its first point is drawn here after its first epoch.",
                icon=":material/hourglass_top:",
            )
        else:
            st.info("No trial has come far enough to be scored: *Go on* tries more.", icon=":material/tune:")
            if trials:
                render_table(trials)
        return
    written = written_charts.search_charts(search, trials)
    left, right = st.columns(2)
    with left:
        _render_chart("scores", written, "Each trial's score, and the best so far")
    with right:
        _render_chart("curves", written, "Validation accuracy of every trial")
    st.caption(
        "A click on a point shows its trial below. What lies far below the others is drawn at the lower edge."
    )
    known = {trial.number: trial for trial in trials}
    if (chosen := state.selected_trial()) in known:
        render_trial(known[chosen])
    _render_chart("parallel", written, "Parallel coordinates")
    columns = st.columns(2)
    for place, field in enumerate(search.plan.space):
        with columns[place % 2]:
            _render_chart(f"slice_{field}", written, f"Score against {field}")
    _render_importances(search, trials)
    render_table(trials)


def _render_progress(search: Search, trials: list[Trial]) -> None:
    count = dict.fromkeys(RunState, 0)
    for trial in trials:
        count[trial.run.state] += 1
    done = len(trials) - count[RunState.QUEUED] - count[RunState.RUNNING]
    best = best_trial(trials)
    shares = [
        done / search.trials if search.trials else 0.0,
        search.seconds / (60 * search.minutes) if search.minutes else 0.0,
    ]
    if search.state.is_active:
        of_trials = (
            f"{done} of {counted(search.trials, 'trial')}" if search.trials else counted(done, "trial")
        )
        of_minutes = f" of {search.minutes:g}" if search.minutes else ""
        words = f"{of_trials}, {search.seconds / 60:.1f}{of_minutes} minutes"
        st.progress(min(max(shares), 1.0), words)
    with st.container(horizontal=True):
        st.metric("Best on validation", f"{best.score:.2%}" if best else "–", help="Of the finished trials.")
        st.metric("Finished", count[RunState.FINISHED])
        st.metric("Cut short", count[RunState.STOPPED], help="By the search, or by hand.")
        st.metric("Failed", count[RunState.FAILED])
        st.metric("Minutes", f"{search.seconds / 60:.1f}")


def _render_chart(chart: str, written: dict[str, Any], alt_text: str) -> None:
    name = f"search_{chart}"
    st.vega_lite_chart(
        spec=written[chart],
        width="stretch",
        key=name,
        alt=alt_text,
        on_select=_choose(name),
        selection_mode=charts_search.TRIAL,
    )


def _choose(name: str) -> Callable[[], None]:
    def choose() -> None:
        points = st.session_state[name].selection.get(charts_search.TRIAL, [])
        if points:
            state.select_trial(int(points[0]["trial"]))

    return choose


def _render_importances(search: Search, trials: list[Trial]) -> None:
    finished = sum(trial.run.state is RunState.FINISHED for trial in trials)
    # While it goes on, only now and then: the figures jump about anyway.
    known = finished - finished % 5 if search.state.is_active else finished
    shares = resources.importances(search.id, known, search.state.is_active)
    if not shares:
        return
    st.markdown("**How much each setting matters**")
    st.altair_chart(
        charts_search.importances(shares),
        width="stretch",
        key="importances",
        alt="Importance of each setting",
    )
    st.caption(
        "Of what the settings, one by one, explain of the differences between finished trials: the part of "
        "each (functional ANOVA). Where nothing matters, chance is shared out. It says nothing of values "
        "that were not tried."
    )
