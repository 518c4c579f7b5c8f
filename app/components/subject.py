"""What a network is asked about: a drawing, uploaded pictures, a photograph, or a test image."""

import random
import time
from typing import NamedTuple

import numpy as np
import streamlit as st
from PIL import Image

from app import pictures, resources, state
from app.components.canvas import render_canvas
from app.components.gallery import Tile, render_gallery
from app.components.options import render_options
from app.components.run_name import plain
from app.components.words import whole_percent
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.data.preprocess import Prepared, Step, prepare
from fmnist_core.data.reading import MAX_MEGABYTES, TAKEN
from fmnist_core.errors import BlankImage, ImageError
from fmnist_core.runs import Run
from fmnist_core.shipped import PHOTO, TITLES

FILE_TYPES = ["png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff"]
MAX_FILES = 60
PATIENCE_SECONDS = 0.5
"""What takes longer shows how far it is."""

SHELF = 24
OUTLINES = (
    "A network that learned from photographs misreads many bare outlines: it does better when the garment is "
    "filled in."
)
PHOTOGRAPHS = (
    f"A photograph? **{TITLES[PHOTO]}** names more of those than a network that knows drawings as well: "
    "choose it above."
)


class Subject(NamedTuple):
    """One picture for the network.

    Attributes:
        picture: It, made ready.
        source: It as it came, where it was not an input already.
        label: Its true class, where that is known.
        advice: What to keep in mind about the answer.
    """

    picture: Prepared
    source: Image.Image | None = None
    label: int | None = None
    advice: str = ""


def render_drawing(run: Run) -> Subject | None:
    """The canvas, and the drawing once there is one.

    Raises:
        BlankImage: when nothing shows on it.
    """
    drawing = render_canvas("canvas", examples=True)
    resources.wake(run.id)
    if not drawing:
        return None
    return Subject(prepare(drawing), drawing, advice="" if _knows_drawings(run) else OUTLINES)


def _knows_drawings(run: Run) -> bool:
    return run.config.data.sketches > 0


def render_upload(run: Run) -> Subject | None:
    """Files to choose; of several, each is shown with its answer, and the one that is clicked is returned.

    A file that is not taken is named with the reason, and hides no other.
    """
    resources.wake(run.id)
    files = st.file_uploader(
        "Pictures, one garment on each",
        type=FILE_TYPES,
        accept_multiple_files=True,
        max_upload_size=MAX_MEGABYTES,
        key="files",
        help="Choose or drop several at once: each gets its answer.",
    )
    # The uploader tells the reason why it refuses a file only to those who hover over it.
    st.caption(f"{TAKEN}.")
    above = st.container()
    if len(files) > MAX_FILES:
        st.warning(
            f"The first {MAX_FILES} of {len(files)} pictures are named: take some out for the others.",
            icon=":material/filter_alt:",
        )
    uploads, names, sources = {}, {}, {}
    taken = files[:MAX_FILES]
    bar, began = st.empty(), time.monotonic()
    for number, file in enumerate(taken, 1):
        if time.monotonic() - began > PATIENCE_SECONDS:
            bar.progress(number / len(taken), f"Reading picture {number} of {len(taken)}")
        try:
            sources[file.file_id] = pictures.opened(file.file_id, file.getvalue(), file.name)
            uploads[file.file_id] = pictures.prepared(sources[file.file_id])
            names[file.file_id] = file.name
        except BlankImage as error:
            st.warning(f"{plain(file.name)}: {error}", icon=":material/hide_image:")
        except ImageError as error:
            st.error(plain(str(error)), icon=":material/broken_image:")
    bar.empty()
    if not uploads:
        return None
    shown = st.session_state.get(state.UPLOAD)
    if shown not in uploads:
        shown = next(iter(uploads))
    if len(uploads) > 1:
        with above:
            _render_uploads(run, uploads, names, shown)
    return Subject(uploads[shown], sources[shown], advice=PHOTOGRAPHS if _knows_drawings(run) else "")


def _render_uploads(run: Run, uploads: dict[str, Prepared], names: dict[str, str], shown: str) -> None:
    ids = list(uploads)
    images = np.stack([picture.image for picture in uploads.values()])
    tiles = [
        Tile(caption=f"{CLASS_NAMES[answer.argmax()]} {whole_percent(answer.max())}", note=name)
        for answer, name in zip(pictures.answers(run.id, images), names.values(), strict=True)
    ]

    def show(position: int) -> None:
        st.session_state[state.UPLOAD] = ids[position]

    render_gallery(images, tiles, key="uploads", size=104, selected=ids.index(shown), on_click=show)


def render_camera(run: Run) -> Subject | None:
    """The camera, once it is switched on: the browser asks for permission as soon as it is shown.

    Raises:
        BlankImage: when nothing stands out in the photograph.
    """
    resources.wake(run.id)
    if not st.toggle("Camera on", key="camera_on", help="Your browser asks whether it may use the camera."):
        return None
    photo = st.camera_input("Photograph", key="camera", help="Takes one picture for the network to name.")
    if not photo:
        return None
    taken = pictures.opened(photo.file_id, photo.getvalue(), "The photograph")
    return Subject(pictures.prepared(taken), taken, advice=PHOTOGRAPHS if _knows_drawings(run) else "")


def render_known_image(run: Run) -> Subject:
    """The images of the run's data set: by number, by chance, or by a click on one nearby.

    Raises:
        DataError: when the data set is not there (any more).
    """

    def show(number: int) -> None:
        st.session_state[state.KNOWN_IMAGE] = number

    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = render_options(
            "Of the images for",
            ["Test", "Training"],
            default="Test",
            key=state.KNOWN_SPLIT,
            on_change=show,
            args=(0,),
            help="The network may have learned from a training image, and never from a test image.",
        )
        images, labels = resources.data_of_run(run).images_and_labels("test" if words == "Test" else "train")
        state.heed_address(state.KNOWN_IMAGE, "0", 0)
        number = st.number_input(
            "Image number",
            min_value=0,
            max_value=len(images) - 1,
            key=state.KNOWN_IMAGE,
            # At a number without end, Streamlit's own reading of the address would break.
            bind="query-params" if state.known_image_can_be_read() else None,
            help=f"Its number among the {len(images):,} images, counted from 0.",
        )
        st.button(
            "Random",
            icon=":material/casino:",
            key="random_image",
            on_click=lambda: show(random.randrange(len(images))),
            help="Takes any of these images.",
        )
    first = number - number % SHELF
    shelf = images[first : first + SHELF]
    render_gallery(
        shelf,
        [Tile(hint=f"{words} image {first + position:,}") for position in range(len(shelf))],
        key="known_images",
        size=52,
        selected=number - first,
        on_click=lambda position: show(first + position),
    )
    image = images[number]
    step = Step("28×28", "It has 28×28 pixels already: the network gets it as it is.", image)
    return Subject(Prepared(image, (step,)), label=int(labels[number]))
