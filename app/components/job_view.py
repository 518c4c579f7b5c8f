"""A job on a page: the button that starts it, how far it is, and what it found."""

import numpy as np
import streamlit as st

from app import resources
from fmnist_core import jobs
from fmnist_core.errors import FmnistError
from fmnist_core.jobs import Job, JobStatus

LOOK_SECONDS = 0.5
"""How often a page looks how far a job is."""


def render_job(
    job: Job, label: str, why: str, help: str, *, at_once: bool = False
) -> dict[str, np.ndarray] | None:
    """Shows what stands between the visitor and a job's result; once it is done, nothing.

    Args:
        job: The job.
        label: What the button that starts it says.
        why: What it is good for and how long it takes, in a sentence; empty where that is said already.
        help: The button's help.
        at_once: Whether it starts without the button, as what takes seconds may.

    Returns:
        What the job has found, or None until it has.

    Raises:
        JobError: when its result is damaged, or it cannot be started at once.
    """
    status = jobs.status(resources.settings(), job)
    if at_once and status.state == "absent":
        jobs.start(resources.settings(), job)
        status = jobs.status(resources.settings(), job)
    match status.state:
        case "done":
            return resources.job_result(job.key, job)
        case "running":
            _render_progress(job)
        case _:
            _render_start(job, status, label, why, help)
    return None


def _render_start(job: Job, status: JobStatus, label: str, why: str, help: str) -> None:
    def start() -> None:
        try:
            jobs.start(resources.settings(), job)
        except FmnistError as error:
            st.error(str(error), icon=":material/error:")

    if status.state == "failed":
        st.error(status.error, icon=":material/error:")
    with st.container(border=bool(why)):
        if why:
            st.markdown(why)
        st.button(label, icon=":material/play_arrow:", key=f"start_{job.key}", on_click=start, help=help)


@st.fragment(run_every=LOOK_SECONDS)
def _render_progress(job: Job) -> None:
    status = jobs.status(resources.settings(), job)
    if status.state != "running":
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(max(status.share, 0.0), 1.0), status.words or "Starting …")
        st.button(
            "Stop",
            icon=":material/stop:",
            key=f"stop_{job.key}",
            on_click=jobs.stop,
            args=(resources.settings(), job),
            help="Ends this and forgets it. Left alone, it goes on while you look elsewhere.",
        )
