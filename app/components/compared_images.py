"""The images that one network names rightly and another wrongly, and how their confusion matrices differ."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from app import charts, charts_compare, resources, state, written_charts
from app.components.gallery import Tile, render_gallery
from app.components.image_view import open_image_view
from app.components.paging import on_page
from app.components.run_name import plain
from app.components.words import cell_in_words
from app.state import Place
from fmnist_core.analysis.compare import Entry
from fmnist_core.analysis.evaluation import confusion_matrix
from fmnist_core.analysis.paired import fixed_by, moved_into
from fmnist_core.data.dataset import CLASS_NAMES, Dataset

PAGE_IMAGES = 24
MOVED_IMAGES = 9
CELLS = 5


def choose_pair(entries: Sequence[Entry]) -> tuple[Entry, Entry]:
    """The two entries to look at closely: the first, and another one of choice."""
    first, *others = entries
    if len(others) == 1:
        return first, others[0]
    names = {entry.id: entry.name for entry in others}
    chosen = st.selectbox(
        f"{plain(first.name)} against",
        list(names),
        format_func=names.get,
        key=state.AGAINST,
        bind="query-params",
        width=420,
        help="Images and matrices are those of two runs; the first one is always among them.",
    )
    return first, next(entry for entry in others if entry.id == chosen)


def render_fixed_and_broken(data: Dataset, one: Entry, other: Entry) -> None:
    """Shows the images that the second names rightly and the first wrongly, and the other way round.

    Args:
        data: The data set whose test images both answered.
        one, other: The two.
    """
    before, after = (resources.test_probabilities(entry.run.id) for entry in (one, other))
    left, right = st.columns(2, gap="large")
    for column, place, words, sides in (
        (left, "fixed", "gets right what {one} gets wrong", ((one, before), (other, after))),
        (right, "broken", "gets wrong what {one} gets right", ((other, after), (one, before))),
    ):
        (wrong, wrong_answers), (_, right_answers) = sides
        positions = fixed_by(data.y_test, wrong_answers, right_answers)
        with column.container(key=place):
            st.subheader(f"{'Fixed' if place == 'fixed' else 'Broken'}: {len(positions):,}", anchor=False)
            st.caption(
                f"{plain(other.name)} {words.format(one=plain(one.name))}; first come those of which "
                f"{plain(wrong.name)} was surest. Click one to see it close up."
            )
            _render_images(data, before, after, positions, other, key=place)


def render_matrices(data: Dataset, one: Entry, other: Entry) -> None:
    """Shows how the second's confusion matrix differs from the first's, and the images that moved.

    Args:
        data: The data set whose test images both answered.
        one, other: The two.
    """
    answers = [resources.test_probabilities(entry.run.id) for entry in (one, other)]
    matrices = [confusion_matrix(data.y_test, found.argmax(axis=1)) for found in answers]
    change = matrices[1] - matrices[0]
    cells = [divmod(int(cell), len(change)) for cell in np.argsort(-np.abs(change), axis=None)[:CELLS]]
    # A chart remembers which cell was clicked; with a new key it takes this one instead.
    clicks, start = st.session_state.get(state.MOVED, (0, cells[0]))
    start = start if start in cells else cells[0]
    left, right = st.columns([6, 5], gap="large")
    with left:
        st.markdown(
            f"**{plain(other.name)} less {plain(one.name)}**: green is better, red is worse. "
            "**Click a cell to see the images that moved.**"
        )
        clicked = st.altair_chart(
            charts_compare.matrix_difference(*matrices, start, dark=st.context.theme.type == "dark"),
            width="stretch",
            key=f"matrix_difference_{clicks}",
            on_select="rerun",
            selection_mode=charts.CELL,
            alt="Difference of the two confusion matrices: true classes in rows, predicted in columns",
        ).selection[charts.CELL]
        cell = (
            (CLASS_NAMES.index(clicked[0]["true"]), CLASS_NAMES.index(clicked[0]["predicted"]))
            if clicked
            else start
        )
        _render_most_changed(change, cells, clicks)
    with right:
        _render_moved(data, one, other, *answers, *cell)
    for column, entry, matrix in zip(st.columns(2, gap="large"), (one, other), matrices, strict=True):
        with column:
            st.markdown(f"**{plain(entry.name)}**")
            st.vega_lite_chart(
                spec=written_charts.confusion_chart(matrix, False),
                width="stretch",
                key=f"matrix_{entry.id}",
                alt=f"Confusion matrix of {entry.name}",
            )


def _render_most_changed(change: np.ndarray, cells: Sequence[tuple[int, int]], clicks: int) -> None:
    """A button for each of the cells in which the matrices differ most."""

    def choose(cell: tuple[int, int]) -> None:
        st.session_state[state.MOVED] = clicks + 1, cell

    st.caption("Changed most", help="The cells in which the two differ most, and by how many images.")
    with st.container(horizontal=True, gap="small", key="changed_most"):
        for cell in cells:
            if change[cell]:
                words, count = cell_in_words(*cell), f"{change[cell]:+d}".replace("-", "−")
                st.button(
                    f"{words} :gray[{count}]",
                    key=f"changed_{cell[0]}_{cell[1]}",
                    on_click=choose,
                    args=(cell,),
                    help=f"Shows the images: {words}.",
                )


def _render_moved(
    data: Dataset,
    one: Entry,
    other: Entry,
    before: np.ndarray,
    after: np.ndarray,
    true_class: int,
    predicted_class: int,
) -> None:
    st.subheader(cell_in_words(true_class, predicted_class), anchor=False)
    into = moved_into(data.y_test, before, after, true_class, predicted_class)
    out = moved_into(data.y_test, after, before, true_class, predicted_class)
    ways = (("into", other, into), ("out", one, out))
    for way, entry, positions in sorted(ways, key=lambda way: -len(way[2])):
        st.caption(f"Only by {plain(entry.name)}: {len(positions):,}")
        key = f"{way}_{true_class}_{predicted_class}"
        _render_images(data, before, after, positions, other, key=key, at_once=MOVED_IMAGES)


def _render_images(
    data: Dataset,
    before: np.ndarray,
    after: np.ndarray,
    positions: np.ndarray,
    asked: Entry,
    *,
    key: str,
    at_once: int = PAGE_IMAGES,
) -> None:
    """Images with both answers to them; the one that is clicked opens with the answer of `asked`."""
    if not len(positions):
        st.caption("No image at all.")
        return
    shown = on_page(positions, at_once, f"{key}_page_{state.digest(positions.tobytes())}", numbers=5)
    tiles = [_tile(int(data.y_test[at]), int(before[at].argmax()), int(after[at].argmax())) for at in shown]
    clicked = render_gallery(data.x_test[shown], tiles, key=f"{key}_images", size=96)
    if clicked is not None and clicked < len(shown):
        position = int(shown[clicked])
        state.look_at_run(asked.run.id)
        open_image_view(data, Place("test", position), after[position])


def _tile(label: int, before: int, after: int) -> Tile:
    truth, first, second = (CLASS_NAMES[number] for number in (label, before, after))
    note = f"was {first}" if after == label else f"now {second}"
    return Tile(truth, note, f"{truth}: from {first} to {second}", wrong=after != label)
