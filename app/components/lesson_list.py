"""All lessons, and how far the learner has come."""

import streamlit as st

from app import navigation, resources, state
from app.components.learner import render_learner
from fmnist_core.lessons import LESSONS
from fmnist_core.lessons.lesson import Lesson
from fmnist_core.lessons.progress import Progress, progress_of

COLUMNS = 2


def render_lesson_list() -> None:
    """Shows a card for each lesson, with what the learner has done of it."""
    who, how_far = st.columns([1, 2], gap="large", vertical_alignment="bottom")
    with who:
        learner = render_learner("predictions")
    progress = progress_of(resources.store(), learner) if learner else {}
    with how_far:
        _render_how_far(progress)
    lessons = list(LESSONS.values())
    for first in range(0, len(lessons), COLUMNS):
        for number, place in enumerate(st.columns(COLUMNS), start=first):
            if number < len(lessons):
                with place.container(border=True, height="stretch", key=f"lesson_{lessons[number].name}"):
                    _render_card(number + 1, lessons[number], progress.get(lessons[number].name))


def render_progress_badge(progress: Progress | None) -> None:
    """Says how far a learner has come in one lesson."""
    if progress is None:
        st.badge("open", icon=":material/radio_button_unchecked:", color="gray")
    elif not progress.is_done:
        st.badge("predicted", icon=":material/hourglass_empty:", color="blue")
    elif progress.is_right:
        st.badge("done, predicted rightly", icon=":material/check_circle:", color="green")
    else:
        st.badge("done", icon=":material/check:", color="orange")


def _render_how_far(progress: dict[str, Progress]) -> None:
    taken = [progress[name] for name in LESSONS if name in progress]
    done = sum(each.is_done for each in taken)
    right = sum(each.is_right for each in taken)
    words = f"{done} of {len(LESSONS)} done, {right} predicted rightly"
    following = next((name for name in LESSONS if name not in progress or not progress[name].is_done), None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.progress(done / len(LESSONS), words)
        if following:
            st.page_link(
                navigation.page("Lessons"),
                label="Go on" if taken else "Begin",
                icon=":material/play_arrow:",
                query_params=state.lesson_address(following),
                help=f"Opens the lesson {LESSONS[following].title}",
            )


def _render_card(number: int, lesson: Lesson, progress: Progress | None) -> None:
    st.page_link(
        navigation.page("Lessons"),
        label=f"**{number}. {lesson.title}**",
        icon=f":material/{lesson.icon}:",
        query_params=state.lesson_address(lesson.name),
        help="Opens this lesson.",
    )
    st.caption(lesson.summary)
    render_progress_badge(progress)
