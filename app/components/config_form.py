"""Setting up a run: a recipe to start from, then every setting by hand.

What a setting is called, what it means, its bounds and its choices come from the configuration itself.
"""

from contextlib import suppress
from dataclasses import replace
from typing import Any, get_args

import streamlit as st
from annotated_types import Ge, Gt, Le
from pydantic import BaseModel

from app import resources, state
from app.components.errors_told import errors_told
from app.components.field_row import field_row
from app.components.optional_number import optional_number
from app.components.recipe_choice import render_recipe_choice
from app.components.run_name import plain
from app.components.undo_changes import render_undo_changes
from app.components.words import counted
from fmnist_core.analysis.results import measured_accuracies, measured_sentence
from fmnist_core.config import (
    Augmentation,
    ConvolutionalNetwork,
    DataConfig,
    DenseNetwork,
    EarlyStopping,
    RecurrentNetwork,
    ResidualNetwork,
    RunConfig,
    TrainingConfig,
    setting_title,
)
from fmnist_core.errors import ConfigError
from fmnist_core.own_recipes import delete_recipe, restore_recipe
from fmnist_core.recipes import RECIPES, Recipe
from fmnist_core.runs import Run

NETWORKS: dict[str, type[BaseModel]] = {
    "dense": DenseNetwork,
    "convolutional": ConvolutionalNetwork,
    "recurrent": RecurrentNetwork,
    "residual": ResidualNetwork,
}
BATCH_SIZES = (8, 16, 32, 64, 128, 256, 512, 1024)


def render_config_form(like: Run | None = None) -> tuple[Recipe, RunConfig | None]:
    """Shows the form.

    Args:
        like: A run whose configuration fills it, in the place of a recipe's.

    Returns:
        The recipe it started from, and the configuration as it stands; None in its place, with the
        reason on the page, while a setting is not allowed.
    """
    if like:
        start = Recipe(like.id, like.name, "", "", None, like.config)
        same_images = like.fingerprint == resources.dataset().fingerprint
        return replace(start, name=like.recipe or ""), _settings(start, same_images)
    recipe = render_recipe_choice(
        state.RECIPE,
        "A prepared configuration to start from. Change anything below.",
        starts="start_training",
        bind="query-params",
    )
    _render_accuracy(recipe)
    _render_deletion(recipe)
    return recipe, _settings(recipe)


def _render_accuracy(recipe: Recipe) -> None:
    measured = measured_sentence(measured_accuracies(resources.store(), recipe.config))
    if recipe.name in RECIPES:
        st.caption(f"Published: {recipe.claim} **{measured}**")
    else:
        st.caption(f"**{measured}**")


def _settings(recipe: Recipe, same_images: bool = True) -> RunConfig | None:
    """Shows every setting; None for what is not allowed."""
    form = state.form(recipe.name)
    network, training, data = st.tabs(["Network", "Training", "Data"])
    defaults = recipe.config.to_dict()
    values: dict[str, Any] = {}
    problems: list[str] = []
    with network:
        values["model"] = _network(form, defaults["model"], problems)
    with training:
        values["training"] = _training(form, defaults["training"])
    with data:
        values["data"] = _data(form, defaults["data"], same_images)
    config = None
    try:
        config = RunConfig.parse(values)
    except ConfigError as error:
        problems.append(str(error))
    render_undo_changes(recipe.name, changed=bool(problems) or config != recipe.config)
    if problems:
        st.error(problems[0], icon=":material/tune:")
        return None
    return config


def _render_deletion(recipe: Recipe) -> None:
    """Deletes a recipe of one's own, and brings the one that was deleted last back."""

    def delete() -> None:
        # Where another tab was faster, it is deleted already.
        with suppress(ConfigError):
            delete_recipe(resources.store(), recipe.name)
        st.session_state[state.DELETED_RECIPE] = recipe.name
        st.session_state[state.RECIPE] = next(iter(RECIPES))

    def restore() -> None:
        st.session_state.pop(state.DELETED_RECIPE, None)
        with errors_told():
            st.session_state[state.RECIPE] = restore_recipe(resources.store(), deleted).name

    if recipe.name not in RECIPES:
        st.button(
            "Delete this recipe",
            icon=":material/delete:",
            type="tertiary",
            on_click=delete,
            help="Deletes this recipe of your own; right afterwards you can undo it.",
        )
    if deleted := st.session_state.get(state.DELETED_RECIPE):
        st.button(
            f"Undo: bring {plain(deleted)} back",
            icon=":material/undo:",
            type="tertiary",
            on_click=restore,
            help="The recipe that you deleted is kept for a day.",
        )


def _network(form: str, defaults: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    kind = st.segmented_control(
        setting_title("model.kind"),
        list(NETWORKS),
        default=defaults["kind"],
        format_func=str.capitalize,
        required=True,
        key=f"{form}:kind",
        persist_state="session",
        help="How the network looks at the picture: all pixels at once, by small patterns, row by row, "
        "or by small patterns with shortcuts.",
    )
    if kind != defaults["kind"]:
        defaults = NETWORKS[kind]().model_dump(mode="json")
    part = _Part(f"{form}:{kind}", NETWORKS[kind], defaults, problems)
    values: dict[str, Any] = {"kind": kind}
    match kind:
        case "dense":
            values["widths"] = part.numbers("widths")
        case "convolutional":
            values["filters"] = part.numbers("filters")
            values["convolutions"] = part.number("convolutions")
            values["dense_width"] = part.number("dense_width")
        case "recurrent":
            values["cell"] = part.choice("cell")
            values["units"] = part.numbers("units")
        case "residual":
            values["filters"] = part.numbers("filters")
            values["blocks"] = part.number("blocks")
    if kind != "recurrent":
        values["activation"] = part.choice("activation")
    with field_row():
        values["dropout"] = part.number("dropout", step=0.05)
        values["l2"] = part.number("l2", step=0.0001)
    values["batch_normalization"] = part.toggle("batch_normalization")
    return values


def _training(form: str, defaults: dict[str, Any]) -> dict[str, Any]:
    part = _Part(form, TrainingConfig, defaults)
    values: dict[str, Any] = {}
    with field_row():
        values["optimizer"] = part.choice("optimizer")
        values["learning_rate"] = part.number("learning_rate", step=0.001)
    with field_row():
        values["schedule"] = part.choice("schedule")
        values["weight_decay"] = part.number("weight_decay", step=0.0001)
    with field_row():
        values["epochs"] = part.number("epochs")
        values["batch_size"] = st.select_slider(
            setting_title("training.batch_size"),
            sorted({*BATCH_SIZES, defaults["batch_size"]}),
            defaults["batch_size"],
            key=f"{form}:batch_size",
            persist_state="session",
            help=TrainingConfig.model_fields["batch_size"].description,
        )
    values["loss"] = part.choice("loss")
    values["seed"] = part.number("seed")
    if values["loss"] == "categorical_crossentropy":
        values["label_smoothing"] = part.number("label_smoothing", step=0.05)
    early = defaults["early_stopping"]
    if st.toggle(
        setting_title("training.early_stopping"),
        early is not None,
        key=f"{form}:early_stopping",
        persist_state="session",
        help=TrainingConfig.model_fields["early_stopping"].description,
    ):
        stopping = _Part(f"{form}:early", EarlyStopping, early or EarlyStopping().model_dump())
        values["early_stopping"] = {
            "patience": stopping.number("patience"),
            "restore_best": stopping.toggle("restore_best"),
        }
    values["tensorboard"] = part.toggle("tensorboard")
    return values


def _data(form: str, defaults: dict[str, Any], same_images: bool) -> dict[str, Any]:
    part = _Part(form, DataConfig, defaults)
    values: dict[str, Any] = {}
    with field_row():
        values["train_size"] = part.number("train_size", step=1000, placeholder="all")
        values["validation_size"] = part.number("validation_size", step=1000)
    with field_row():
        values["normalisation"] = part.choice("normalisation")
        values["sketches"] = part.number("sketches", step=1000)
    if (left_out := len(defaults["leave_out"])) and st.toggle(
        f"Leave out {counted(left_out, 'training image')}, as that run did",
        same_images,
        key=f"{form}:leave_out",
        persist_state="session",
        disabled=not same_images,
        help="They are known by their numbers, so this goes only with the images that run learned from.",
    ):
        values["leave_out"] = defaults["leave_out"]
    st.markdown("**Augmentation**")
    augmentation = _Part(f"{form}:augmentation", Augmentation, defaults["augmentation"])
    flip = augmentation.toggle("flip")
    with field_row():
        shift = augmentation.number("shift", step=0.01)
        rotate = augmentation.number("rotate", step=1.0)
    with field_row():
        erase = augmentation.number("erase", step=0.05)
        zoom = augmentation.number("zoom", step=0.01)
    values["augmentation"] = {"flip": flip, "shift": shift, "rotate": rotate, "zoom": zoom, "erase": erase}
    return values


class _Part:
    """Widgets for the fields of one part of a configuration."""

    def __init__(
        self, prefix: str, model: type[BaseModel], defaults: dict[str, Any], problems: list[str] | None = None
    ) -> None:
        """Widgets whose keys begin with `prefix`; what cannot be read goes to `problems`."""
        self._prefix, self._fields, self._defaults = prefix, model.model_fields, defaults
        self._problems = [] if problems is None else problems

    def _common(self, name: str) -> dict[str, Any]:
        return {
            "label": self._fields[name].title,
            "key": f"{self._prefix}:{name}",
            "help": self._fields[name].description,
            "persist_state": "session",
        }

    def number(self, name: str, **options: Any) -> float | None:
        bounds: dict[str, Any] = {}
        for limit in self._fields[name].metadata:
            match limit:
                case Ge(ge=least):
                    bounds["min_value"] = least
                case Gt(gt=least):
                    bounds["min_value"] = least
                case Le(le=most):
                    bounds["max_value"] = most
        value = self._defaults[name]
        kind = float if isinstance(value, float) else int
        bounds = {key: kind(limit) for key, limit in bounds.items()}
        if kind is float:
            # Any fixed number of digits would show another value than the one that is trained with.
            options["format"] = "%.5g"
        if "placeholder" in options:
            return optional_number(value=value, **bounds, **options, **self._common(name))
        return st.number_input(value=value, **bounds, **options, **self._common(name))

    def choice(self, name: str) -> str:
        choices = get_args(self._fields[name].annotation)
        return st.selectbox(
            options=choices,
            index=choices.index(self._defaults[name]),
            format_func=lambda choice: choice.replace("_", " "),
            **self._common(name),
        )

    def toggle(self, name: str) -> bool:
        return st.toggle(value=self._defaults[name], **self._common(name))

    def numbers(self, name: str) -> list[int]:
        text = st.text_input(value=", ".join(map(str, self._defaults[name])), **self._common(name))
        try:
            return [int(part) for part in text.replace(",", " ").split()]
        except ValueError:
            self._problems.append(
                f"{self._fields[name].title}: write whole numbers like 300, 100, not {text!r}."
            )
            return self._defaults[name]
