"""The experiments of a lesson: what they are, and how they go."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from app import charts_lessons, resources
from app.components.network_view import render_network
from app.components.run_name import BADGES
from fmnist_core.lessons.lesson import Lesson
from fmnist_core.models.outline import outline
from fmnist_core.runs import Run, RunState

LOOK_SECONDS = 0.5


def render_experiments(lesson: Lesson) -> None:
    """What will be run: in what the experiments differ, and their networks."""
    st.subheader("The experiments" if len(lesson.experiments) > 1 else "The experiment", anchor=False)
    if rows := lesson.differences():
        names = [name.split(".")[-1].replace("_", " ") for name in rows]
        lines = [["", *names], ["---"] * (len(rows) + 1)]
        lines += [[label, *(_shown(row[label]) for row in rows.values())] for label in lesson.experiments]
        st.caption("In this they differ, and in nothing else:")
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
        st.error(failed[0].error, icon=":material/error:")
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


def _render_curves(lesson: Lesson, ids: dict[str, str], live: bool) -> None:
    store = resources.store()
    runs = {label: store.get(run_id) for label, run_id in ids.items()}
    if live and all(run.state.is_ended() for run in runs.values()):
        st.rerun()
    curves = {
        label: (store.metrics(run.id, "step"), store.metrics(run.id, "epoch")) for label, run in runs.items()
    }
    if live:
        _render_progress(runs, curves)
    last_epoch = max(run.config.training.epochs for run in runs.values())
    metric = "loss" if lesson.picture == "loss" else "accuracy"
    st.altair_chart(
        charts_lessons.overlaid(curves, metric, last_epoch),
        width="stretch",
        key="lesson_curves",
        alt=f"The {metric} of each experiment by epoch, on training images and on those held back",
    )
    st.caption("Solid: on images that are held back. Dashed: on those that are learned from.")


def _render_progress(runs: dict[str, Run], curves: dict[str, Any]) -> None:
    epochs = sum(run.config.training.epochs for run in runs.values())
    done = 0.0
    for label, run in runs.items():
        steps = curves[label][0]
        if run.state is RunState.FINISHED:
            done += run.config.training.epochs
        elif len(steps):
            done += float(steps["epoch"].iloc[-1])
    waiting = [run for run in resources.store().queue() if run.id not in {each.id for each in runs.values()}]
    before = sum(run.sequence < min(each.sequence for each in runs.values()) for run in waiting)
    others = "1 other run comes" if before == 1 else f"{before} other runs come"
    words = f"{others} first" if before else "Training …" if done else "Starting …"
    st.progress(min(done / epochs, 1.0), words)
    with st.container(horizontal=True):
        for label, run in runs.items():
            _, icon, color = BADGES[run.state]
            st.badge(label, icon=icon, color=color)
