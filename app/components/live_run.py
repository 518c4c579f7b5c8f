"""One run as it goes: progress, curves, stop; and once it has ended, what came of it."""

import time
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app import navigation, resources, written_charts
from app.components.errors_told import errors_told
from app.components.run_name import plain, render_badge
from app.components.words import MORE_LOSS, counted
from app.state import RUN, RUNS
from fmnist_core.errors import UnknownRunError
from fmnist_core.logs import LOG, tail
from fmnist_core.runs import MAX_RESUMES, METRIC_COLUMNS, Run, RunState
from fmnist_core.search.trials import kept_epoch

METRICS = ("loss", "accuracy")

LOOK_SECONDS = 1.0
LATER_LOOK_SECONDS = 2.0
"""How often a run is looked at, in its first minute and then: each look has the browser draw the whole page,
which on the machine that trains takes from the training."""

WAIT_SECONDS = 0.95
WAIT_LOOK_SECONDS = 0.05
"""How long a look waits for the first report, less than until the next look, and how often it asks."""


def render_live_run(run_id: str) -> None:
    """Shows a run and keeps what is shown up to date until the run has ended."""
    run = resources.store().get(run_id)
    ended = run.state.is_ended()
    every = LATER_LOOK_SECONDS if _is_long(run) else LOOK_SECONDS
    st.fragment(_render, run_every=None if ended else every)(run_id, live=not ended, long=_is_long(run))


def _is_long(run: Run) -> bool:
    return run.started is not None and time.time() - run.started > 60


def followed_run(run_id: str, live: bool) -> Run:
    """A run as it now is; a live view of one that was removed for good has the page drawn anew.

    Raises:
        UnknownRunError: when there is none, in a view that is not live.
    """
    try:
        return resources.store().get(run_id)
    except UnknownRunError:
        if live:
            st.rerun()
        raise


@errors_told()
def _render(run_id: str, live: bool, long: bool) -> None:
    run = followed_run(run_id, live)
    steps = resources.store().metrics(run_id, "step")
    if live and (run.state.is_ended() or _is_long(run) != long):
        st.rerun()
    epochs = resources.store().metrics(run_id, "epoch")
    total = run.config.training.epochs
    done = _epochs_done(steps)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(run.name), anchor=False)
        render_badge(run.state)
        if not run.state.is_ended():
            _render_stop(run)
    if left_out := len(run.config.data.leave_out):
        images = counted(left_out, "training image")
        st.caption(f":material/filter_alt: Learns without {images} that were left out.")
    if run.state is RunState.FAILED:
        st.error(run.error, icon=":material/error:")
        _render_log(run)
    elif not run.state.is_ended():
        _render_progress(run, steps, total)

    with st.container(horizontal=True):
        last = epochs.iloc[kept_epoch(run, epochs) if run.has_model else -1] if len(epochs) else None
        now = steps.iloc[-1] if len(steps) else None
        learned = last if run.has_model and last is not None else now
        st.metric("Epoch", f"{min(int(done) + 1, total) if live else len(epochs)} of {total}")
        st.metric("Training accuracy", "–" if learned is None else f"{learned['accuracy']:.1%}")
        known = last is not None and last["val_accuracy"] == last["val_accuracy"]
        st.metric("Validation accuracy", f"{last['val_accuracy']:.1%}" if known else "–")
        st.metric("Images per second", "–" if now is None else f"{steps['images_per_second'].median():,.0f}")
        if run.has_model:
            st.metric("Test accuracy", f"{run.result['test']['accuracy']:.2%}")
    if steps.empty and live:
        places = [st.empty() for _ in METRICS]
        _render_curves(steps, epochs, total, run_id, places)
        steps = _wait_for_first_report(run_id)
        _render_curves(steps, epochs, total, run_id, places)
    else:
        _render_curves(steps, epochs, total, run_id, [st] * len(METRICS))
    if not run.config.has_plain_loss:
        st.caption(MORE_LOSS)
    if run.has_model:
        _render_outcome(run)


def render_axes(total: int) -> None:
    """Shows where the curves of a run of so many epochs will be drawn."""
    none = pd.DataFrame(columns=METRIC_COLUMNS)
    _render_curves(none, none, total, "none", [st] * len(METRICS))


def _render_curves(
    steps: pd.DataFrame, epochs: pd.DataFrame, total: int, run_id: str, places: Sequence[Any]
) -> None:
    """Draws loss and accuracy; before the first report, the axes that wait for it.

    Args:
        steps, epochs: Metrics of these kinds.
        total: How many epochs the run will have.
        run_id: Whose they are.
        places: Where the two charts go: a placeholder each, or Streamlit itself.
    """
    for place, metric in zip(places, METRICS, strict=True):
        place.vega_lite_chart(
            spec=written_charts.learning_curve(steps, epochs, metric, total),
            width="stretch",
            # By run: Vega would keep the curves of another one until there are new points.
            key=f"live_{metric}_{run_id}",
            alt=f"Training and validation {metric} by epoch",
        )


def _wait_for_first_report(run_id: str) -> pd.DataFrame:
    """The reports of a run as soon as there is one, or those of after a moment.

    A look of the whole view takes from the training what it needs for that report; this takes little.
    """
    store = resources.store()
    until = time.monotonic() + WAIT_SECONDS
    while True:
        steps = store.metrics(run_id, "step")
        alone = [run.id for run in store.runs(RunState.QUEUED, RunState.RUNNING)] == [run_id]
        if len(steps) or not alone or time.monotonic() > until:
            return steps
        time.sleep(WAIT_LOOK_SECONDS)


def _render_stop(run: Run) -> None:
    store = resources.store()
    if not run.stop_requests:
        st.button(
            "Stop",
            icon=":material/stop:",
            key="stop_run",
            on_click=store.request_stop,
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
            on_click=store.force_stop,
            args=(run.id,),
            help="Ends the run, and the process that trains it.",
        )


def _render_log(run: Run) -> None:
    log = tail(resources.store().folder(run.id) / LOG)
    if log:
        with st.expander("Its log", icon=":material/subject:"):
            st.code(log, language=None, wrap_lines=True, height=300)


def _render_progress(run: Run, steps: pd.DataFrame, total: int) -> None:
    done = _epochs_done(steps)
    if run.resumes:
        st.caption(
            ":material/restart_alt: Its process ended unexpectedly; it goes on from its last checkpoint "
            f"({run.resumes} of {MAX_RESUMES} times)."
        )
    if run.state is RunState.QUEUED:
        before = sum(other.sequence < run.sequence for other in resources.store().queue())
        st.progress(min(done / total, 1.0), f"{before} before this one" if before else "Next in line")
        return
    if not done:
        draws = "Drawing garments to learn from, and building" if run.config.data.sketches else "Building"
        st.progress(0.0, f"{draws} the network …")
        return
    if len(steps) < 3:
        st.progress(min(done / total, 1.0), "Training …")
        return
    # Until the second report, time goes mostly into building and compiling.
    first, now = steps.iloc[1], steps.iloc[-1]
    pace = (now["seconds"] - first["seconds"]) / (now["epoch"] - first["epoch"])
    left = float(pace) * (total - done)
    st.progress(min(done / total, 1.0), f"about {_duration(left)} left" if done < total else "Testing …")


def _epochs_done(steps: pd.DataFrame) -> float:
    return float(steps["epoch"].iloc[-1]) if len(steps) else 0.0


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _render_outcome(run: Run) -> None:
    check = run.result["check"]
    passed = all(check[name] for name in ("structure", "parameters", "weights", "predictions"))
    sign = ":green[:material/verified:]" if passed else ":red[:material/report:]"
    words = "the same" if passed else "NOT the same"
    st.caption(
        f"{sign} Saved, loaded again and compared: structure, {run.result['parameters']:,} parameters, every "
        f"weight and the answers on 256 images are {words} (largest difference "
        f"{check['largest_difference']:.1g}). Trained in {_duration(run.result['seconds'])} "
        f"on {run.result['plan']}."
    )
    with st.container(horizontal=True):
        st.page_link(
            navigation.page("Evaluate"),
            label="See where it errs",
            icon=":material/fact_check:",
            query_params={RUN: run.id},
            help="Its mistakes, class by class and image by image.",
        )
        st.page_link(
            navigation.page("Runs"),
            label="Note, repeat, take home",
            icon=":material/table_rows:",
            query_params={RUNS: run.id},
            help="Write down what you saw, repeat it over seeds, or take it home as a notebook.",
        )
