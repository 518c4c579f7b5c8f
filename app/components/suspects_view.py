"""Labels that are probably wrong, with the class that networks suggest instead."""

import numpy as np
import pandas as pd
import streamlit as st

from app import state
from app.components.class_choice import render_class_filter
from app.components.findings import render_download, render_findings
from app.components.gallery import Tile
from app.components.job_view import render_job
from app.components.leave_out_view import render_leave_out
from app.components.words import whole_percent
from fmnist_core.analysis.quality import most_suspect
from fmnist_core.data.dataset import CLASS_NAMES, Dataset
from fmnist_core.jobs import Job


def suspects_job(data: Dataset) -> Job:
    """The job that doubts the labels of a data set."""
    return Job(
        "fmnist_core.training.cross_validation:find_suspects",
        {"source": data.source, "fingerprint": data.fingerprint},
    )


def render_suspects(data: Dataset) -> None:
    """Shows the training images whose labels networks doubt, the most suspect first."""
    found = render_job(
        suspects_job(data),
        "Look for suspect labels",
        "**Are all labels right?** Six small networks each learn from two thirds of the training images and "
        "say what the others show; where they are sure of another class than the label, one of the two is "
        "wrong. This trains them from scratch, in two to four minutes on two free cores.",
        "Works it out in the background: you can look elsewhere meanwhile. It is kept afterwards.",
    )
    if found is None:
        return
    order = most_suspect(data.y_train, found["scores"], found["suggested"])
    _render_summary(data, found, order)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = render_class_filter("Label", state.TRUE_CLASS, "Shows only images with this label.")
        suggested = render_class_filter(
            "Suggested instead", state.PREDICTED_CLASS, "Shows only images that networks take for this class."
        )
        chosen = order[
            ((label is None) | (data.y_train[order] == label))
            & ((suggested is None) | (found["suggested"][order] == suggested))
        ]
        render_download(_table(data, found, chosen), "suspect-labels")
    if not len(chosen):
        st.info("No such image: choose other classes.", icon=":material/filter_alt_off:")

    def tile(number: int) -> Tile:
        given = CLASS_NAMES[data.y_train[number]]
        other = CLASS_NAMES[found["suggested"][number]]
        sure = whole_percent(float(found["confidence"][number]))
        return Tile(
            given,
            f"→ {other} {sure}",
            hint=f"Training image {number:,}: labelled {given}, looks like {other} ({sure})",
            wrong=bool(found["doubted"][number]),
        )

    if len(chosen):
        render_findings(data, chosen, tile, key=f"suspects_{label}_{suggested}")
    render_leave_out(data, order, int(found["doubted"].sum()))


def _render_summary(data: Dataset, found: dict[str, np.ndarray], order: np.ndarray) -> None:
    count = len(data.y_train)
    with st.container(horizontal=True):
        st.metric("Training images", f"{count:,}")
        st.metric(
            "Named otherwise",
            f"{len(order):,}",
            help="Networks that have not seen the image take it for another class than its label.",
        )
        doubted = int(found["doubted"].sum())
        st.metric(
            "Doubted",
            f"{doubted:,} ({doubted / count:.1%})",
            help="As many labels as confident learning (Northcutt, Jiang and Chuang, 2021) estimates to be "
            "wrong, from how sure the networks usually are of each class. They are framed.",
        )
    st.caption(
        "The most suspect first: by the probability that the networks give to the label. Below each image, "
        "its label and what they suggest instead. A suspicion is no proof: at the top are wrong labels "
        "and odd pictures, further down garments that are hard to tell apart. Click one to see it close up."
    )


def _table(data: Dataset, found: dict[str, np.ndarray], numbers: np.ndarray) -> pd.DataFrame:
    names = np.array(CLASS_NAMES)
    labels, suggested = data.y_train[numbers], found["suggested"][numbers]
    return pd.DataFrame(
        {
            "x_train": numbers,
            "label": labels,
            "class": names[labels],
            "suggested_label": suggested,
            "suggested_class": names[suggested],
            "probability_of_label": found["scores"][numbers],
            "probability_of_suggested": found["confidence"][numbers],
            "doubted": found["doubted"][numbers],
        }
    )
