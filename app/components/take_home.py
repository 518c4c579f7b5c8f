"""Taking a run home: every format with what it is good for, at once or prepared in the background."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app import resources
from app.components.job_view import render_job
from fmnist_core.errors import FmnistError
from fmnist_core.export.formats import FORMATS, Format, file_name, parameters
from fmnist_core.export.material import Material
from fmnist_core.jobs import Job
from fmnist_core.runs import Run

ROWS = {
    "To hand in": ("notebook", "report", "script"),
    "To use elsewhere": ("keras", "onnx", "litert"),
    "To look into, or to keep": ("csv", "tensorboard", "bundle"),
}

ICONS = {
    "notebook": "menu_book",
    "report": "article",
    "script": "code",
    "keras": "deployed_code",
    "onnx": "hub",
    "litert": "smartphone",
    "csv": "table",
    "tensorboard": "monitoring",
    "bundle": "inventory_2",
}


def render_take_home(run: Run) -> None:
    """Offers a run that left a network in every format."""
    st.subheader("Take it home", anchor=False)
    material = Material(resources.store(), run)
    try:
        _ = material.model_file
    except FmnistError as error:
        st.info(str(error), icon=":material/info:")
        return
    if material.drawn_files:
        st.caption(
            f":material/brush: Notebook and script read {' and '.join(material.drawn_files)}, images that "
            "the studio drew: they are in *Everything*."
        )
    for title, names in ROWS.items():
        st.caption(title)
        for column, name in zip(st.columns(len(names)), names, strict=True):
            with column.container(border=True, height="stretch"):
                _render_format(material, FORMATS[name])


def _render_format(material: Material, wanted: Format) -> None:
    st.markdown(f":material/{ICONS[wanted.name]}: **{wanted.title}**")
    st.caption(wanted.sentence)
    if not wanted.is_slow:
        _render_download(material.run, wanted, made_where_keras_is(material.run, wanted))
        return
    run = material.run
    # A wardrobe that is not here would be drawn.
    has_images = not run.is_real or resources.dataset().is_real
    job = Job("fmnist_core.export.formats:prepare", parameters(run, wanted, has_images), run.id)
    found = render_job(
        job, f"Prepare {wanted.title}", "", "Takes some seconds; it goes on while you look elsewhere."
    )
    if found is not None:
        _render_download(material.run, wanted, found["content"].tobytes())


def made_where_keras_is(run: Run, wanted: Format) -> Callable[[], bytes]:
    """What gives a file's content once it is wanted; the web server itself need not load Keras for it.

    Raises:
        FmnistError: when it is called, as `fmnist_core.export.formats.content` does.
    """
    work = "fmnist_core.export.formats:content"
    return partial(resources.networks().call, work, resources.settings(), run.id, wanted.name)


def _render_download(run: Run, wanted: Format, content: bytes | Callable[[], bytes]) -> None:
    st.download_button(
        f"Download {wanted.title}",
        content,
        file_name=file_name(run, wanted),
        key=f"take_{wanted.name}",
        on_click="ignore",
        icon=":material/download:",
        help=wanted.sentence,
    )
