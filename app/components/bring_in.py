"""Bringing in a run from the bundle of another studio."""

import streamlit as st

from app import navigation, resources, state
from app.components.errors_told import tell
from app.components.job_view import render_job
from app.components.run_name import plain
from fmnist_core import jobs
from fmnist_core.errors import FmnistError
from fmnist_core.export.bring_in import incoming_folder, keep_upload
from fmnist_core.files import unwritable
from fmnist_core.jobs import Job

UNCHECKED_WORDS = (
    "Its test images are not here, so nobody has counted its right answers: its figures are as another "
    "studio tells them. Bring it in again once the data set is installed."
)


def render_bring_in() -> None:
    """Takes a bundle, checks it in the background, and leads to its run."""
    uploaded = st.file_uploader(
        "A bundle",
        type="zip",
        key=state.BUNDLE,
        help="What *Take it home* gives as *Everything*. Only its configuration, its figures and its weights "
        "are read; they are held against the test images, and nothing in it is run. A larger one comes in by "
        "`fmnist import`.",
    )
    if uploaded is None:
        return
    settings = resources.settings()
    name = f"{uploaded.file_id}.zip"
    job = Job("fmnist_core.export.bring_in:bring_in_upload", {"upload": name})
    status = jobs.status(settings, job)
    try:
        if status.state == "failed" and not (incoming_folder(settings) / name).exists():
            tell(status.error)
            return
        if status.state == "absent":
            keep_upload(settings, name, uploaded.getbuffer())
        found = render_job(job, "Bring it in", "", "Checks the bundle and takes its run in.", at_once=True)
        if found is None:
            return
        run = resources.store().get(str(found["run_id"]))
    except (FmnistError, OSError) as error:
        tell(unwritable(error) if isinstance(error, OSError) else str(error))
        return
    if run.deleted:
        st.info(f"**{plain(run.name)}** is in the bin: bring it back from there.", icon=":material/delete:")
        return
    words = "is here now" if found["new"] else "was here already"
    st.success(f"**{plain(run.name)}** {words}.", icon=":material/check:")
    if run.is_unchecked:
        st.warning(UNCHECKED_WORDS, icon=":material/rule:")
    st.page_link(
        navigation.page("Evaluate"),
        label="Look at it",
        icon=":material/query_stats:",
        query_params={state.RUN: run.id},
        help="Opens its figures.",
    )
