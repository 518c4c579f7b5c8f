"""How good a trained network is, where it errs, and on which images."""

import numpy as np
import streamlit as st

from app import resources, state
from app.components.classes_view import render_classes
from app.components.confidence_view import render_confidence_view
from app.components.confusion_view import render_confusion_view
from app.components.curves_view import render_curves
from app.components.downloads import render_downloads
from app.components.errors_told import errors_told
from app.components.headline import render_headline
from app.components.mistakes_view import render_mistakes
from app.components.options import render_options
from app.components.replay_view import render_replay
from app.components.robustness_view import render_robustness_view
from app.components.run_line import render_run_line
from app.components.run_picker import render_run_picker
from app.components.samples_view import render_samples
from fmnist_core.analysis.evaluation import Evaluation
from fmnist_core.data.dataset import Dataset
from fmnist_core.runs import Run

# Between two views the page must not become so short that the browser scrolls it, and what hovering over one
# cell of a chart tells must not catch the click on the next.
STYLE = (
    "<style>.st-key-look_view { min-height: 100vh; } #vg-tooltip-element { pointer-events: none; }</style>"
)


@st.fragment
@errors_told()
def render_looks(run: Run, data: Dataset, probabilities: np.ndarray, evaluation: Evaluation) -> None:
    """The ways to look at a network's answers, of which only the chosen one is made."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        look = render_options(
            "Look at",
            ["Matrix", "Classes", "Curves", "Confidence", "Mistakes", "Samples", "Replay", "Robustness"],
            default="Matrix",
            key=state.LOOK,
            wrap=True,
            help="What is taken for what, how each class fares, and at which threshold; whether the network "
            "knows when it errs; the worst mistakes, any images at random; how it learned, epoch by epoch; "
            "what changed images do to it.",
        )
        render_downloads(run.id, data, probabilities, evaluation)
    st.html(STYLE)
    with st.container(key="look_view"):
        match look:
            case "Matrix":
                render_confusion_view(data, probabilities, evaluation.confusion_matrix)
            case "Classes":
                render_classes(data, probabilities, evaluation)
            case "Curves":
                render_curves(data, probabilities, run.id)
            case "Confidence":
                validated = run.config.data.validation_size > 0
                temperature = resources.temperature_of_one_look(run.id) if validated else None
                render_confidence_view(data, probabilities, temperature)
            case "Mistakes":
                render_mistakes(data, probabilities)
            case "Samples":
                render_samples(data, probabilities)
            case "Robustness":
                render_robustness_view(data, run)
            case "Replay":
                render_replay(run, data)


def render_run(run: Run) -> None:
    """Everything about one run's answers."""
    render_run_line(run)
    evaluation = resources.evaluation(run.id)
    render_headline(evaluation, resources.intervals(run.id))
    data, probabilities = resources.dataset_of(run.source), resources.test_probabilities(run.id)
    render_looks(run, data, probabilities, evaluation)


st.title("Evaluate", anchor=False)
if run := render_run_picker(among=resources.measured_runs()):
    with errors_told():
        render_run(run)
