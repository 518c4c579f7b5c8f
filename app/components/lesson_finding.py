"""What came of a lesson: whether prediction and claim hold, the figures, and a picture."""

import pandas as pd
import streamlit as st

from app import lesson_results, navigation, resources, state, written_charts
from app.components.errors_told import errors_told
from app.components.gallery import Tile, render_gallery
from fmnist_core.analysis.compare import FEWEST
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.lessons.data import unseen_drawings
from fmnist_core.lessons.lesson import Finding, Lesson
from fmnist_core.lessons.progress import Progress, check_off
from fmnist_core.runs import Run

SHOWN_DRAWINGS = 20

SHARES = ("accuracy", "recall", "F1", "photographs", "drawings")
"""How figures end that are written as per cent."""


@errors_told()
def render_finding(lesson: Lesson, learner: str, progress: Progress, runs: list[Run]) -> None:
    """Shows what came of it, and ticks the lesson off.

    Args:
        lesson: The lesson.
        learner: Who is learning.
        progress: How far; with the prediction.
        runs: The finished runs, in the order of the experiments.
    """
    finding = lesson_results.finding(lesson.name, tuple(run.id for run in runs))
    if progress.answer != finding.answer:
        check_off(resources.store(), learner, lesson.name, finding.answer)
        st.rerun()
    st.subheader("What came of it", anchor=False)
    with st.container(key="finding"):
        _render_verdict(lesson, progress, finding)
    words, figures = st.columns(2, gap="medium")
    with words:
        st.markdown(finding.text)
        sign = (
            ":green[:material/verified: holds here]"
            if finding.holds
            else ":red[:material/report: does not hold here]"
        )
        st.markdown(f"**The claim {sign}:** {lesson.claim}")
        if not resources.dataset().is_real:
            st.caption("The claim is about the photographs; here the drawn wardrobe was learned.")
        st.markdown(lesson.takeaway)
    with words if lesson.picture == "confusion" else figures:
        _render_figures(finding)
    if lesson.picture == "confusion":
        with figures:
            _render_matrix(runs[0])
    elif lesson.picture == "drawings":
        _render_drawings(*runs)
    _render_ways(lesson, runs)


def _render_verdict(lesson: Lesson, progress: Progress, finding: Finding) -> None:
    answer = lesson.choices[finding.answer]
    if finding.answer == progress.prediction:
        st.success(f"**You were right:** {answer}", icon=":material/check_circle:")
    else:
        predicted = lesson.choices.get(progress.prediction, progress.prediction)
        st.info(f"**It came otherwise:** {answer}  \nYou predicted: {predicted}", icon=":material/lightbulb:")


def _render_figures(finding: Finding) -> None:
    table = pd.DataFrame.from_dict(finding.figures, orient="index")
    shown = {name: [_shown(name, value) for value in table[name]] for name in table}
    st.table(pd.DataFrame(shown, index=table.index))


def _shown(measure: str, value: float) -> str:
    if measure.endswith(SHARES):
        return f"{value:.1%}"
    if measure.endswith("loss"):
        return f"{value:.2f}"
    if measure == "seconds":
        return f"{value:.1f}"
    return f"{value:,.0f}" if value == round(value) else f"{value:.3g}"


def _render_matrix(run: Run) -> None:
    st.vega_lite_chart(
        spec=written_charts.confusion_chart(resources.evaluation(run.id).confusion_matrix, False),
        width="stretch",
        key="lesson_matrix",
        alt="Confusion matrix: true classes in rows, predicted classes in columns",
    )


def _render_drawings(photographs: Run, mixed: Run) -> None:
    drawings, labels = unseen_drawings()
    first, second = (lesson_results.drawing_answers(run.id).argmax(axis=1) for run in (photographs, mixed))
    tiles = [
        Tile(
            caption=CLASS_NAMES[label],
            note=f"1 {_named(alone, label)} · 2 {_named(both, label)}",
            hint=f"{CLASS_NAMES[label]}; photographs only: {CLASS_NAMES[alone]}, with drawings: "
            f"{CLASS_NAMES[both]}",
            wrong=bool(alone != label),
        )
        for label, alone, both in zip(labels, first, second, strict=True)
    ]
    st.caption(
        f"The first {SHOWN_DRAWINGS} drawings, and what they are. 1 is what the network of photographs says, "
        "framed where it is wrong; 2 is what the one with drawings says."
    )
    render_gallery(
        drawings[:SHOWN_DRAWINGS], tiles[:SHOWN_DRAWINGS], key="lesson_drawings", size=150, still=True
    )


def _named(answer: int, label: int) -> str:
    return "✓" if answer == label else CLASS_NAMES[answer]


def _render_ways(lesson: Lesson, runs: list[Run]) -> None:
    st.markdown(f"**Change it yourself.** {lesson.try_next}")
    if len(runs) >= FEWEST:
        st.page_link(
            navigation.page("Compare"),
            label="Compare them",
            icon=":material/compare_arrows:",
            query_params={state.RUNS: ",".join(run.id for run in runs)},
            help="Curves, settings, figures and images side by side.",
        )
    for place, label, run in zip(st.columns(len(runs)), lesson.experiments, runs, strict=True):
        with place, st.container(border=True):
            st.caption(label)
            with st.container(horizontal=True, gap="small"):
                for page, words, icon in (
                    ("Evaluate", "See where it errs", "fact_check"),
                    ("Explain", "See why", "lightbulb"),
                    ("Train", "Open on Train", "model_training"),
                ):
                    st.page_link(
                        navigation.page(page),
                        label=words,
                        icon=f":material/{icon}:",
                        query_params={state.RUN: run.id},
                        help=f"Opens {page} with this run.",
                    )
