"""One lesson: what there is to know, a prediction, the experiments as they run, and what came of them."""

import streamlit as st

from app import navigation, resources, state, work
from app.components.errors_told import errors_told
from app.components.learner import render_learner
from app.components.lesson_finding import render_finding
from app.components.lesson_list import render_progress_badge
from app.components.lesson_runs import render_experiments, render_runs
from fmnist_core.lessons import LESSONS
from fmnist_core.lessons.lesson import Lesson, find_runs, learner_name, start
from fmnist_core.lessons.progress import Progress, forget_prediction, predict, progress_of
from fmnist_core.runs import RunState


def render_lesson(lesson: Lesson) -> None:
    """Shows the lesson as far as the learner has come in it."""
    st.page_link(
        navigation.page("Lessons"),
        label="All lessons",
        icon=":material/arrow_back:",
        query_params=state.lesson_address(None),
        help="Back to the list; your prediction is kept.",
    )
    learner = state.learner()
    progress = progress_of(resources.store(), learner).get(lesson.name) if learner else None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(lesson.title, anchor=False, width="content")
        render_progress_badge(progress)
    text, experiments = st.columns([4, 5], gap="large")
    with text:
        st.markdown(lesson.text)
        with st.container(border=True, key="question"):
            if progress:
                _render_prediction(lesson, learner, progress)
            else:
                _render_question(lesson)
    with experiments:
        if not progress:
            render_experiments(lesson)
        else:
            runs = find_runs(resources.store(), lesson, resources.dataset())
            render_runs(lesson, runs, restart=lambda: _start(lesson))
    if progress:
        finished = [run for run in runs.values() if run and run.state is RunState.FINISHED]
        if len(finished) == len(runs):
            render_finding(lesson, learner, progress, finished)
    _render_neighbours(lesson)


def _render_question(lesson: Lesson) -> None:
    st.subheader("Your prediction", anchor=False)
    prediction = f"prediction_{lesson.name}"

    @errors_told()
    def predict_and_start() -> None:
        # The name or the answer may have changed with the same click.
        learner, choice = learner_name(st.session_state[state.TYPED_LEARNER]), st.session_state[prediction]
        if learner and choice:
            predict(resources.store(), learner, lesson.name, choice)
            _start(lesson)

    choice = st.radio(
        lesson.question,
        list(lesson.choices),
        format_func=lesson.choices.__getitem__,
        index=None,
        key=prediction,
        help="Decide before you see it: being surprised is how one learns most.",
    )
    learner = render_learner("predictions")
    missing = [what for what, there in (("your name", learner), ("an answer", choice)) if not there]
    st.button(
        "Predict, and run it",
        type="primary",
        icon=":material/play_arrow:",
        key="predict",
        width="stretch",
        on_click=predict_and_start,
        help="Keeps your prediction, and starts what has not been run here yet.",
    )
    if missing:
        st.caption(f"Still wanted: {' and '.join(missing)}.")


@errors_told()
def _start(lesson: Lesson) -> None:
    work.wake_engine()
    start(resources.store(), lesson, resources.dataset())


def _render_prediction(lesson: Lesson, learner: str, progress: Progress) -> None:
    state.be_learner(learner)
    st.markdown(f"**{lesson.question}**")
    predicted = lesson.choices.get(progress.prediction, progress.prediction)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f":material/psychology: You predicted: **{predicted}**")
        st.button(
            "Start over",
            icon=":material/restart_alt:",
            key="start_over",
            on_click=errors_told()(forget_prediction),
            args=(resources.store(), learner, lesson.name),
            help="Forgets your prediction in this lesson. The runs stay.",
        )


def _render_neighbours(lesson: Lesson) -> None:
    names = list(LESSONS)
    here = names.index(lesson.name)
    with st.container(horizontal=True, horizontal_alignment="distribute", key="neighbours"):
        for step, icon in ((-1, "arrow_back"), (1, "arrow_forward")):
            if 0 <= here + step < len(names):
                other = LESSONS[names[here + step]]
                st.page_link(
                    navigation.page("Lessons"),
                    label=f"{'Next' if step > 0 else 'Before'}: {other.title}",
                    icon=f":material/{icon}:",
                    query_params=state.lesson_address(other.name),
                    help="Opens that lesson.",
                )
