"""Look at the images: how many there are, of which classes, how bright, and each of them up close."""

import numpy as np
import streamlit as st

from app import resources, state
from app.components.class_summary import render_class_summary
from app.components.close_up import render_close_up
from app.components.gallery import Tile, render_gallery
from app.components.options import render_options
from app.components.pixel_distribution import render_pixel_distribution
from fmnist_core.analysis.exploration import CLASSES, Part
from fmnist_core.data.dataset import CLASS_NAMES

PER_PAGE = 60

data = resources.dataset()
parts = resources.parts()


def choose_class(label: int) -> None:
    """Shows the images of one class, or all of them when that class was shown already."""
    st.session_state[state.CLASS] = None if label == st.session_state[state.CLASS] else label
    show_first_page()


def show_first_page() -> None:
    """Goes back to where the images that are left begin."""
    st.session_state[state.PAGE] = 1


def find_image(key: str, array: str) -> None:
    """Opens the image whose number was typed, among all images of its part."""
    number = st.session_state[key]
    for part in parts.values():
        if number is not None and part.array == array and part.holds(number):
            st.session_state[key] = st.session_state[state.CLASS] = None
            st.session_state[state.SPLIT] = part.name
            open_image(number, part.numbers())


def open_image(number: int, numbers: np.ndarray) -> None:
    """Opens one of the images that are shown, on the page that it is on."""
    st.session_state[state.PAGE] = int(np.searchsorted(numbers, number)) // PER_PAGE + 1
    state.open_image(int(number))


def render_sizes() -> None:
    """How large everything is."""
    with st.container(horizontal=True):
        for name, part in parts.items():
            st.metric(f"{name.capitalize()} images", f"{len(part.labels):,}")
        st.metric("Classes", CLASSES)
        st.metric("Size", " × ".join(str(size) for size in data.x_train.shape[1:]))
        st.metric("Values", "0 to 255")


def render_filters() -> tuple[Part, int | None]:
    """Which images to look at: a part of the data set, and one class or None for all."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = render_options(
            "Split",
            list(parts),
            default="training",
            format_func=str.capitalize,
            key=state.SPLIT,
            on_change=show_first_page,
            help="Networks learn from the training images, are watched on the validation images, and are "
            "judged on the test images.",
        )
        label = st.selectbox(
            "Class (label)",
            range(CLASSES),
            index=None,
            format_func=state.class_option,
            placeholder="All ten classes",
            bind="query-params",
            key=state.CLASS,
            on_change=show_first_page,
            help="Type the name of a class or its label, 0 to 9.",
        )
        array = parts[name].array
        key = f"find_{array}"
        st.number_input(
            "Image number",
            0,
            len(data.x_test if array == "x_test" else data.x_train) - 1,
            None,
            placeholder="Go to …",
            key=key,
            on_change=find_image,
            args=(key, array),
            help=f"The position of an image in {array}.",
        )
    return parts[name], label


def render_samples(part: Part, label: int | None, what: str) -> None:
    """The images themselves, page by page, and the one that is opened."""
    numbers = part.numbers(label)
    st.subheader(f"{len(numbers):,} {what}", anchor=False, help="Click an image to see its pixels.")
    if not len(numbers):
        st.info("No image here: choose another class or part.", icon=":material/filter_alt_off:")
        return
    pages = -(-len(numbers) // PER_PAGE)
    state.heed_address(state.PAGE, "1", 1)
    page = st.pagination(pages, max_visible_pages=7, bind="query-params", key=state.PAGE)
    shown = numbers[(page - 1) * PER_PAGE : page * PER_PAGE]
    names = [CLASS_NAMES[label] for label in part.labels[shown - part.first]]
    tiles = [
        Tile(name, f"{number:,}", hint=f"{name}, {part.array}[{number}]")
        for name, number in zip(names, shown.tolist(), strict=True)
    ]
    render_gallery(
        part.images[shown - part.first],
        tiles,
        key="samples",
        size=80,
        on_click=lambda position: state.open_image(int(shown[position])),
    )
    render_close_up(data, part, numbers, lambda number: open_image(number, numbers))


st.title("Explore", anchor=False)
render_sizes()
part, label = render_filters()
summary = resources.summary(data.source, part.name)
what = f"{part.name} images"
render_class_summary(summary, what, label, choose_class)
if label is not None:
    what += f" of the class {CLASS_NAMES[label]}"
render_samples(part, label, what)
histogram = summary.histogram(label)
if histogram.any():
    render_pixel_distribution(histogram, what)
