"""The table of runs: sorted, ticked, and with the running ones up to date."""

import math
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from app import navigation, resources, state
from app.components.run_name import BADGES
from app.components.words import moment
from fmnist_core.config import RunConfig
from fmnist_core.models.outline import outline, total_parameters
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import Run

WATCH, EVALUATE = "watch_run", "evaluate_run"


def render_runs_table(runs: Sequence[Run], groups: Mapping[str, str]) -> None:
    """Shows runs as a table; which are ticked stands in the address.

    Args:
        runs: The runs, in the order in which they are shown at first.
        groups: The group of each that belongs to one, by its id.
    """
    ids = [run.id for run in runs]
    ticked = [ids.index(run_id) for run_id in state.chosen_runs() if run_id in ids]
    # Rows move when a run is added above them, and the browser knows rows, not runs.
    kept = st.session_state.get(state.RUNS_TABLE)
    if kept is None or sorted(kept["selection"]["rows"]) != sorted(ticked):
        st.session_state[state.RUNS_TABLE] = {"selection": {"rows": ticked, "columns": [], "cells": []}}

    def choose() -> None:
        rows = st.session_state[state.RUNS_TABLE]["selection"]["rows"]
        state.choose_runs(ids[row] for row in rows if row < len(ids))

    def open_run(key: str, page: str) -> None:
        row = st.session_state[key]["row"]
        if row < len(ids):
            st.switch_page(navigation.page(page), query_params={state.RUN: ids[row]})

    frame = pd.DataFrame([_row(run, groups.get(run.id)) for run in runs])
    st.dataframe(
        frame,
        hide_index=True,
        height=min(38 + 35 * len(runs), 640),
        key=state.RUNS_TABLE,
        on_select=choose,
        selection_mode="multi-row",
        column_config=_columns(open_run),
        placeholder="–",
        alt="The runs: tick two to six to compare them",
    )


def _row(run: Run, group: str | None) -> dict[str, object]:
    epochs, result, training = resources.validations(run), run.result, run.config.training
    curve = [value for value in epochs if not math.isnan(value)]
    percent = [100 * value for value in curve]
    return {
        "run": run.name,
        "state": [BADGES[run.state][0]],
        "watch": "Curves" if run.state.is_ended() else "Watch",
        "evaluate": "Errors" if run.has_model else None,
        "test": 100 * result["test"]["accuracy"] if run.has_model else None,
        "curve": curve,
        "best": max(percent, default=None),
        "last": percent[-1] if percent else None,
        "network": _network(run.config),
        "recipe": RECIPES[run.recipe].title if run.recipe in RECIPES else run.recipe,
        "settings": f"{training.optimizer} {training.learning_rate:g}, batch {training.batch_size}",
        "epochs": f"{result.get('epochs', len(epochs))} of {training.epochs}",
        "seed": training.seed,
        "data": data_words(run),
        "seconds": result.get("seconds"),
        "parameters": result.get("parameters") or total_parameters(outline(run.config)),
        "tags": list(run.tags),
        "note": run.note,
        "group": group,
        "created": moment(run.created),
    }


def data_words(run: Run) -> str:
    """What a run learns from, in a few words."""
    data = run.config.data
    parts = ["Fashion-MNIST" if run.is_real else "drawn wardrobe"]
    parts.append(f"{data.train_size:,} images" if data.train_size else "all images")
    if data.sketches:
        parts.append(f"{data.sketches:,} drawings")
    if data.augmentation.is_on:
        parts.append("augmented")
    if data.leave_out:
        parts.append(f"{len(data.leave_out):,} left out")
    return ", ".join(parts)


def _network(config: RunConfig) -> str:
    model = config.model
    sizes = next(
        (getattr(model, name) for name in ("widths", "filters", "units") if hasattr(model, name)), ()
    )
    return f"{model.kind} {'-'.join(map(str, sizes))}"


def _columns(open_run: Callable[[str, str], None]) -> dict[str, object]:
    columns = st.column_config
    percent = {"format": "%.2f%%", "width": 80}

    def link(page: str, key: str, width: int, help: str) -> object:
        return columns.ButtonColumn(
            page, key=key, type="tertiary", width=width, on_click=open_run, args=(key, page), help=help
        )

    return {
        "run": columns.TextColumn("Run", pinned=True, width=200, help="What it is called."),
        "state": columns.MultiselectColumn(
            "State",
            options=[label for label, _, _ in BADGES.values()],
            color=[colour for _, _, colour in BADGES.values()],
            width=90,
        ),
        "watch": link("Train", WATCH, 70, "Its curves."),
        "evaluate": link("Evaluate", EVALUATE, 75, "Where it errs."),
        "test": columns.NumberColumn("Test", **percent, help="Accuracy on the test images."),
        "curve": columns.LineChartColumn(
            "Validation", width=120, help="Validation accuracy, epoch by epoch."
        ),
        "best": columns.NumberColumn("Best", **percent, help="The highest validation accuracy."),
        "last": columns.NumberColumn("Last", **percent, help="The last validation accuracy."),
        "network": columns.TextColumn("Network", width=150, help="Its kind and the sizes of its layers."),
        "recipe": columns.TextColumn("Recipe", width=150, help="What it started from."),
        "settings": columns.TextColumn("Settings", width=160, help="Optimizer, learning rate, batch size."),
        "epochs": columns.TextColumn("Epochs", width=80, help="Epochs done, of those that were wanted."),
        "seed": columns.NumberColumn("Seed", format="%d", width=60, help="Fixes every random choice."),
        "data": columns.TextColumn("Data", width=200, help="What it learned from."),
        "seconds": columns.NumberColumn("Seconds", format="%.1f", width=80, help="Time of training."),
        "parameters": columns.NumberColumn(
            "Parameters", format="localized", width=100, help="Numbers that the network holds."
        ),
        "tags": columns.ListColumn("Tags", width=120, help="Words that its owner sorts it by."),
        "note": columns.TextColumn("Note", width=160, help="What its owner wrote about it."),
        "group": columns.TextColumn("Group", width=160, help="What it was started with."),
        "created": columns.DatetimeColumn("Started", format="D MMM, HH:mm", width=120),
    }
