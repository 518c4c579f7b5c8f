"""Every run in one table: to find, tick, compare, repeat, describe, take home and delete."""

from collections.abc import Sequence

import streamlit as st

from app import navigation, resources, state
from app.components.bring_in import render_bring_in
from app.components.errors_told import errors_told
from app.components.run_actions import render_run_actions
from app.components.run_name import BADGES, plain
from app.components.run_picker import render_way_to_train
from app.components.runs_bin import render_bin, render_undo
from app.components.runs_table import data_words, render_runs_table
from fmnist_core.repeats import groups, is_repeats, seed_accuracies, spread
from fmnist_core.runs import Run

LOOK_SECONDS = 2.0
store = resources.store()


def render_filters(runs: Sequence[Run], of_group: dict[str, str]) -> None:
    """Which runs are listed; the address follows."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        st.text_input(
            "Search",
            placeholder="Name, note, recipe …",
            key=state.SEARCH,
            bind="query-params",
            icon=":material/search:",
            width=240,
            help="Shows only runs in whose name, id, note, recipe, data or network all these words occur.",
        )
        st.multiselect(
            "State",
            [label for label, _, _ in BADGES.values()],
            key=state.STATE,
            bind="query-params",
            placeholder="Any state",
            width=220,
            help="Shows only runs in these states.",
        )
        if tags := sorted({tag for run in runs for tag in run.tags}):
            st.multiselect(
                "Tags",
                tags,
                key=state.TAG,
                bind="query-params",
                placeholder="Any tag",
                width=220,
                help="Shows only runs that have all these tags.",
            )
        if of_group:
            st.selectbox(
                "Group",
                sorted(set(of_group.values())),
                index=None,
                key=state.GROUP,
                bind="query-params",
                placeholder="Any group",
                width=260,
                help="Shows only runs that were started together, as repeats over seeds are.",
            )


def listed(runs: Sequence[Run], of_group: dict[str, str]) -> list[Run]:
    """The runs that pass the filters."""
    words = (st.session_state.get(state.SEARCH) or "").lower().split()
    states, tags = st.session_state.get(state.STATE), st.session_state.get(state.TAG)
    group = st.session_state.get(state.GROUP)

    def passes(run: Run) -> bool:
        text = f"{run.name} {run.id} {run.note} {run.recipe} {data_words(run)} {run.config.model.kind}"
        return (
            all(word in text.lower() for word in words)
            and (not states or BADGES[run.state][0] in states)
            and (not tags or set(tags) <= set(run.tags))
            and (not group or of_group.get(run.id) == group)
        )

    return [run for run in runs if passes(run)]


def render_group(one: Run, group: str) -> None:
    """Mean and spread of the repeats of which this is one, and the way to compare them as one."""
    accuracies = seed_accuracies(runs, one)
    with st.container(horizontal=True, vertical_alignment="center", key="repeats"):
        if len(accuracies) > 1:
            found = spread(accuracies)
            st.metric(
                f"Test accuracy over {found.count} seeds",
                f"{found.mean:.2%} ± {100 * found.deviation:.2f}",
                help="Mean and sample standard deviation over the finished runs, one for each seed.",
            )
        st.page_link(
            navigation.page("Compare"),
            label="Compare them as one",
            icon=":material/compare_arrows:",
            query_params={state.RUNS: group},
            help="Opens Compare with these repeats as one curve with a band; add another run there.",
        )


@st.fragment(run_every=LOOK_SECONDS)
@errors_told()
def render_table(drawn: list[tuple[str, str]]) -> None:
    """The table, kept up to date; what stands below it is drawn anew only when that changes."""
    runs = store.all_runs()
    of_group = groups(runs)
    shown = listed(runs, of_group)
    if shown:
        render_runs_table(shown, of_group)
    else:
        st.info("No run passes these filters: take one away.", icon=":material/filter_alt_off:")
    if chosen_states(shown) != drawn:
        st.rerun()


def chosen_states(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Which of the runs are ticked, and where they are."""
    by_id = {run.id: run for run in runs}
    return [(run_id, str(by_id[run_id].state)) for run_id in state.chosen_runs() if run_id in by_id]


st.title("Runs", anchor=False)
runs = store.all_runs()
of_group = groups(runs)
render_filters(runs, of_group)
shown = listed(runs, of_group)
render_undo()
if missing := [run_id for run_id in state.chosen_runs() if run_id not in {run.id for run in runs}]:
    st.warning(f"Not in the table: {plain(', '.join(missing))}. Deleted runs are in the bin for a day.")
group = st.session_state.get(state.GROUP)
if shown and group and is_repeats(group):
    render_group(shown[0], group)
chosen = chosen_states(shown)
render_table(chosen)
by_id = {run.id: run for run in shown}
render_run_actions([by_id[run_id] for run_id, _ in chosen], runs)
render_bin()
with st.expander("Bring in a run from another studio", icon=":material/move_to_inbox:"):
    render_bring_in()
if not any(not run.is_shipped for run in runs):
    render_way_to_train()
