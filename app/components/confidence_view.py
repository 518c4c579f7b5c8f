"""Do the probabilities mean what they say, and what if unsure answers were held back?"""

import numpy as np
import streamlit as st

from app import charts
from app.components.answers import render_answers
from app.components.words import counted
from fmnist_core.analysis import calibration
from fmnist_core.analysis.calibration import bin_images, calibrate, kept, reliability
from fmnist_core.data.dataset import Dataset

BARS = 10
THRESHOLDS = np.linspace(0.0, 1.0, 101)


def render_confidence_view(data: Dataset, probabilities: np.ndarray, temperature: float | None) -> None:
    """Shows how often answers of each confidence are right, with the images of the bar that is clicked.

    Args:
        data: The data set whose test images were answered.
        probabilities: The answers, `(n, 10)`.
        temperature: What the run's validation images say the logarithms of the answers should be divided
            by; None where it had none.
    """
    st.markdown(
        "Of the answers that are 80% sure, 80% should be right: then the bars reach the line. Bars below it "
        "mean that the network is **too sure** of itself. **Click a bar to see its images.**"
    )
    mended = temperature is not None and st.toggle(
        f"With its temperature, {temperature:.2f}",
        key="with_temperature",
        persist_state="session",
        help="Divides the logarithms of the probabilities by a number that was fitted on validation images: "
        "above 1 the network becomes less sure, below 1 surer; its answers stay the same.",
    )
    shown = calibrate(probabilities, temperature) if mended else probabilities
    measured = reliability(data.y_test, shown, BARS)
    fullest = int(measured.count.argmax())
    left, right = st.columns([6, 5], gap="large")
    with left:
        with st.container(horizontal=True):
            st.metric(
                "Calibration error",
                f"{reliability(data.y_test, shown).error:.1%}",
                help="Expected calibration error: how far confidence and accuracy are apart, on average over "
                f"{calibration.BINS} bins (Guo et al., 2017).",
            )
            st.metric(
                "Mean confidence", f"{shown.max(axis=1).mean():.1%}", help="Mean of the highest probability."
            )
        chosen = st.altair_chart(
            charts.reliability(measured),
            width="stretch",
            key="reliability",
            on_select="rerun",
            selection_mode=charts.BIN,
            alt="Share of right answers by confidence",
        ).selection[charts.BIN]
        _render_threshold(data, shown)
    with right, st.container(key="bin_images"):
        number = int(chosen[0]["bin"]) if chosen else fullest
        _render_bin(data, shown, measured.edges[number], measured.edges[number + 1])


def _render_bin(data: Dataset, probabilities: np.ndarray, low: float, high: float) -> None:
    st.subheader(f"{low:.0%} to {high:.0%} sure", anchor=False)
    positions = bin_images(probabilities, low, high)
    if not len(positions):
        st.caption("No answer was this sure. Click a bar.")
        return
    right = np.mean(probabilities[positions].argmax(axis=1) == data.y_test[positions])
    st.caption(f"{counted(len(positions), 'answer')}, {right:.1%} right; the least sure first.")
    render_answers(data, probabilities, positions, key=f"bin_{low:.2f}", named=False)


def _render_threshold(data: Dataset, probabilities: np.ndarray) -> None:
    least = st.slider(
        "Hold back answers that are less sure than",
        0,
        100,
        60,
        format="%d%%",
        key="least_confidence",
        persist_state="session",
        help="What is held back, somebody has to look at; what is kept is right more often.",
    )
    curve = kept(data.y_test, probabilities, THRESHOLDS)
    with st.container(horizontal=True):
        st.metric("Kept", f"{curve.share[least]:.1%}", help="Share of all test images that are answered.")
        accuracy = curve.accuracy[least]
        st.metric(
            "Right among them",
            "–" if np.isnan(accuracy) else f"{accuracy:.2%}",
            help="Accuracy of what is kept.",
        )
    st.altair_chart(
        charts.kept(curve, least),
        width="stretch",
        key="kept",
        alt="Accuracy of what is kept against the share that is kept",
    )
