"""Every name that pages keep in the session or in the address, in one place.

Only what a visitor looks at is kept here; what matters lives in the store.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, NamedTuple

import streamlit as st

from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.lessons.lesson import learner_name

RUN = "run"
"""Query parameter and session key of the run that is looked at."""

RUNS = "runs"
"""Query parameter of the runs, and groups of repeats, that are chosen in the table or compared."""

RUNS_TABLE, COMPARED_RUNS = "runs_table", "compared_runs"
"""Widget keys of the table of runs, and of the choice of what is compared."""

SEARCH, STATE, TAG, GROUP = "search", "state", "tag", "group"
"""Query parameters and widget keys of which runs are listed: words, states, tags, a group."""

DELETED = "deleted"
"""Session key of the runs that were just thrown into the bin, for who wants them back at once."""

LIKE = "like"
"""Query parameter of the run whose configuration fills the form."""

COMPARED_LOOK, AGAINST = "view", "against"
"""Query parameters and widget keys of how runs are compared, and of which two of them."""

CURVES_BY, CURVES_OF = "by", "curves"
"""Query parameters and widget keys of what compared curves run over, and of which curves there are."""


_FORMS = "forms"

RECIPE = "recipe"
"""Query parameter and widget key of the recipe that a run starts from: its title, as Streamlit has it."""

PICKED_RUN = "picked_run"
"""Widget key of the choice of a run."""

SPLIT = "split"
"""Query parameter and widget key of the part of the data set that is looked at."""

CLASS = "class"
"""Query parameter and widget key of the class whose images are looked at, written by `class_option`."""

PAGE = "page"
"""Query parameter and widget key of the page of images that is looked at."""

IMAGE = "image"
"""Query parameter of the image that is looked at up close."""

CLOSE_UP = "close_up"
"""Name of the image view in which it is."""

LOOK = "look"
"""Query parameter and widget key of how a run's answers are looked at."""

TRUE_CLASS = "true"
"""Query parameter and widget key of the true class whose mistakes are looked at."""

PREDICTED_CLASS = "predicted"
"""Query parameter and widget key of the predicted class whose mistakes are looked at."""

ORDER = "order"
"""Query parameter and widget key of the order in which mistakes are looked at."""

SAMPLE = "sample"
"""Query parameter of the random choice of images that is looked at."""

KIND, STRENGTH = "change", "strength"
"""Query parameters of how the test images are changed, and how much: the number of the strength; the first is
a widget key too."""

STUDY, TRIAL = "study", "trial"
"""Query parameters of the search that is looked at, and of the number of its trial that is."""

DELETED_RECIPE = "deleted_recipe"
"""Session key of the recipe of one's own that was deleted last."""

BESIDE = "beside"
"""Query parameter and widget key of the run that another one is compared with."""

FINDINGS = "findings"
"""Query parameter and widget key of what may be wrong with the data set."""

INPUT = "input"
"""Query parameter and widget key of where the picture to classify comes from."""

KNOWN_SPLIT, KNOWN_IMAGE = "of", "number"
"""Query parameters and widget keys of the image of the data set to classify: `Test` or `Training`, and its
number."""

CLOSER = "closer"
"""Widget key of the way in which an answer is looked at more closely."""

PICTURE = "picture"
"""Query parameter of the image whose answer is explained, as `Place.address` writes it."""

EXPLAINED_SPLIT, EXPLAINED_NUMBER = "explained_split", "explained_number"
"""Widget keys of the choice of that image; the address decides what they show."""

REASON = "why"
"""Query parameter and widget key of the way in which an answer is explained."""

MAP_SPACE, MAP_METHOD = "space", "method"
"""Query parameters and widget keys of what is mapped, and how."""

NORMALISATION, LOGARITHMIC = "normalisation", "logarithmic"
"""Query parameters and widget keys of how the pixels' values are shown."""

MAPPED = "mapped"
"""Session key of the picture, 28×28, that Classify sent to the map."""

PAIR = "pair"
"""Session key of the two confused classes whose mistakes are looked at, and of how many clicks led there."""

MOVED = "moved"
"""Session key of the cell in which two confusion matrices are compared, and of how many clicks led there."""

UPLOAD = "upload"
"""Session key of the uploaded picture that is looked at, by its file id."""

BUNDLE = "bundle"
"""Widget key of the bundle that a run is brought in from."""

GAME = "game"
"""Query parameter and widget key of the game that is played."""

LESSON = "lesson"
"""Query parameter of the lesson that is taken."""

LEARNER = "learner"
"""Query parameter and session key of the learner's name."""

TYPED_LEARNER = "typed_learner"
"""Widget key of the learner's name while it is typed."""

DRAWING_GAME, NAMING_GAME = "drawing_game", "naming_game"
"""Session keys of the games, as far as they have got; of the second with the data set that it is about."""

NAMED_AT = "named_at"
"""Session key of the moment of the last name that was given in the second game."""

_DRAWINGS = "drawings"

_WAYS = "ways"


DOUBLE_CLICK_SECONDS = 0.4
"""A second click within it was not meant for what the first one brought."""

ONE_WISH_SECONDS = 2.0
"""Two clicks on the same thing within this time are a double click."""

XSRF_COOKIE = "_streamlit_xsrf"
"""By this cookie Streamlit knows a browser again."""


def asked_run() -> str | None:
    """The run that the address names, if any; it may be gone."""
    return st.query_params.get(RUN)


def wished_runs() -> list[str]:
    """The run that the address names, and then the one looked at last on any page; both may be gone."""
    return [run_id for run_id in (asked_run(), st.session_state.get(RUN)) if run_id]


def select_run(run_id: str) -> None:
    """Makes `run_id` the one that is looked at, here and on the other pages."""
    st.session_state[RUN] = run_id
    st.query_params[RUN] = run_id


def look_at_run(run_id: str) -> None:
    """The same, but the address of this page stays as it is."""
    st.session_state[RUN] = run_id


def show_run(run_id: str) -> None:
    """The same, but an address that names a run stays as it is, also when that one is gone."""
    st.session_state[RUN] = run_id
    if not asked_run():
        st.query_params[RUN] = run_id


def chosen_runs() -> list[str]:
    """The ids of the runs, and groups of repeats, that the address names, in its order."""
    return [name for name in dict.fromkeys(st.query_params.get(RUNS, "").split(",")) if name]


def choose_runs(ids: Iterable[str]) -> None:
    """Makes these the runs that the address names."""
    if names := ",".join(ids):
        st.query_params[RUNS] = names
    else:
        st.query_params.pop(RUNS, None)


def selected_study() -> str | None:
    """The search that the address names."""
    return st.query_params.get(STUDY)


def select_study(search_id: str | None) -> None:
    """Makes a search the one that is looked at, or none."""
    st.query_params.pop(TRIAL, None)
    if search_id is None:
        st.query_params.pop(STUDY, None)
    else:
        st.query_params[STUDY] = search_id


def form(name: str) -> str:
    """What the keys of the fields of a form begin with: what was typed there belongs to it for good."""
    return name + "'" * st.session_state.get(_FORMS, {}).get(name, 0)


def begin_form_anew(name: str) -> None:
    """Puts a new form in the place of the one of this name: its fields show their defaults."""
    begun = st.session_state.get(_FORMS, {})
    st.session_state[_FORMS] = begun | {name: begun.get(name, 0) + 1}


def _number(text: str) -> int | None:
    """A number from 0 as an address writes it; None for what is none, or is too long to be meant."""
    return int(text) if text.isdecimal() and len(text) < 20 else None


def heed_address(key: str, default_words: str, default: Any) -> None:
    """Has an address that names the default of a control mean it.

    Streamlit drops a default from the address, and would go on to show what was chosen before. It writes none
    there itself, so that who names one is a link.

    Args:
        key: Name of the control, before it is drawn.
        default_words, default: Its default, as the address has it and as it is.
    """
    if st.query_params.get(key) == default_words:
        st.session_state[key] = default


def known_image_can_be_read() -> bool:
    """Whether the address names no image of the data set, or does so by a number that can be meant."""
    return _number(st.query_params.get(KNOWN_IMAGE, "0")) is not None


def selected_trial() -> int | None:
    """The number of the trial that the address names, if any."""
    return _number(st.query_params.get(TRIAL, ""))


def select_trial(number: int) -> None:
    """Makes the trial of this number the one that is looked at."""
    st.query_params[TRIAL] = str(number)


def learner() -> str:
    """The name that the learner has typed, or the address names; empty when there is none."""
    return learner_name(st.query_params.get(LEARNER) or st.session_state.get(LEARNER, ""))


def be_learner(name: str) -> None:
    """Makes this the learner's name, here and when the page is opened again."""
    st.session_state[LEARNER] = learner_name(name)
    st.query_params[LEARNER] = st.session_state[LEARNER]


def lesson_address(name: str | None) -> dict[str, str]:
    """What a link to a lesson, or to the list of them, has to say."""
    wanted = {LESSON: name, LEARNER: learner()}
    return {parameter: value for parameter, value in wanted.items() if value}


def class_option(label: int) -> str:
    """A class as controls and the address write it: its name and its label."""
    return f"{CLASS_NAMES[label]} ({label})"


def opened_image() -> int | None:
    """The number of the image that the address names, if any."""
    return _number(st.query_params.get(IMAGE, ""))


def open_image(number: int) -> None:
    """Makes the image of this number the one that is looked at up close, where nobody went on from it yet."""
    start_again(CLOSE_UP)
    st.query_params[IMAGE] = str(number)


def close_image() -> None:
    """Looks at no image up close any more."""
    st.query_params.pop(IMAGE, None)


def sample_seed() -> int:
    """The seed of the random choice that the address names, or else 0."""
    return _number(st.query_params.get(SAMPLE, "")) or 0


def draw_other_sample() -> None:
    """Makes the next random choice the one that is looked at."""
    st.query_params[SAMPLE] = str(sample_seed() + 1)


class Place(NamedTuple):
    """Where an image is in its data set.

    Attributes:
        split: `train` or `test`.
        position: Its place there, counted from 0.
    """

    split: str
    position: int

    @property
    def words(self) -> str:
        """The split in words: `training` or `test`."""
        return "training" if self.split == "train" else "test"

    @property
    def address(self) -> str:
        """The place as links write it: `test-17`."""
        return f"{self.split}-{self.position}"


def explained_place() -> Place | None:
    """The image that the address names to be explained, if any; there may be no such image."""
    split, _, position = st.query_params.get(PICTURE, "").partition("-")
    number = _number(position)
    return Place(split, number) if split in ("train", "test") and number is not None else None


def explain_place(place: Place) -> None:
    """Makes this image the one whose answer is explained."""
    st.query_params[PICTURE] = place.address


def map_choice(map_key: str) -> str:
    """Session key of the images that were chosen last on the map of this key."""
    return f"chosen_{map_key}"


def followed(view: str, start: Place) -> Place:
    """The image that a visitor has gone on to, in the image view of this name, from the one at `start`."""
    begun, way = st.session_state.get(_WAYS, {}).get(view, (start, []))
    return way[-1] if begun == start and way else start


def follow(view: str, start: Place, place: Place) -> None:
    """Goes on to another image in the image view of this name."""
    ways = st.session_state.setdefault(_WAYS, {})
    begun, way = ways.get(view, (start, []))
    ways[view] = (start, [*(way if begun == start else []), place])


def step_back(view: str) -> None:
    """Goes back to the image before."""
    begun, way = st.session_state[_WAYS][view]
    st.session_state[_WAYS][view] = (begun, way[:-1])


def start_again(view: str) -> None:
    """Forgets where the visitor went in the image view of this name."""
    st.session_state.get(_WAYS, {}).pop(view, None)


def strength(count: int, default: int) -> int:
    """The number of the strength that the address names, below `count`, or else the default."""
    number = _number(st.query_params.get(STRENGTH, ""))
    return number if number is not None and number < count else default


def choose_strength(number: int) -> None:
    """Makes the strength of this number the one that is looked at."""
    st.query_params[STRENGTH] = str(number)


@dataclass
class _Wishes:
    """Who wished for what, when, and what the wish is called; shared by every tab."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    made: dict[tuple[str, ...], tuple[str, float]] = field(default_factory=dict)


@st.cache_resource(show_spinner=False)
def _wishes() -> _Wishes:
    return _Wishes()


def wish(what: str) -> str:
    """A name for the wish to have `what`; within a moment the same one again, also from another tab of the
    same browser: a double click is one wish."""
    now, wishes = time.monotonic(), _wishes()
    address = st.context.ip_address  # None on this machine itself
    visitor = address if isinstance(address, str) else ""
    key = (visitor, st.context.headers.get("User-Agent", ""), _browser(), what)
    with wishes.lock:
        recent = {who: made for who, made in wishes.made.items() if now - made[1] <= ONE_WISH_SECONDS}
        made = recent.setdefault(key, (secrets.token_hex(8), now))
        wishes.made = recent
    return made[0]


def _browser() -> bytes:
    """What tells a browser from another one of the same address, as a class behind one proxy has: the token
    that Streamlit gives each of them, in a cookie as version, mask, masked token and time."""
    try:
        _, mask, masked, _ = st.context.cookies.get(XSRF_COOKIE, "").split("|")
        return bytes(one ^ other for one, other in zip(bytes.fromhex(masked), cycle(bytes.fromhex(mask))))
    except ValueError:
        return b""


class Drawing(NamedTuple):
    """What is drawn on a canvas.

    Attributes:
        number: Of the canvas; one of another number is another one.
        begun: The strokes that it began with.
        strokes: Those that are on it now.
    """

    number: int
    begun: list[dict[str, Any]]
    strokes: list[dict[str, Any]]


def drawing(canvas: str) -> Drawing:
    """What is on the canvas of this name, or was when it left the screen."""
    return st.session_state.get(_DRAWINGS, {}).get(canvas, Drawing(0, [], []))


def draw_anew(canvas: str, strokes: list[dict[str, Any]]) -> None:
    """Puts a new canvas in the place of the one of this name; it begins with `strokes`."""
    _keep_drawing(canvas, Drawing(drawing(canvas).number + 1, strokes, strokes))


def keep_strokes(canvas: str, strokes: list[dict[str, Any]]) -> None:
    """Keeps what is on the canvas of this name until it comes back to the screen."""
    _keep_drawing(canvas, drawing(canvas)._replace(strokes=strokes))


def _keep_drawing(canvas: str, drawn: Drawing) -> None:
    st.session_state[_DRAWINGS] = st.session_state.get(_DRAWINGS, {}) | {canvas: drawn}


def digest(content: bytes) -> str:
    """A short name of what a widget is about: with it in the key, other content has another widget."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()
