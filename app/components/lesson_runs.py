"""The experiments of a lesson: what they are, and how they go."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from app import resources, written_charts
from app.charts_lessons import FEW_EPOCHS
from app.components.errors_told import errors_told, tell
from app.components.live_run import followed_run
from app.components.network_view import render_network
from app.components.run_name import BADGES
from fmnist_core.config import setting_title
from fmnist_core.lessons.lesson import Lesson
from fmnist_core.models.outline import outline
from fmnist_core.runs import Run, RunState

LOOK_SECONDS = 1.0


def render_experiments(lesson: Lesson) -> None:
    """What will be run: in what the experiments differ, and their networks."""
    st.subheader("The experiments" if len(lesson.experiments) > 1 else "The experiment", anchor=False)
    if rows := lesson.differences():
        names = [setting_title(name) for name in rows]
        lines = [["", *names], ["---"] * (len(rows) + 1)]
        lines += [[label, *(_shown(row[label]) for row in rows.values())] for label in lesson.experiments]
        st.caption("Of the settings they have in common, they differ in these alone:")
        st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
    for place, config in zip(st.tabs(list(lesson.experiments)), lesson.experiments.values(), strict=True):
        with place:
            render_network(outline(config))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def render_runs(lesson: Lesson, runs: dict[str, Run | None], restart: Callable[[], None]) -> None:
    """The curves of the experiments, live while one of them waits or trains.

    Args:
        lesson: The lesson.
        runs: Its runs by label; None where one is to be started.
        restart: Starts those.
    """
    if None in runs.values():
        _render_restart(lesson, runs, restart)
    live = any(run and not run.state.is_ended() for run in runs.values())
    ids = {label: run.id for label, run in runs.items() if run}
    if ids:
        st.fragment(_render_curves, run_every=LOOK_SECONDS if live else None)(lesson, ids, live)


def _render_restart(lesson: Lesson, runs: dict[str, Run | None], restart: Callable[[], None]) -> None:
    wanted = lesson.experiments.values()
    failed = [run for run in resources.store().runs(RunState.FAILED) if run.config in wanted]
    if failed and failed[0].error:
        tell(failed[0].error)
    missing = [label for label, run in runs.items() if run is None]
    st.markdown(f"Not run here yet, or not to the end: **{', '.join(missing)}**.")
    st.button(
        "Run it",
        type="primary",
        icon=":material/play_arrow:",
        key="run_lesson",
        on_click=restart,
        help="Starts what is missing, as ordinary runs on the engine.",
    )


@errors_told()
def _render_curves(lesson: Lesson, ids: dict[str, str], live: bool) -> None:
    runs = {label: followed_run(run_id, live) for label, run_id in ids.items()}
    if live and all(run.state.is_ended() for run in runs.values()):
        st.rerun()
    metric = "loss" if lesson.picture == "loss" else "accuracy"
    last_epoch = max(run.config.training.epochs for run in runs.values())
    chart, done = _look(ids, metric, last_epoch, tuple(run.state for run in runs.values()))
    if live:
        _render_progress(runs, done)
    st.vega_lite_chart(
        spec=chart,
        width="stretch",
        key="lesson_curves",
        alt=f"The {metric} of each experiment by epoch, on training images and on those held back",
    )
    st.caption("Solid: on images that are held back. Dashed: on those that are learned from.")
    if any(run.config.data.sketches for run in runs.values()):
        st.caption("Where drawings are learned from, some are held back as well.")


@st.cache_data(ttl=LOOK_SECONDS, show_spinner=False)
def _look(
    ids: Mapping[str, str], metric: str, last_epoch: int, states: tuple[RunState, ...]
) -> tuple[dict[str, Any], float]:
    """The curves of runs as Vega-Lite, and how many epochs they have done; once for a class that looks.

    The `states` are for the cache alone: the look after the last one has ended is the last, and so a new one.
    """
    training = "step" if last_epoch < FEW_EPOCHS else "epoch"
    curves = {
        label: (resources.metrics(run_id, training), resources.metrics(run_id, "epoch"))
        for label, run_id in ids.items()
    }
    done = sum(float(reports["epoch"].iloc[-1]) for reports, _ in curves.values() if len(reports))
    return written_charts.lesson_curves(curves, metric, last_epoch), done


def _render_progress(runs: dict[str, Run], done: float) -> None:
    epochs = sum(run.config.training.epochs for run in runs.values())
    waiting = [run for run in resources.store().queue() if run.id not in {each.id for each in runs.values()}]
    before = sum(run.sequence < min(each.sequence for each in runs.values()) for run in waiting)
    others = "1 other run comes" if before == 1 else f"{before} other runs come"
    words = f"{others} first" if before else "Training …" if done else "Starting …"
    st.progress(min(done / epochs, 1.0), words)
    with st.container(horizontal=True):
        for label, run in runs.items():
            _, icon, color = BADGES[run.state]
            st.badge(label, icon=icon, color=color)
