"""How a network learned: what it answered to its validation images after each epoch."""

import numpy as np
import streamlit as st

from app import charts_curves, resources, written_charts
from app.components.answers import answer_tile
from app.components.errors_told import errors_told
from app.components.gallery import render_gallery
from app.components.image_view import open_image_view
from app.components.run_picker import render_way_to_train
from app.state import Place
from fmnist_core.analysis.evaluation import confusion_matrix
from fmnist_core.analysis.replay import recorded_answers, recorded_epochs, replay_positions
from fmnist_core.data.dataset import Dataset
from fmnist_core.runs import Run

SAMPLE_IMAGES = 40


@errors_told()
def render_replay(run: Run, data: Dataset) -> None:
    """Shows one epoch of a run, and a slider to the others.

    Args:
        run: The run.
        data: The data set that it was trained on.
    """
    folder, photographs = resources.store().folder(run.id), run.config.data.validation_size
    epochs = recorded_epochs(folder, run.result["epochs"])
    if not epochs:
        _render_nothing(run)
        return
    positions = replay_positions(photographs)
    images = f"{len(positions):,} of its {photographs:,} **validation images**, evenly spread"
    if len(positions) == photographs:
        images = f"its {photographs:,} **validation images**"
    st.markdown(
        f"What the network answered to {images}, as it was after each epoch. They were its own exam during "
        "training: it never learned from them. **Move the slider to see it learn.**"
    )
    epoch = epochs[0]
    if len(epochs) > 1:
        epoch = st.select_slider(
            "After epoch",
            epochs,
            key=f"epoch_{run.id}",
            help="How many times the network had seen all its training images by then.",
        )
    answers = recorded_answers(folder, epoch)
    split = data.split_for(run.config.data)
    labels = split.y_validation[positions]
    left, right = st.columns([6, 5], gap="large")
    with left:
        _render_accuracy(run, epoch)
        st.vega_lite_chart(
            spec=written_charts.confusion_chart(confusion_matrix(labels, answers.argmax(axis=1)), False),
            width="stretch",
            key="replay_matrix",
            alt="Confusion matrix after the epoch: true classes in rows, predicted classes in columns",
        )
    with right:
        _render_sample(data, positions, labels, answers, epoch, first=len(data.x_train) - photographs)


def _render_nothing(run: Run) -> None:
    if run.is_shipped:
        why = "A network that came with the studio brings no replay: train one of your own to see it learn."
    elif run.is_imported:
        why = "A run from another studio brings no replay: train it again here to see it learn."
    elif not run.config.data.validation_size:
        why = "This run has no validation images to look back at: train one that has some."
    elif not run.result["epochs"]:
        why = "This run was stopped before its first epoch was over: train one for longer."
    else:
        why = "This run was trained before answers were kept epoch by epoch: train it again to see it learn."
    st.info(why, icon=":material/replay:")
    render_way_to_train()


def _render_accuracy(run: Run, epoch: int) -> None:
    measured = resources.store().metrics(run.id, "epoch").set_index("epoch")["val_accuracy"]
    st.vega_lite_chart(
        spec=charts_curves.with_point(
            written_charts.accuracy_chart(run.id), {"epoch": epoch, "val_accuracy": float(measured[epoch])}
        ),
        width="stretch",
        key="replay_accuracy",
        alt="Accuracy on all validation images by epoch; the one that is looked at is marked",
    )


def _render_sample(
    data: Dataset, positions: np.ndarray, labels: np.ndarray, answers: np.ndarray, epoch: int, first: int
) -> None:
    """The same images for every epoch: right or wrong as of this one."""
    chance = np.random.default_rng(0)
    sample = chance.choice(len(labels), min(SAMPLE_IMAGES, len(labels)), replace=False)
    right = answers.argmax(axis=1) == labels
    st.caption(
        f"{np.count_nonzero(right):,} of {len(right):,} right ({right.mean():.1%}), "
        f"{np.count_nonzero(right[sample])} of these {len(sample)}, which stay the same. Click one to see it "
        "close up."
    )
    where = first + positions[sample]
    clicked = render_gallery(
        data.x_train[where],
        [answer_tile(answers[at], int(labels[at])) for at in sample],
        key="replay_sample",
        size=84,
    )
    if clicked is not None:
        place = Place("train", int(where[clicked]))
        open_image_view(data, place, answers[sample[clicked]], f"The answer is that after epoch {epoch}.")
