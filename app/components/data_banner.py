"""The banner that every page shows while the drawn wardrobe stands in for the real images."""

import streamlit as st

from app import resources
from fmnist_core.data import dataset as datasets
from fmnist_core.errors import DataError


def render_data_banner() -> None:
    """Says that the images are drawn and how to bring the real ones; shows nothing when they are real."""
    if resources.dataset().is_real:
        return
    settings = resources.settings()
    folder = settings.data_dir or settings.cache_dir / "fashion-mnist"
    with st.container(border=True, key="data_banner"):
        st.markdown(
            ":material/brush: **You are looking at the drawn wardrobe**, a stand-in that the studio drew "
            "itself, because the real Fashion-MNIST is not here. Everything works; its figures are its own."
        )
        with st.expander("Bring the real data"):
            st.markdown(
                "Retry the download (31 MB), or put the four files "
                f"{', '.join(f'`{name}`' for name in datasets.FILES)} into `{folder}` and reload the page."
            )
            for problem in datasets.locate(settings).problems:
                st.caption(f":material/warning: {problem}")
            if st.button("Retry the download", icon=":material/download:", help="Fetches the four files."):
                _download()


def _download() -> None:
    bar = st.progress(0.0, "Connecting …")

    def progress(done: int, total: int) -> None:
        bar.progress(done / total, f"{done / 1e6:.1f} of {total / 1e6:.1f} MB")

    try:
        datasets.download(resources.settings(), progress=progress)
    except DataError as error:
        bar.empty()
        st.error(str(error))
    else:
        resources.dataset.clear()
        resources.dataset_of.clear()
        st.rerun()
