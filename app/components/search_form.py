"""Setting up a search: where it starts, what varies and how far, how it chooses, and where it ends."""

from typing import Any

import streamlit as st

from app import state, work
from app.charts_search import NAMES, setting_text
from app.components.errors_told import errors_told
from app.components.field_row import field_row
from app.components.kept_button import kept_button
from app.components.optional_number import optional_number
from app.components.recipe_choice import render_recipe_choice
from app.components.undo_changes import render_undo_changes
from fmnist_core.config import TRAIN_IMAGES, RunConfig, setting_title
from fmnist_core.errors import ConfigError
from fmnist_core.search.searches import MOST_MINUTES, MOST_TRIALS, PRUNERS, SAMPLERS, Plan, plan_search
from fmnist_core.search.space import (
    GRID_POINTS,
    Axis,
    Choice,
    Range,
    grid_size,
    prepared_space,
    settings_that_vary,
)

FIRST_EPOCHS = 5
FIRST_TRIALS = 30


def render_search_form() -> None:
    """Shows the form; its button begins the search and leads to it."""
    begin, vary = st.columns([2, 3], gap="medium")
    problems: list[str] = []
    plan = None
    with begin, st.container(border=True):
        recipe, start, config = _start(problems)
        sampler, pruner = _way()
    with vary, st.container(border=True):
        space = _space(recipe, config, problems)
        changed = config != start or space != prepared_space(start.model.kind)
        render_undo_changes(_form(recipe), changed=bool(problems) or changed)
    try:
        plan = plan_search(config, space, recipe=recipe, sampler=sampler, pruner=pruner)
    except ConfigError as error:
        problems.append(str(error))
    if problems:
        plan = None
        vary.error(problems[0], icon=":material/tune:")
    with vary, st.container(border=True):
        if plan and plan.sampler == "grid":
            st.caption(
                f"The grid has **{grid_size(plan.space):,} combinations**: every choice, and {GRID_POINTS} "
                "values of each range."
            )
        _render_start(plan, *_budget())


def _form(recipe: str) -> str:
    return f"tune:{recipe}"


def _start(problems: list[str]) -> tuple[str, RunConfig, RunConfig]:
    """Shows what all trials have in common; returns the recipe, and that as it was first and as it is now."""
    st.subheader("Start from", anchor=False)
    recipe = render_recipe_choice(
        "tune_recipe",
        "What every trial has in common; the settings that vary take its place.",
        starts="start_search",
    )
    name, config = recipe.name, recipe.config
    start = config.with_values({"training.epochs": min(config.training.epochs, FIRST_EPOCHS)})
    form = state.form(_form(name))
    with field_row():
        epochs = st.number_input(
            "Epochs of a trial",
            1,
            1000,
            start.training.epochs,
            key=f"{form}:epochs",
            persist_state="session",
            help="How long each trial learns, unless it is cut short; few epochs find what is worth many.",
        )
        images = optional_number(
            "Training images",
            config.data.train_size,
            min_value=1,
            max_value=TRAIN_IMAGES,
            step=1000,
            placeholder="all",
            key=f"{form}:train_size",
            persist_state="session",
            help="Fewer images make quicker trials; empty means all there are.",
        )
    try:
        return name, start, start.with_values({"training.epochs": epochs, "data.train_size": images})
    except ConfigError as error:
        problems.append(str(error))
        return name, start, start


def _way() -> tuple[str, str]:
    st.subheader("Search", anchor=False)
    sampler = st.selectbox(
        "What to try next",
        list(SAMPLERS),
        format_func=NAMES.__getitem__,
        key="tune_sampler",
        persist_state="session",
        help=" ".join(f"**{NAMES[name]}**: {words}\n\n" for name, words in SAMPLERS.items()),
    )
    st.caption(SAMPLERS[sampler])
    pruner = st.selectbox(
        "Cut short",
        list(PRUNERS),
        format_func=NAMES.__getitem__,
        key="tune_pruner",
        persist_state="session",
        help=" ".join(f"**{NAMES[name]}**: {words}\n\n" for name, words in PRUNERS.items()),
    )
    st.caption(PRUNERS[pruner])
    return sampler, pruner


def _budget() -> tuple[int | None, float | None]:
    with field_row():
        trials = optional_number(
            "Trials",
            FIRST_TRIALS,
            min_value=1,
            max_value=MOST_TRIALS,
            placeholder="no limit",
            key="tune_trials",
            persist_state="session",
            help="The search ends after so many trials; empty means that only the time counts.",
        )
        minutes = st.number_input(
            "Minutes",
            1,
            MOST_MINUTES,
            None,
            placeholder="no limit",
            key="tune_minutes",
            persist_state="session",
            help="No trial begins after so many minutes of training; those in which it waits for other runs "
            "do not count. Empty means that only the trials do.",
        )
    return trials, minutes


def _space(recipe: str, config: RunConfig, problems: list[str]) -> dict[str, Axis]:
    offered = settings_that_vary(config.model.kind)
    if config.training.loss != "categorical_crossentropy":
        del offered["training.label_smoothing"]
    form = state.form(_form(recipe))
    st.subheader("What varies", anchor=False)
    fields = st.multiselect(
        "Settings to vary",
        list(offered),
        list(prepared_space(config.model.kind)),
        format_func=setting_title,
        key=f"{form}:fields",
        persist_state="session",
        help=f"Those that usually matter most for a {config.model.kind} network are chosen already.",
    )
    return {field: _axis(f"{form}:{field}", field, offered[field], problems) for field in fields}


def _axis(key: str, field: str, axis: Axis, problems: list[str]) -> Axis:
    if isinstance(axis, Range):
        return _range(key, field, axis)
    if isinstance(axis.values[0], list):
        return _lists(key, field, axis, problems)
    chosen = st.pills(
        setting_title(field),
        axis.values,
        selection_mode="multi",
        default=axis.values,
        format_func=setting_text,
        key=key,
        persist_state="session",
        help="The values that are tried; a click takes one out or in.",
    )
    return Choice(values=tuple(chosen))


def _range(key: str, field: str, axis: Range) -> Range:
    row = field_row()
    kind: Any = int if axis.whole else float
    options: dict[str, Any] = {} if axis.whole else {"format": "%.5g", "step": axis.high / 100}
    return Range(
        low=row.number_input(
            f"{setting_title(field)} from",
            value=kind(axis.low),
            key=f"{key}:low",
            persist_state="session",
            help="The smallest value that is tried.",
            **options,
        ),
        high=row.number_input(
            "to",
            value=kind(axis.high),
            key=f"{key}:high",
            persist_state="session",
            help=f"The largest value of {setting_title(field).lower()} that is tried.",
            **options,
        ),
        log=row.toggle(
            "log",
            axis.log,
            width="content",
            key=f"{key}:log",
            persist_state="session",
            help="Tries small values as often as large ones: from 0.001 to 0.01 as much as from 0.01 to 0.1.",
        ),
        whole=axis.whole,
    )


def _lists(key: str, field: str, axis: Choice, problems: list[str]) -> Choice:
    text = st.text_input(
        f"{setting_title(field)} to choose from",
        "; ".join(", ".join(map(str, value)) for value in axis.values),
        key=key,
        persist_state="session",
        help="One list of numbers per layer plan, first layer to last, with semicolons between the plans.",
    )
    try:
        return Choice(
            values=tuple([int(part) for part in plan.replace(",", " ").split()] for plan in text.split(";"))
        )
    except ValueError:
        problems.append(f"{setting_title(field)}: write plans like 64; 128; 256, 128, not {text!r}.")
        return axis


def _render_start(plan: Plan | None, trials: int | None, minutes: float | None) -> None:
    name = st.text_input(
        "Name",
        placeholder="optional",
        max_chars=80,
        key="tune_name",
        persist_state="session",
        help="What to call it.",
    )
    if kept_button(
        "Start the search",
        "start_search",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=plan is None,
        help="Every trial is a run on the engine: you may leave this page, the search goes on.",
    ):
        with errors_told():
            work.start_search(plan, name, trials, minutes)
            st.rerun()
