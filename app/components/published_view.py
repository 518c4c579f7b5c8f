"""Every recipe's claim beside what was measured here, and the button that measures the rest."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import resources, state, work, written_charts
from app.components.errors_told import errors_told
from app.components.words import counted
from fmnist_core.analysis import published
from fmnist_core.analysis.published import SEEDS, Measurement
from fmnist_core.runs import RunState

LOOK_SECONDS = 2

FORMATS = {
    "Claimed": "{:.1%}",
    "Here": "{:.2%}",
    "±": "{:.2%}",
    "Seconds": "{:,.0f}",
    "Came with it": "{:.2%}",
}
"""Columns that may be empty, and how their numbers are written."""


def render_measured() -> None:
    """The picture and the table, brought up to date while recipes are being measured."""
    live = any(measurement.active for measurement in published.measurements(resources.store()))
    st.fragment(_render_measured, run_every=LOOK_SECONDS if live else None)(live)


@errors_told()
def _render_measured(live: bool) -> None:
    found = published.measurements(resources.store())
    if live and not any(measurement.active for measurement in found):
        st.rerun()
    st.vega_lite_chart(
        spec=written_charts.published(found),
        width="stretch",
        key="published_chart",
        alt="Each recipe's published accuracy and its accuracy here, between that of people and 100%",
    )
    if live:
        _render_progress(found)
    _render_table(found)


def _render_progress(found: Sequence[Measurement]) -> None:
    active = [run for measurement in found for run in measurement.active]
    with st.container(horizontal=True, vertical_alignment="center"):
        running = sum(run.state is RunState.RUNNING for run in active)
        st.markdown(f":material/play_circle: {running} training, {len(active) - running} waiting")
        with st.popover("Stop them", icon=":material/stop:", help="Ends these runs, after a question."):
            runs = counted(len(active), "run")
            st.markdown(f"This stops {runs} of these recipes, **whoever has started them**.")
            if st.button(
                f"Stop {runs}", key="stop_measuring", help="Networks are kept as far as they have got."
            ):
                for run in active:
                    resources.store().request_stop(run.id)


def _render_table(found: Sequence[Measurement]) -> None:
    shipped = [measurement.shipped for measurement in found]
    measured = [measurement.measured for measurement in found]
    table = pd.DataFrame(
        {
            "Recipe": [measurement.recipe.title for measurement in found],
            "Claimed": [measurement.recipe.claimed_accuracy for measurement in found],
            "Here": [each and each.mean for each in measured],
            "±": [each and each.deviation for each in measured],
            "Runs": [len(measurement.runs) for measurement in found],
            "Seconds": [measurement.seconds if measurement.runs else None for measurement in found],
            "Came with it": [run.result["test"]["accuracy"] if run else None for run in shipped],
            "What was published": [measurement.recipe.claim for measurement in found],
        }
    ).astype(dict.fromkeys(FORMATS, float))
    column = st.column_config.Column
    st.dataframe(
        table.style.format(FORMATS),
        hide_index=True,
        key="published_table",
        height=35 * (len(table) + 1) + 3,
        placeholder="–",
        column_config={
            "Recipe": column(pinned=True),
            "Claimed": column(width=80, help="As it was published: see the last column."),
            "Here": column(width=75, help="Mean accuracy on the 10,000 test images."),
            "±": column(width=70, help="Standard deviation over the seeds, in percent."),
            "Runs": column(width=60, help=f"Finished runs with different seeds; {SEEDS} are wanted."),
            "Seconds": column(width=85, help="One run, as measured here."),
            "Came with it": column(width=110, help="The accuracy of the network that is in the package."),
            "What was published": column(width="large"),
        },
    )


def render_run_missing() -> None:
    """Lets a visitor choose among the recipes that are not fully measured, and measures them."""
    incomplete = {
        measurement.recipe.name: measurement
        for measurement in published.measurements(resources.store())
        if measurement.missing
    }
    if not incomplete:
        st.caption(
            f":material/verified: Every recipe has been run here with {SEEDS} seeds, or is about to be."
        )
        return
    if not resources.dataset().is_real:
        st.caption(
            ":material/brush: The drawn wardrobe is loaded. What was published is about the photographs of "
            "Fashion-MNIST, so nothing of it can be measured on these images."
        )
        return
    # Other recipes, another choice: what has been measured leaves it.
    key = "measure_" + "_".join(incomplete)

    def run_chosen() -> None:
        _run([incomplete[name] for name in st.session_state[key]])

    chosen = st.multiselect(
        "Recipes to measure",
        list(incomplete),
        [name for name, measurement in incomplete.items() if measurement.is_quick],
        format_func=lambda name: _missing(incomplete[name]),
        key=key,
        help="Those that take seconds are chosen at first. Times are of 2 cores until measured here.",
    )
    wanted = [incomplete[name] for name in chosen]
    count = sum(measurement.missing for measurement in wanted)
    about = f" {counted(count, 'run')}, about {_about(published.seconds_missing(wanted))}" if count else ""
    st.button(
        f"Start{about}",
        type="primary",
        icon=":material/play_arrow:",
        key="run_missing",
        disabled=not count,
        on_click=run_chosen,
        help="Starts ordinary runs on the engine, one for each seed that is missing. You may leave this "
        "page.",
    )


def _missing(measurement: Measurement) -> str:
    count = measurement.missing
    return f"{measurement.recipe.title}: {count} × {_about(measurement.seconds)}"


def _about(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"


def _run(wanted: Sequence[Measurement]) -> None:
    with errors_told():
        request = state.wish("published " + " ".join(measurement.recipe.name for measurement in wanted))
        work.wake_engine()
        published.run_missing(resources.store(), resources.dataset(), wanted, request)
