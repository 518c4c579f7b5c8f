"""What leaving out the most suspect images changes: a run without them, beside the same one with them."""

import numpy as np
import pandas as pd
import streamlit as st

from app import navigation, resources, state, work
from app.components.errors_told import errors_told
from app.components.run_name import plain
from fmnist_core.analysis.results import leaving_out
from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset
from fmnist_core.recipes import RECIPES, Recipe
from fmnist_core.runs import Run

FIRST_RECIPE = "dense-300-100"
MOST = 10_000

LOOK_SECONDS = 1.0
"""How often the runs are looked at while one of them trains or waits."""


def render_leave_out(data: Dataset, suspects: np.ndarray, doubted: int) -> None:
    """Starts runs without the most suspect images, and lists them beside the same runs with all images.

    Args:
        data: The data set.
        suspects: Numbers of training images, the most suspect first, `(m,)`.
        doubted: How many of them are doubted.
    """
    st.subheader("What leaving them out changes", anchor=False)
    st.markdown(
        "Train without the most suspect images of all classes, and once with all of them. The test images "
        "stay as they are, **wrong labels among them included**, and so do the validation images."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Recipe",
            list(RECIPES),
            list(RECIPES).index(FIRST_RECIPE),
            format_func=lambda name: RECIPES[name].title,
            key="leave_out_recipe",
            persist_state="session",
            width=280,
            help="How the network is built and trained.",
        )
        recipe = RECIPES[name]
        learned = suspects[suspects < len(data.y_train) - recipe.config.data.validation_size]
        count = st.number_input(
            "Leave out",
            1,
            min(MOST, len(learned)),
            min(max(doubted, 1), 500, len(learned)),
            step=100,
            key=f"leave_out_{len(learned)}",
            persist_state="session",
            width=160,
            help="How many of the most suspect images; those that validate are not counted.",
        )
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            key="leave_out_seed",
            persist_state="session",
            width=120,
            help="Fixes every random choice. With several seeds you see how much is chance.",
        )
    whole = recipe.config.with_values({"training.seed": seed})
    without = whole.with_values({"data.leave_out": learned[:count].tolist()})
    with st.container(horizontal=True):
        _render_start(
            recipe, without, f"Train without {count:,}", f"{recipe.title}, {count:,} suspects left out"
        )
        _render_start(recipe, whole, "Train with all", f"{recipe.title}, with all images")
    live = not _all_ended(leaving_out(resources.store(), data.fingerprint))
    st.fragment(_render_runs, run_every=LOOK_SECONDS if live else None)(data, live)


def _render_start(recipe: Recipe, config: RunConfig, label: str, name: str) -> None:
    if not st.button(
        label,
        icon=":material/play_arrow:",
        key=f"train_{'without' if config.data.leave_out else 'with'}",
        help="Trains on the engine, as an ordinary run: you may leave this page.",
    ):
        return
    with errors_told():
        run = work.start_run(recipe, config, name)
        st.page_link(
            navigation.page("Train"),
            label=f"{plain(run.name)}: watch it",
            icon=":material/show_chart:",
            query_params={state.RUN: run.id},
            help="Shows its curves while it learns.",
        )


def _all_ended(pairs: list[tuple[Run, Run | None]]) -> bool:
    return all(run.state.is_ended() for pair in pairs for run in pair if run)


def _percent(run: Run | None) -> float | None:
    return 100 * run.result["test"]["accuracy"] if run and run.has_model else None


@errors_told()
def _render_runs(data: Dataset, live: bool) -> None:
    pairs = leaving_out(resources.store(), data.fingerprint)
    if live and _all_ended(pairs):
        st.rerun()
    if not pairs:
        st.caption("No run has left images out yet.")
        return
    table = pd.DataFrame(
        {
            "run": [run.name for run, _ in pairs],
            "state": [str(run.state) for run, _ in pairs],
            "left out": [len(run.config.data.leave_out) for run, _ in pairs],
            "seed": [run.config.training.seed for run, _ in pairs],
            "without them": [_percent(run) for run, _ in pairs],
            "with all": [_percent(whole) for _, whole in pairs],
        },
    ).astype({"without them": float, "with all": float})
    table["difference"] = table["without them"] - table["with all"]
    percent = st.column_config.NumberColumn(format="%.2f%%", help="Accuracy on the test images.")
    st.dataframe(
        table,
        hide_index=True,
        key="left_out_runs",
        column_config={
            "without them": percent,
            "with all": percent,
            "difference": st.column_config.NumberColumn(
                format="%+.2f", help="In points of a percent; another seed alone makes a difference, too."
            ),
        },
    )
