"""The small networks that lessons train: on 10,000 photographs, in seconds."""

from typing import Any

from fmnist_core.config import RunConfig

SMALL = RunConfig().with_values(
    {
        "data.train_size": 10_000,
        "data.validation_size": 1_000,
        "model.widths": [100],
        "training.epochs": 5,
        "training.schedule": "cosine",
    }
)
"""One hidden layer of 100 neurons, with Adam. Its steps shrink towards the end, so that chance weighs
less."""

FEW = SMALL.with_values(
    {
        "data.train_size": 1_000,
        "model.widths": [256, 128],
        "training.epochs": 40,
        "training.schedule": "constant",
    }
)
"""A network with 235,000 parameters that sees the same 1,000 photographs again and again."""

CONVOLUTIONAL = SMALL.with_values(
    {
        "model.kind": "convolutional",
        "model.filters": [16, 32],
        "model.dense_width": 64,
        "training.batch_size": 64,
    }
)
"""Two convolutions, about as many parameters as one dense layer of 128 neurons."""


def small(**changes: Any) -> RunConfig:
    """`SMALL` with other settings, whose dots are written as two underscores: `training__epochs=3`."""
    return SMALL.with_values({name.replace("__", "."): value for name, value in changes.items()})
