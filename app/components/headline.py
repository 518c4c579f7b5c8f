"""The figures of a network over all test images."""

import streamlit as st

from fmnist_core.analysis.evaluation import Average, Evaluation


def render_headline(evaluation: Evaluation) -> None:
    """Shows accuracy, top-2 accuracy and loss, then precision, recall and F1 in both means."""
    overall, macro, weighted = st.columns([6, 5, 5])
    with overall:
        st.caption("All test images", help="Every figure here is of images the network never learned from.")
        with st.container(horizontal=True, gap="small"):
            st.metric(
                "Accuracy",
                f"{evaluation.accuracy:.2%}",
                help="Share of the test images whose most probable class is the true one.",
            )
            st.metric(
                "Top-2",
                f"{evaluation.top_2_accuracy:.2%}",
                help="Share of the test images whose true class is the first or the second guess.",
            )
            st.metric(
                "Loss",
                f"{evaluation.loss:.3f}",
                help="Mean cross-entropy: 0 when always certain and right; confident mistakes cost most.",
            )
    with macro:
        st.caption("Macro mean", help="Mean over the ten classes in which every class counts the same.")
        _render_average(evaluation.macro)
    with weighted:
        st.caption(
            "Weighted mean",
            help="Mean in which a class counts as often as it occurs; no different where all occur equally.",
        )
        _render_average(evaluation.weighted)


def _render_average(average: Average) -> None:
    with st.container(horizontal=True, gap="small"):
        for measure, value, meaning in (
            ("Precision", average.precision, "Of the images given a class, the share that is of it."),
            ("Recall", average.recall, "Of the images of a class, the share that was given it."),
            ("F1", average.f1, "The harmonic mean of precision and recall, high only where both are."),
        ):
            st.metric(measure, f"{value:.1%}", help=meaning)
