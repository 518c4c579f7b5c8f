"""Images that are in the data set twice, or nearly: side by side, with what that spoils."""

import numpy as np
import pandas as pd
import streamlit as st

from app import pixels, resources, state
from app.components.class_choice import render_class_filter
from app.components.findings import place_of, render_download
from app.components.gallery import Tile, render_gallery
from app.components.paging import on_page
from fmnist_core.analysis.quality import MOST_PAIRS, WITHIN
from fmnist_core.data.dataset import CLASS_NAMES, Dataset

PAGE_PAIRS = 48
ENLARGED = 8
SEAM = 200
"""Brightness of the line between the two images of a pair."""

WHICH = {
    "All": "All pairs.",
    "Leaks": "One image trains, the other tests.",
    "In training": "Both train.",
    "In test": "Both test.",
}


def render_pairs(data: Dataset, found: dict[str, np.ndarray]) -> None:
    """Shows pairs of images that are nearly the same, the most alike first.

    Args:
        data: The data set.
        found: `numbers`, `distances` and `exact`, as `find_pairs` gives them.
    """
    st.markdown(
        "Each pair is the same picture twice, or nearly: **a leak** where one of them is learned from and "
        "the other tests, for then part of the test is known beforehand."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.segmented_control(
            "Pairs",
            list(WHICH),
            default="All",
            required=True,
            key="pairs_which",
            persist_state="session",
            help=" ".join(f"*{name}*: {words}" for name, words in WHICH.items()),
        )
        label = render_class_filter("Class", state.CLASS, "Shows only pairs with an image of this class.")
        differ = st.toggle(
            "Different labels only",
            key="pairs_differ",
            persist_state="session",
            help="Of two images that are nearly the same, one is labelled wrong when their labels differ.",
        )
    limit = st.slider(
        "At most so far apart",
        0.0,
        WITHIN,
        0.07,
        0.005,
        format="%.3f",
        key="pairs_within",
        persist_state="session",
        help="0 is the same up to its brightness; from about 0.08 on, different garments of one cut appear.",
    )
    near = found["distances"] <= limit
    crossing = (found["numbers"] < len(data.x_train)).sum(axis=1)
    labels = resources.numbered_images(data.source)[1][found["numbers"]]
    other = labels[:, 0] != labels[:, 1]
    # At this distance there may be others, of which nothing is known.
    is_cut = len(near) == MOST_PAIRS and bool(near.all())
    _render_summary(near, crossing == 1, other, found["exact"], is_cut)
    chosen = near & (label is None or (labels == label).any(axis=1)) & (other | (not differ))
    if which != "All":
        chosen &= crossing == {"Leaks": 1, "In training": 2, "In test": 0}[which]
    positions = np.flatnonzero(chosen)
    if not len(positions):
        st.info("No such pair: allow more distance or choose other pairs.", icon=":material/filter_alt_off:")
        return
    render_download(_table(data, found, labels, positions), "similar-pairs")
    st.caption(
        "The most alike first. Click a pair to see where it differs; a frame tells of different labels."
    )
    _render_gallery(data, found, labels, positions, f"pairs_{which}_{label}_{differ}_{limit}")


def _render_summary(
    near: np.ndarray, leaks: np.ndarray, other: np.ndarray, exact: np.ndarray, is_cut: bool
) -> None:
    more = "+" if is_cut else ""
    with st.container(horizontal=True):
        st.metric(
            "Exact copies", f"{np.count_nonzero(exact):,}", help="Pairs of which every pixel is the same."
        )
        st.metric(
            "Nearly the same",
            f"{np.count_nonzero(near):,}{more}",
            help="Pairs that are at most as far apart as chosen above.",
        )
        st.metric(
            "Leaks", f"{np.count_nonzero(near & leaks):,}{more}", help="Pairs of a training and a test image."
        )
        st.metric(
            "Different labels",
            f"{np.count_nonzero(near & other):,}{more}",
            help="Pairs of which at least one label must be wrong, or the classes overlap.",
        )
    if is_cut:
        st.caption(f"There are more pairs within this distance: only the {MOST_PAIRS:,} most alike are kept.")


def _render_gallery(
    data: Dataset, found: dict[str, np.ndarray], labels: np.ndarray, positions: np.ndarray, key: str
) -> None:
    shown = on_page(positions, PAGE_PAIRS, f"{key}_page")
    images, _ = resources.numbered_images(data.source)
    sides = images[found["numbers"][shown]]
    seam = np.full((len(shown), sides.shape[2], 1), SEAM, np.uint8)
    tiles = []
    for pair, (one, other) in zip(shown, labels[shown], strict=True):
        places = [place_of(data, int(number)) for number in found["numbers"][pair]]
        names = CLASS_NAMES[one] if one == other else f"{CLASS_NAMES[one]} | {CLASS_NAMES[other]}"
        leak = " · leak" if places[0].split != places[1].split else ""
        tiles.append(
            Tile(
                names,
                f"{found['distances'][pair]:.3f}{leak}",
                hint=f"{names}: x_{places[0].split}[{places[0].position}] and "
                f"x_{places[1].split}[{places[1].position}]",
                wrong=bool(one != other),
            )
        )
    clicked = render_gallery(
        np.concatenate([sides[:, 0], seam, sides[:, 1]], axis=2), tiles, key=key, size=150
    )
    if clicked is not None and clicked < len(shown):
        _open(data, found["numbers"][shown[clicked]], float(found["distances"][shown[clicked]]))


@st.dialog("Two images", width="large", icon=":material/compare:")
def _open(data: Dataset, numbers: np.ndarray, distance: float) -> None:
    images, labels = resources.numbered_images(data.source)
    pictures = images[numbers]
    difference = np.abs(pictures[0].astype(int) - pictures[1]).astype(np.uint8)
    for column, picture, number in zip(
        st.columns(3), (*pictures, difference), (*numbers.tolist(), None), strict=True
    ):
        with column:
            name = "Difference" if number is None else CLASS_NAMES[labels[number]]
            st.image(pixels.magnified(picture, ENLARGED), width="stretch", alt=name)
            st.markdown(f"**{name}**")
            if number is None:
                st.caption(f"At most {difference.max()} of 255; {distance:.3f} apart.")
            else:
                place = place_of(data, number)
                st.caption(
                    f"{place.words.capitalize()} image {place.position:,}: "
                    f"`x_{place.split}[{place.position}]`"
                )


def _table(
    data: Dataset, found: dict[str, np.ndarray], labels: np.ndarray, positions: np.ndarray
) -> pd.DataFrame:
    places = [[place_of(data, int(number)) for number in found["numbers"][pair]] for pair in positions]
    columns = {
        f"{name}_{side + 1}": [value(pair[side]) for pair in places]
        for side in (0, 1)
        for name, value in (
            ("array", lambda place: f"x_{place.split}"),
            ("number", lambda place: place.position),
        )
    }
    return pd.DataFrame(
        columns
        | {
            "label_1": labels[positions, 0],
            "label_2": labels[positions, 1],
            "distance": found["distances"][positions],
            "exact": found["exact"][positions],
        }
    )
