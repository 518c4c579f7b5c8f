"""The figures of a network over all test images, and how far each may be off."""

import streamlit as st

from fmnist_core.analysis.evaluation import Average, Evaluation
from fmnist_core.analysis.intervals import AverageIntervals, Interval, Intervals


def render_headline(evaluation: Evaluation, intervals: Intervals) -> None:
    """Shows accuracy, top-2 accuracy and loss, then precision, recall and F1 in both means.

    Args:
        evaluation: The figures.
        intervals: What stands below them.
    """
    overall, macro, weighted = st.columns([6, 5, 5])
    with overall:
        st.caption(
            "All test images",
            help="Every figure here is of images the network never learned from. Below each stands its 95% "
            "interval: how far it moves with the choice of test images (bootstrap, 1,000 resamples).",
        )
        with st.container(horizontal=True, gap="small"):
            _render_figure(
                "Accuracy",
                f"{evaluation.accuracy:.2%}",
                _percent(intervals.accuracy),
                "Share of the test images whose most probable class is the true one.",
            )
            _render_figure(
                "Top-2",
                f"{evaluation.top_2_accuracy:.2%}",
                _percent(intervals.top_2_accuracy),
                "Share of the test images whose true class is the first or the second guess.",
            )
            _render_figure(
                "Loss",
                f"{evaluation.loss:.3f}",
                f"{intervals.loss.low:.3f} to {intervals.loss.high:.3f}",
                "Mean cross-entropy: 0 when always certain and right; confident mistakes cost most.",
            )
    with macro:
        st.caption("Macro mean", help="Mean over the ten classes in which every class counts the same.")
        _render_average(evaluation.macro, intervals.macro)
    with weighted:
        st.caption(
            "Weighted mean",
            help="Mean in which a class counts as often as it occurs; no different where all occur equally.",
        )
        _render_average(evaluation.weighted, intervals.weighted)


def _render_average(average: Average, intervals: AverageIntervals) -> None:
    with st.container(horizontal=True, gap="small"):
        for label, name, meaning in (
            ("Precision", "precision", "Of the images given a class, the share that is of it."),
            ("Recall", "recall", "Of the images of a class, the share that was given it."),
            ("F1", "f1", "The harmonic mean of precision and recall, high only where both are."),
        ):
            _render_figure(
                label, f"{getattr(average, name):.1%}", _percent(getattr(intervals, name)), meaning
            )


def _render_figure(label: str, value: str, interval: str, meaning: str) -> None:
    st.metric(label, value, interval, delta_color="off", delta_arrow="off", help=meaning)


def _percent(interval: Interval) -> str:
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"
