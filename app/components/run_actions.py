"""What can be done with the runs that are ticked: look closer, compare, repeat, describe, export, delete."""

from collections.abc import Sequence

import streamlit as st

from app import navigation, resources, state, work
from app.components.errors_told import errors_told, tell
from app.components.kept_button import kept_button
from app.components.run_name import plain, render_badge
from app.components.take_home import render_take_home
from fmnist_core.analysis.compare import FEWEST, MOST
from fmnist_core.errors import UnknownRunError
from fmnist_core.repeats import MOST_SEEDS, members, repeats_of, seed_accuracies, spread
from fmnist_core.runs import LONGEST_NOTE, Run

DEFAULT_SEEDS = 3


def render_run_actions(chosen: Sequence[Run], runs: Sequence[Run]) -> None:
    """Shows what can be done with the runs that are ticked.

    Args:
        chosen: Those that are ticked.
        runs: All there are.
    """
    match len(chosen):
        case 0:
            st.caption("Tick a run for what can be done with it, two to six to compare them.")
        case 1:
            with st.container(border=True, key="chosen_run"):
                _render_one(chosen[0], runs)
        case count:
            with st.container(horizontal=True, vertical_alignment="center", key="chosen_runs"):
                st.markdown(f"**{count} runs** are ticked.")
                if FEWEST <= count <= MOST:
                    st.page_link(
                        navigation.page("Compare"),
                        label=f"Compare {count}",
                        icon=":material/compare_arrows:",
                        query_params={state.RUNS: ",".join(run.id for run in chosen)},
                        help="Curves, settings, figures and images side by side.",
                    )
                else:
                    st.caption(f"At most {MOST} are compared at once.")
                _render_stop(chosen)
                _render_delete(chosen)


def _render_one(run: Run, runs: Sequence[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(run.name), anchor=False)
        render_badge(run.state)
        st.caption(f"`{run.id}`")
    if run.error:
        tell(run.error)
    _render_links(run)
    left, right = st.columns([3, 2], gap="large")
    with left:
        if run.is_shipped:
            st.caption("It came with the studio: its name and note stay as they are.")
        else:
            _render_description(run)
    with right:
        if not run.is_shipped:
            _render_repeats(run, runs)
    if run.has_model:
        render_take_home(run)


def _render_links(run: Run) -> None:
    links = [
        ("Train", "Its curves" if run.state.is_ended() else "Watch it learn", "show_chart", state.RUN),
        ("Compare", "Compare with …", "compare_arrows", state.RUNS),
        ("Train", "Train again with changes", "edit", state.LIKE),
    ]
    if run.has_model:
        links.insert(1, ("Evaluate", "Evaluate", "fact_check", state.RUN))
    with st.container(horizontal=True, vertical_alignment="center"):
        for page, label, icon, parameter in links:
            st.page_link(
                navigation.page(page),
                label=label,
                icon=f":material/{icon}:",
                query_params={parameter: run.id},
                help=f"Opens {page} with this run.",
            )
        if not run.is_shipped:
            _render_delete([run])


def _render_description(run: Run) -> None:
    known = sorted({tag for other in resources.store().runs() for tag in other.tags})
    shown = {"name": run.name, "tags": list(run.tags), "note": run.note}
    keys = {what: f"{what}_{run.id}_{state.digest(repr(value).encode())}" for what, value in shown.items()}

    def save() -> None:
        typed = {what: st.session_state[key] for what, key in keys.items()}
        with errors_told():
            # What another tab has kept meanwhile is not written over by what stood here before.
            changed = {what: value for what, value in typed.items() if value != shown[what]}
            resources.store().annotate(run.id, **changed)

    with st.form(f"describe_{run.id}", border=False):
        st.text_input(
            "Name",
            run.name,
            max_chars=200,
            placeholder=run.id,
            key=keys["name"],
            help="What to call it.",
        )
        st.multiselect(
            "Tags",
            known,
            list(run.tags),
            accept_new_options=True,
            key=keys["tags"],
            help="Words to sort runs by; type a new one and press Enter.",
        )
        st.text_area(
            "Note",
            run.note,
            max_chars=LONGEST_NOTE,
            key=keys["note"],
            help="What you saw, or want to remember. Markdown is read where it is shown.",
        )
        st.form_submit_button(
            "Save", icon=":material/save:", on_click=save, help="Keeps name, tags and note."
        )


def _render_repeats(run: Run, runs: Sequence[Run]) -> None:
    accuracies = seed_accuracies(runs, run)
    group = members(resources.store(), repeats_of(run))
    st.markdown("**Over seeds**", help="The same configuration again, with nothing but the seed changed.")
    if len(accuracies) > 1:
        found = spread(accuracies)
        st.metric(
            f"Test accuracy, {found.count} seeds",
            f"{found.mean:.2%} ± {100 * found.deviation:.2f}",
            help="Mean and sample standard deviation over the seeds.",
        )
    else:
        st.caption("One seed is one throw of the dice. Repeat it to see how much is chance.")
    if len(group) > 1:
        waiting = sum(not other.state.is_ended() for other in group)
        words = f"{len(group)} repeats" + (f", {waiting} not done yet" if waiting else "")
        st.page_link(
            navigation.page("Runs"),
            label=words,
            icon=":material/casino:",
            query_params={state.GROUP: repeats_of(run)},
            help="Lists the runs of this group.",
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.number_input(
            "Seeds",
            2,
            MOST_SEEDS,
            # Of the group are also those that ended without a network, and are trained anew.
            min(MOST_SEEDS, max(DEFAULT_SEEDS, len(group))),
            key=f"seeds_{run.id}",
            width=120,
            help="How many there shall be with this one; those that are there are not trained again.",
        )
        if kept_button(
            "Repeat over seeds",
            f"repeat_{run.id}",
            icon=":material/casino:",
            help="Queues the same configuration with the next seeds, as ordinary runs.",
        ):
            with errors_told():
                work.repeat_run(run, count)
                st.rerun()


def _render_stop(chosen: Sequence[Run]) -> None:
    going = [run for run in chosen if not run.state.is_ended() and not run.stop_requests]
    if not going:
        return

    @errors_told()
    def stop() -> None:
        for run in going:
            resources.store().request_stop(run.id)

    st.button(
        f"Stop {len(going)}",
        icon=":material/stop:",
        key="stop_runs",
        on_click=stop,
        help="Ends those that wait or train; a network that has begun to learn is kept as far as it got.",
    )


def _render_delete(chosen: Sequence[Run]) -> None:
    @errors_told()
    def delete() -> None:
        for run in chosen:
            try:
                resources.store().delete(run.id)
            except UnknownRunError:
                st.info(f"{plain(run.name)} was gone for good already.", icon=":material/delete_forever:")
        st.session_state[state.DELETED] = [run.id for run in chosen]
        state.choose_runs([])

    able = all(run.state.is_ended() and not run.is_shipped for run in chosen)
    st.button(
        "Delete" if len(chosen) == 1 else f"Delete {len(chosen)}",
        icon=":material/delete:",
        key="delete_runs",
        on_click=delete,
        disabled=not able,
        help="Throws them into the bin; for a day they can be brought back."
        if able
        else "Runs that wait or train are stopped first; those that came with the studio stay.",
    )
