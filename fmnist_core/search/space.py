"""Which settings a search varies, and over which values."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from fmnist_core.config import RunConfig
from fmnist_core.errors import ConfigError

GRID_POINTS = 4
"""Values that a grid takes from a range, both ends among them."""

Value = bool | int | float | str
"""What a setting is in a trial; a list of numbers is written as `300-100`."""


class Range(BaseModel):
    """All numbers from `low` to `high`, both included.

    Attributes:
        log: Whether each factor counts the same, as from 0.001 to 0.01 and from 0.01 to 0.1.
        whole: Whether only whole numbers are taken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    low: float
    high: float
    log: bool = False
    whole: bool = False


class Choice(BaseModel):
    """One of several values in no order: numbers, words, yes and no, or lists of numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    values: Annotated[tuple[Any, ...], Field(max_length=30)]


Axis = Range | Choice
Space = dict[str, Axis]
"""A search space: axes by dotted setting, as in `training.learning_rate`."""

_SPACE: TypeAdapter[Space] = TypeAdapter(Space)

_COMMON: Space = {
    "training.learning_rate": Range(low=1e-4, high=1e-1, log=True),
    "training.batch_size": Choice(values=(32, 64, 128, 256)),
    "training.optimizer": Choice(values=("sgd", "momentum", "adam", "adamw", "rmsprop")),
    "training.schedule": Choice(values=("constant", "cosine", "one_cycle", "exponential")),
    "training.weight_decay": Range(low=1e-5, high=1e-1, log=True),
    "training.label_smoothing": Range(low=0, high=0.2),
    "model.dropout": Range(low=0, high=0.5),
    "model.l2": Range(low=1e-6, high=1e-2, log=True),
    "model.batch_normalization": Choice(values=(False, True)),
    "data.normalisation": Choice(values=("scale", "standardise")),
    "data.augmentation.flip": Choice(values=(False, True)),
    "data.augmentation.shift": Range(low=0, high=0.1),
    "data.augmentation.rotate": Range(low=0, high=15),
    "data.augmentation.zoom": Range(low=0, high=0.15),
    "data.augmentation.erase": Range(low=0, high=0.5),
}

_ACTIVATION: Space = {"model.activation": Choice(values=("relu", "gelu", "elu", "tanh"))}

_OF_KIND: dict[str, Space] = {
    "dense": {
        "model.widths": Choice(values=([64], [128], [256], [256, 128], [300, 100], [512, 256, 128])),
        **_ACTIVATION,
    },
    "convolutional": {
        "model.filters": Choice(values=([16, 32], [32, 64], [32, 64, 128])),
        "model.convolutions": Range(low=1, high=2, whole=True),
        "model.dense_width": Choice(values=(64, 128, 256)),
        **_ACTIVATION,
    },
    "recurrent": {
        "model.cell": Choice(values=("gru", "lstm")),
        "model.units": Choice(values=([64], [128], [256], [128, 128])),
    },
    "residual": {
        "model.filters": Choice(values=([8, 16, 32], [16, 32, 64])),
        "model.blocks": Range(low=1, high=3, whole=True),
        **_ACTIVATION,
    },
}

_PREPARED: dict[str, tuple[str, ...]] = {
    "dense": ("model.widths", "model.dropout", "training.learning_rate", "training.batch_size"),
    "convolutional": ("model.filters", "model.dense_width", "model.dropout", "training.learning_rate"),
    "recurrent": ("model.cell", "model.units", "training.learning_rate", "training.batch_size"),
    "residual": ("model.filters", "model.blocks", "training.learning_rate", "data.augmentation.shift"),
}


def settings_that_vary(kind: str) -> Space:
    """Every setting that a search over networks of this kind can vary, each with a range to start from."""
    return _OF_KIND[kind] | _COMMON


def prepared_space(kind: str) -> Space:
    """The space to start with for networks of this kind: what usually matters most."""
    return {name: settings_that_vary(kind)[name] for name in _PREPARED[kind]}


def parse_space(config: RunConfig, values: Mapping[str, Any]) -> Space:
    """Checks a space for trials that are `config` but for what varies.

    Args:
        config: Where the trials start from.
        values: Axes by setting, or what JSON makes of them.

    Raises:
        ConfigError: naming the setting at fault, and what is allowed.
    """
    try:
        space = _SPACE.validate_python(dict(values))
    except ValidationError as error:
        field = error.errors()[0]["loc"][0]
        raise ConfigError(
            f"{field} needs a range from low to high, or a list of at most 30 values."
        ) from error
    if not space:
        raise ConfigError("A search needs a setting to vary: choose one or more.")
    for field, axis in space.items():
        if field not in settings_that_vary(config.model.kind):
            raise ConfigError(f"{field} cannot vary in a search over {config.model.kind} networks.")
        taken = [
            _look_up(config.with_values({field: value}).to_dict(), field) for value in _examples(field, axis)
        ]
        if isinstance(axis, Choice):
            # As the configuration has them: it takes 0 and "off" for False.
            space[field] = Choice(values=tuple(taken))
            _examples(field, space[field])
    return space


def parse_variations(config: RunConfig, texts: Sequence[str]) -> Space:
    """Reads what varies from words like `model.dropout=0:0.5`, `training.learning_rate=1e-4:0.1:log` and
    `model.widths=[[64], [300, 100]]`; without any, it is the prepared space.

    Raises:
        ConfigError: As `parse_space`, and for words that are not of this form.
    """
    values: dict[str, Any] = {}
    for text in texts:
        field, _, written_axis = text.partition("=")
        try:
            if written_axis.startswith("["):
                values[field] = {"values": json.loads(written_axis)}
                continue
            low, high, *log = written_axis.split(":")
            if log not in ([], ["log"]):
                raise ValueError(f"{log} is no way to spread values")
            values[field] = {
                "low": float(low),
                "high": float(high),
                "log": bool(log),
                "whole": _is_whole(settings_that_vary(config.model.kind).get(field)),
            }
        except (ValueError, RecursionError) as error:
            raise ConfigError(
                f"{text[:80]!r} is not understood: write FIELD=LOW:HIGH, FIELD=LOW:HIGH:log or FIELD=[…]."
            ) from error
    return parse_space(config, values or prepared_space(config.model.kind))


def trial_config(config: RunConfig, space: Space, params: Mapping[str, Value]) -> RunConfig:
    """The configuration of one trial: `config` with the values of `params`.

    Raises:
        ConfigError: when the values do not go together.
    """
    values = {
        field: next(v for v in axis.values if written(v) == params[field])
        if isinstance(axis, Choice)
        else params[field]
        for field, axis in space.items()
    }
    return config.with_values(values)


def trial_params(config: RunConfig, space: Space) -> dict[str, Value]:
    """The inverse of `trial_config`: what varies, as it is in `config`."""
    values = config.to_dict()
    return {field: written(_look_up(values, field)) for field in space}


def written(value: Any) -> Value:
    """A value of a setting as a trial holds it: lists of numbers as `300-100`."""
    return ("-".join(map(str, value)) or "none") if isinstance(value, list | tuple) else value


def grid(space: Space) -> dict[str, list[Value]]:
    """The values that a grid search takes from each axis: all of a choice, `GRID_POINTS` of a range."""
    return {field: _points(axis) for field, axis in space.items()}


def grid_size(space: Space) -> int:
    """How many trials a grid over the space has."""
    return math.prod(len(values) for values in grid(space).values())


def _is_whole(axis: Axis | None) -> bool:
    """Whether a setting is offered in whole numbers; its value tells nothing where it may be none."""
    if isinstance(axis, Choice):
        return all(isinstance(value, int) for value in axis.values)
    return axis is not None and axis.whole


def _look_up(values: Any, field: str) -> Any:
    for part in field.split("."):
        values = values[part]
    return values


def _points(axis: Axis) -> list[Value]:
    if isinstance(axis, Choice):
        return [written(value) for value in axis.values]
    spread = np.geomspace if axis.log else np.linspace
    points = [float(f"{value:.4g}") for value in spread(axis.low, axis.high, GRID_POINTS)]
    points[0], points[-1] = axis.low, axis.high
    return sorted({round(point) for point in points}) if axis.whole else points


def _examples(field: str, axis: Axis) -> tuple[Any, ...]:
    """Values that have to be allowed for a whole axis to be.

    Raises:
        ConfigError: when the axis leaves nothing to choose.
    """
    if isinstance(axis, Choice):
        if len({str(written(value)) for value in axis.values}) < max(2, len(axis.values)):
            raise ConfigError(f"{field} needs two or more values to choose from, each of them once.")
        return axis.values
    if not axis.low < axis.high:
        raise ConfigError(f"{field} needs a range whose low end is below its high end.")
    if axis.log and axis.low <= 0:
        raise ConfigError(f"{field} is searched by factors: its range must begin above 0.")
    if axis.whole:
        if any(end != round(end) for end in (axis.low, axis.high)):
            raise ConfigError(f"{field} takes whole numbers: so must its range.")
        return round(axis.low), round(axis.high)
    # Between the ends there are fractions, and not every setting takes one.
    return axis.low, axis.low + (axis.high - axis.low) / 3**0.5, axis.high
