"""The banner that every page shows while the drawn wardrobe stands in for the real images."""

import streamlit as st

from app import resources
from app.components.job_view import render_job
from fmnist_core import jobs
from fmnist_core.data import dataset as datasets
from fmnist_core.jobs import Job


def render_data_banner() -> None:
    """Says that the images are drawn and how to bring the real ones; shows nothing when they are real."""
    if resources.dataset().is_real:
        return
    settings = resources.settings()
    found = datasets.locate(settings)
    if found.folder:
        # Somebody has put the files there.
        resources.look_for_data_again()
        st.rerun()
    folder = datasets.places(settings)[0]
    with st.container(border=True, key="data_banner"):
        st.markdown(
            ":material/brush: **You are looking at the drawn wardrobe**, a stand-in that the studio drew "
            "itself, because the real Fashion-MNIST is not here. Everything works; its figures are its own."
        )
        job = Job("fmnist_core.data.dataset:fetch")
        is_coming = jobs.status(settings, job).state == "running"
        with st.expander("Bring the real data", expanded=is_coming):
            st.markdown(
                "Download it (31 MB), or put the four files "
                f"{', '.join(f'`{name}`' for name in datasets.FILES)} into `{folder}`: at your next "
                "click they are found."
            )
            for problem in found.problems:
                st.caption(f":material/warning: {problem}")
            if render_job(job, "Download", "", "Fetches the four files; you can look elsewhere meanwhile."):
                # Should the files be gone one day, they can be fetched again.
                jobs.forget(settings, job)
                resources.look_for_data_again()
                st.rerun()
