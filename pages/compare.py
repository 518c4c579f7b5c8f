"""Two to six runs side by side: their curves, settings, figures, and the images on which they differ."""

from collections.abc import Sequence

import streamlit as st

from app import navigation, resources, state
from app.charts import MARKS
from app.charts_compare import RUN_COLOURS
from app.components.compared_curves import render_compared_curves
from app.components.compared_figures import render_compared_figures, render_verdicts
from app.components.compared_images import choose_pair, render_fixed_and_broken, render_matrices
from app.components.compared_settings import render_compared_settings
from app.components.errors_told import errors_told
from app.components.options import render_options
from app.components.run_name import BADGES, plain
from app.components.run_picker import run_label
from fmnist_core.analysis.compare import (
    FEWEST,
    MOST,
    Entry,
    entry_spread,
    find_entries,
    not_comparable,
    told_apart,
)
from fmnist_core.errors import FmnistError
from fmnist_core.repeats import groups, is_repeats
from fmnist_core.runs import Run


def render_choice(entries: Sequence[Entry], runs: Sequence[Run]) -> None:
    """The choice of what is compared; the address follows it."""
    repeated = sorted({group for group in groups(runs).values() if is_repeats(group)})
    grouped, _ = find_entries(resources.store(), repeated)
    names = {entry.id: entry.name for entry in grouped} | {run.id: run_label(run) for run in runs}
    options = told_apart(names)
    st.session_state[state.COMPARED_RUNS] = [entry.id for entry in entries if entry.id in options]
    st.multiselect(
        "Compare",
        list(options),
        format_func=options.__getitem__,
        max_selections=MOST,
        placeholder="Choose two to six runs …",
        key=state.COMPARED_RUNS,
        on_change=lambda: state.choose_runs(st.session_state[state.COMPARED_RUNS]),
        help="Runs, or the repeats of one over seeds, which count as one. The others are held against the "
        "first. The address always leads back to this comparison.",
    )


def render_entries(entries: Sequence[Entry], weighed: Sequence[Entry], runs: Sequence[Run]) -> None:
    """A card for each entry: colour, mark, state, test accuracy, and how far that is from the first's."""
    means = {entry.id: entry_spread(entry, runs) for entry in entries if entry.run.has_model}
    looks = zip(RUN_COLOURS, MARKS.values(), strict=True)
    row = st.container(horizontal=True, key="entries")
    for entry, (colour, mark) in zip(entries, looks, strict=False):
        with row.container(border=True, height="stretch", key=f"entry_{entry.id}"):
            # Not a badge, which would cut a long name: the ends are what tells runs of one recipe apart.
            st.markdown(f":{colour}[**{mark} {plain(entry.name)}**]")
            if not entry.run.has_model:
                label, icon, _ = BADGES[entry.run.state]
                st.caption(f"{icon} {label}")
                continue
            found = means[entry.id]
            spread = f" ± {100 * found.deviation:.2f}" if found.deviation is not None else ""
            ahead = found.mean - means[weighed[0].id].mean if entry in weighed[1:] else None
            st.metric(
                f"Test accuracy, {found.count} seeds" if spread else "Test accuracy",
                f"{found.mean:.2%}{spread}",
                # Of no difference an arrow would say that it goes up.
                f"{100 * ahead:+.2f} points" if round(ahead or 0, 4) else None,
                help="Of repeats, mean and standard deviation. The difference is to the first one.",
            )
            st.page_link(
                navigation.page("Evaluate"),
                label="Evaluate",
                icon=":material/fact_check:",
                query_params={state.RUN: entry.run.id},
                help="Shows where this one errs.",
            )


def without_answers(entries: Sequence[Entry]) -> str | None:
    """Why answers cannot be measured, as when files are damaged or the data set is not there any more."""
    try:
        for entry in entries:
            if entry.run.has_model:
                resources.evaluation(entry.run.id)
    except FmnistError as error:
        return str(error)
    return None


def render_comparison(entries: Sequence[Entry], runs: Sequence[Run]) -> None:
    """Everything about the entries side by side."""
    reason = not_comparable(entries) or without_answers(entries)
    weighed = [] if reason else [entry for entry in entries if entry.run.has_model]
    render_entries(entries, weighed, runs)
    if reason:
        st.info(plain(reason), icon=":material/info:")
    else:
        render_verdicts(weighed, runs)
    looks = ["Curves", "Settings", *([] if reason else ["Figures", "Images", "Matrices"])]
    look = render_options(
        "Look at",
        looks,
        default=looks[0],
        key=state.COMPARED_LOOK,
        help="How they learned; what was set differently; what they reach; the images that one names rightly "
        "and another wrongly; how what they mix up differs.",
    )
    with st.container(key="comparison"):
        match look:
            case "Curves":
                render_compared_curves(entries)
            case "Settings":
                render_compared_settings(entries)
            case "Figures":
                render_compared_figures(weighed, runs)
            case _:
                render = render_fixed_and_broken if look == "Images" else render_matrices
                render(resources.dataset_of(weighed[0].run.source), *choose_pair(weighed))


st.title("Compare", anchor=False)
all_runs = resources.store().all_runs()
found, problems = find_entries(resources.store(), state.chosen_runs())
if len(found) > MOST:
    problems.append(f"{len(found)} runs were asked for: the first {MOST} are compared.")
    found = found[:MOST]
render_choice(found, all_runs)
for problem in problems:
    st.warning(plain(problem), icon=":material/search_off:")
if len(found) >= FEWEST:
    with errors_told():
        render_comparison(found, all_runs)
else:
    with st.container(border=True):
        st.markdown(
            "**Two runs side by side teach more than one.** Choose two to six above, or tick them in the "
            "table of runs."
        )
st.page_link(
    navigation.page("Runs"),
    label="All runs",
    icon=":material/table_rows:",
    query_params={state.RUNS: ",".join(run.id for entry in found for run in entry.runs)} if found else None,
    help="Back to the table, with these ticked.",
)
