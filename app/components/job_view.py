"""A job on a page: the button that starts it, how far it is, and what it found."""

import numpy as np
import streamlit as st

from app import resources
from app.components.errors_told import errors_told, tell
from app.components.kept_button import kept_button
from fmnist_core import jobs
from fmnist_core.errors import JobError
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
        JobError: when it cannot be started at once.
    """
    status = jobs.status(resources.settings(), job)
    if at_once and status.state == "absent":
        jobs.start(resources.settings(), job)
        status = jobs.status(resources.settings(), job)
    match status.state:
        case "done":
            try:
                return resources.job_result(job.key, job)
            except JobError as error:
                jobs.forget(resources.settings(), job)
                _render_start(job, JobStatus("failed", error=str(error)), label, why, help)
        case "running":
            _render_progress(job)
        case _:
            _render_start(job, status, label, why, help)
    return None


def _render_start(job: Job, status: JobStatus, label: str, why: str, help: str) -> None:
    if status.state == "failed":
        tell(status.error)
    with st.container(border=bool(why)):
        if why:
            st.markdown(why)
        # What the job depends on may change between a look and its click: what is there now is meant.
        if kept_button(label, f"start_{job.run}_{label}", icon=":material/play_arrow:", help=help):
            with errors_told():
                jobs.start(resources.settings(), job)
                st.rerun()


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
            help="Ends it until somebody starts it again. Left alone, it goes on while you look elsewhere.",
        )
