"""All test images on one map: what a network takes for alike lies together."""

import streamlit as st

from app import resources, state
from app.components.errors_told import errors_told
from app.components.job_view import render_job
from app.components.map_view import render_map
from app.components.options import render_options
from app.components.run_picker import render_run_picker
from fmnist_core.data.dataset import Dataset
from fmnist_core.jobs import Job
from fmnist_core.runs import Run

NETWORK, PIXELS = "What the network sees", "Pixels"
PCA, TSNE = "PCA", "t-SNE"
WHAT = {
    PCA: "PCA turns the cloud of all images so that it is seen from its widest side. It takes some seconds.",
    TSNE: "t-SNE brings like images together, step by step. It takes a minute or two, once; meanwhile you "
    "can look elsewhere.",
}


def render_choice() -> tuple[str, str]:
    """What is mapped, and how."""
    with st.container(horizontal=True):
        space = render_options(
            "Alike by",
            [NETWORK, PIXELS],
            default=NETWORK,
            key=state.MAP_SPACE,
            help="The values that the network's last layer decides on, or the pixels, scaled so that every "
            "image is as bright as any other.",
        )
        method = render_options(
            "Map",
            [PCA, TSNE],
            default=PCA,
            key=state.MAP_METHOD,
            help="PCA turns the cloud so that it is seen from its widest side. t-SNE keeps neighbours "
            "together and shows groups; distances between groups mean nothing there.",
        )
    return space, method


def map_job(run: Run, data: Dataset, space: str, method: str) -> Job:
    """The job that makes the map."""
    return Job(
        "fmnist_core.analysis.projection:make_map",
        {
            "method": method,
            "run": run.id if space == NETWORK else None,
            "source": data.source,
            "fingerprint": data.fingerprint,
        },
        run.id if space == NETWORK else None,
    )


st.title("Map", anchor=False)
if run := render_run_picker(
    help="The network whose view of the test images is mapped.", among=resources.measured_runs()
):
    with errors_told():
        data = resources.data_of_run(run)
        space, method = render_choice()
        job = map_job(run, data, space, method)
        found = render_job(
            job,
            "Work out this map",
            WHAT[method],
            "Begins to work it out, in a process of its own.",
            at_once=method == PCA,
        )
        if found:
            render_map(run, data, found, of_network=space == NETWORK, key=job.key)
