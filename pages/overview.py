"""What the studio is, what is loaded, what was trained last, and where to go next."""

from datetime import date

import numpy as np
import streamlit as st

from app import navigation, resources, state, work
from app.components.errors_told import errors_told
from app.components.gallery import Tile, render_gallery
from app.components.run_name import render_badge, without_links
from app.components.words import day_and_time
from fmnist_core.analysis.exploration import one_of_each
from fmnist_core.data.dataset import CLASS_NAMES, Dataset
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import Run, RunState

LAST_RUNS = 3
LOOK_SECONDS = 2
CURVE_POINTS = 60
FIRST = RECIPES["dense-100"]

WAYS = (
    ("Lessons", ":material/school:", "Ten short experiments: predict, run, and see who was right."),
    ("Explore", ":material/grid_view:", "Leaf through the images, class by class and pixel by pixel."),
    ("Train", ":material/model_training:", "Set up a network and watch its curves while it learns."),
    ("Evaluate", ":material/fact_check:", "See what a network gets right, and the images it gets wrong."),
    ("Classify", ":material/draw:", "Draw a garment, or bring a photo, and have it named."),
    ("Play", ":material/sports_esports:", "Draw what you are asked for, or name images against a network."),
)

data = resources.dataset()
store = resources.store()


def render_garments(data: Dataset) -> None:
    """One garment of every class, others each day; a click leads to its class."""
    positions = one_of_each(data.y_train, np.random.default_rng(date.today().toordinal()))
    labels = data.y_train[positions].tolist()
    tiles = [Tile(CLASS_NAMES[label], hint=f"{CLASS_NAMES[label]}: look at more") for label in labels]
    clicked = render_gallery(data.x_train[positions], tiles, key="garments", size=80)
    if clicked is not None:
        wanted = {state.CLASS: state.class_option(labels[clicked]), state.SPLIT: "Training", state.PAGE: "1"}
        st.switch_page(navigation.page("Explore"), query_params=wanted)


def render_data(data: Dataset) -> None:
    """Which images are loaded."""
    sizes = f"{len(data.x_train):,} to learn from and {len(data.x_test):,} to test with"
    if data.is_real:
        what = f":material/verified: **Fashion-MNIST** is loaded: {sizes}, every byte checked"
    else:
        what = f":material/brush: The **drawn wardrobe** is loaded: {sizes}"
    st.caption(f"{what} (fingerprint `{data.fingerprint}`).")


def render_first_training() -> None:
    """The way into an empty studio: one click trains the smallest network."""
    with st.container(border=True, key="first_training"):
        st.subheader("Train your first network", anchor=False)
        st.markdown(
            "One layer of 100 neurons: in about ten seconds it learns to tell the ten kinds of garment "
            "apart, and you can watch it do so."
        )
        if st.button(
            "Train it now",
            type="primary",
            icon=":material/play_arrow:",
            key="train_first",
            help=f"Starts the recipe {FIRST.name} at once and shows its curves.",
        ):
            with errors_told():
                run = work.start_run(FIRST, FIRST.config)
                st.switch_page(navigation.page("Train"), query_params={state.RUN: run.id})


@st.fragment(run_every=LOOK_SECONDS)
@errors_told()
def render_runs() -> None:
    """The last runs, kept up to date; before the first one, the way to it."""
    runs = store.runs(limit=LAST_RUNS)
    if not runs:
        render_first_training()
        return
    st.subheader("Last runs", anchor=False)
    for column, run in zip(st.columns(LAST_RUNS), runs, strict=False):
        with column.container(border=True, height="stretch", key=f"run_{run.id}"):
            render_run(run)
    st.page_link(navigation.page("Runs"), label="All runs", icon=":material/table_rows:", help="In a table.")


def render_run(run: Run) -> None:
    """A run as a card: its state, its accuracy and how it came there, and where to look closer."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        render_badge(run.state)
        st.caption(day_and_time(run.created), width="content")
    st.text(run.name)
    if run.state is RunState.FAILED:
        st.caption(without_links(run.error))
    else:
        render_accuracy(run)
    if run.has_model:
        st.page_link(
            navigation.page("Evaluate"),
            label="See where it errs",
            query_params={state.RUN: run.id},
            help="Opens Evaluate with this run.",
        )
    else:
        label = "See its curves" if run.state.is_ended() else "Watch it learn"
        st.page_link(
            navigation.page("Train"),
            label=label,
            query_params={state.RUN: run.id},
            help="Opens Train with this run.",
        )


def render_accuracy(run: Run) -> None:
    """How often a run is right, at the end or by now, and the curve that leads there."""
    curve = store.metrics(run.id, "step")["accuracy"]
    if run.has_model:
        on = "" if run.is_real else " on the drawn wardrobe"
        label, value = f"Test accuracy{on}", f"{run.result['test']['accuracy']:.1%}"
    else:
        label, value = "Training accuracy", f"{curve.iloc[-1]:.1%}" if len(curve) else "–"
    shown = curve[:: len(curve) // CURVE_POINTS + 1].tolist()
    # One point draws nothing, but keeps the place of the curve that is to come.
    st.metric(label, value, chart_data=shown or [0.0], help="The curve: accuracy on the training images.")


st.title("Fashion-MNIST Studio", anchor=False)
st.markdown(
    "Ten kinds of garment, 28 × 28 pixels each. Watch neural networks learn to tell them apart, "
    "find out where they err, and have them name what you draw."
)
render_garments(data)
render_data(data)
render_runs()
st.subheader("Where to go", anchor=False)
for column, (title, icon, words) in zip(st.columns(len(WAYS)), WAYS, strict=True):
    with column.container(border=True, height="stretch"):
        st.page_link(navigation.page(title), label=f"**{title}**", icon=icon, help=words)
        st.caption(words)
