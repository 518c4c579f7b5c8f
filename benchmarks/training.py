"""How fast every recipe trains here, against Keras's plain `Model.fit` with the same network.

Both train the same configuration on the same images, one after the other in turn; an epoch before the
timed one compiles what is to be compiled. Validation is not part of the time. The accuracies of a slow recipe
may be found in several calls, each with some of the seeds.

    .venv/bin/python benchmarks/training.py [--recipes cnn] [--repeats 3] [--seeds 0 1 2] [--output FILE]
"""

import argparse
import json
import math
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from hardware import hardware
from rich.console import Console
from rich.table import Table

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset, Split, load
from fmnist_core.data.sketches import with_sketches
from fmnist_core.inference import Predictor
from fmnist_core.models.build import build
from fmnist_core.recipes import RECIPES
from fmnist_core.settings import Settings
from fmnist_core.training.augment import augment
from fmnist_core.training.train import make_labels, make_loss, make_optimizer, train

MOST_EPOCHS = 1000
"""What a configuration allows."""

TIMED_IMAGES = {"dense": 55_000, "convolutional": 9_600, "recurrent": 27_500, "residual": 6_400}
"""Images per epoch, by kind of network: about a second's work or more for either."""


console = Console()


class Clock(keras.callbacks.Callback):
    """Takes the time of the second epoch, and ends the training there."""

    seconds = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.seconds = time.perf_counter() - self._began
        self.model.stop_training = epoch == 1


def fit(config: RunConfig, split: Split, callbacks: Sequence[keras.callbacks.Callback] = ()) -> keras.Model:
    """Trains with `Model.fit`, as a notebook would call it."""
    model, training = build(config), config.training
    steps = math.ceil(len(split.x_train) / training.batch_size)
    model.compile(
        make_optimizer(training, training.epochs * steps), make_loss(training), metrics=["accuracy"]
    )
    images, labels = split.x_train.astype(np.float32), make_labels(split.y_train, training)
    options = {"epochs": training.epochs, "verbose": 0, "callbacks": list(callbacks)}
    if not config.data.augmentation.is_on:
        model.fit(images, labels.numpy(), batch_size=training.batch_size, **options)
        return model

    def change(pixels: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        seed = tf.random.uniform((2,), maxval=2**30, dtype=tf.int32)
        return augment(pixels, seed, **config.data.augmentation.model_dump()), label

    batches = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images))
    batches = batches.batch(training.batch_size).map(change, num_parallel_calls=tf.data.AUTOTUNE)
    model.fit(batches.prefetch(2), **options)
    return model


WAYS: dict[str, Callable[[RunConfig, Split], keras.Model]] = {
    "plain": fit,
    "studio": lambda config, split: train(config, split).model,
}
"""How a whole recipe is trained."""


def plain(config: RunConfig, split: Split) -> float:
    """Images per second of `Model.fit`."""
    clock = Clock()
    fit(config, split, [clock])
    return len(split.x_train) / clock.seconds


def studio(config: RunConfig, split: Split) -> tuple[float, str]:
    """Images per second of the studio's own loop, and how that ran."""
    clock = Clock()
    trained = train(config.with_values({"data.validation_size": 0}), split, [clock])
    return len(split.x_train) / clock.seconds, trained.plan.sentence


def training_flops(config: RunConfig) -> float:
    """Floating-point operations to train on one image: three times those of a forward pass."""
    model = build(config)
    forward = tf.function(model).get_concrete_function(tf.TensorSpec((1, 28, 28)))
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    profile = tf.compat.v1.profiler.profile(
        forward.graph, options={**options, "output": "none"}, run_meta=tf.compat.v1.RunMetadata()
    )
    return 3 * profile.total_float_ops


def accuracies(way: str, config: RunConfig, data: Dataset, seeds: Sequence[int]) -> list[float]:
    """Test accuracy of the whole recipe, trained in one of `WAYS`, for each of `seeds`."""
    photographs, sketches = data.split_for(config.data), config.data.sketches
    found = []
    for seed in seeds:
        split = photographs
        if sketches:
            split = with_sketches(photographs, sketches, seed, Settings.from_environment().cache_dir)
        model = WAYS[way](config.with_values({"training.seed": seed}), split)
        answers = Predictor(model)(data.x_test).argmax(axis=1)
        found.append(float((answers == data.y_test).mean()))
        console.print(f"{way}, seed {seed}: {found[-1]:.4f}")
    return found


def compare(config: RunConfig, data: Dataset, repeats: int) -> dict[str, Any]:
    """Medians of images per second, in turn, their ratio, and how the studio ran its loop."""
    split = data.split(TIMED_IMAGES[config.model.kind], 5_000)
    split = Split(split.x_train, split.y_train, split.x_validation[:0], split.y_validation[:0])
    # The plan is chosen for the steps of a whole run, so about as many are asked for.
    whole = len(data.split_for(config.data).x_train) + config.data.sketches
    epochs = min(math.ceil(config.training.epochs * whole / len(split.x_train)), MOST_EPOCHS)
    config = config.with_values({"training.epochs": epochs})
    rates: dict[str, list[float]] = {"plain": [], "studio": []}
    for _ in range(repeats):
        rates["plain"].append(plain(config, split))
        rate, plan = studio(config, split)
        rates["studio"].append(rate)
    row = {way: statistics.median(values) for way, values in rates.items()}
    return row | {"ratio": row["studio"] / row["plain"], "n": repeats, "plan": plan}


def spread(values: list[float]) -> str:
    """Mean and standard deviation, or a dash where nothing was measured."""
    if not values:
        return "–"
    deviation = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4f}{deviation}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipes", nargs="+", default=list(RECIPES), choices=list(RECIPES))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--seeds", type=int, nargs="*", default=[0, 1, 2], help="none leave the accuracies out"
    )
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/training.json"))
    arguments = parser.parse_args()

    data = load(Settings.from_environment())
    machine = hardware()
    rows: dict[str, dict[str, Any]] = {}
    table = Table(
        "recipe",
        "plain, images/s",
        "studio, images/s",
        "ratio",
        "of matrix rate",
        "accuracy, plain",
        "studio",
        "plan",
    )
    for name in arguments.recipes:
        config = RECIPES[name].config
        row = compare(config, data, arguments.repeats)
        row["share_of_matrix_rate"] = row["studio"] * training_flops(config) / 1e9 / machine["matrix_gflops"]
        row["seeds"] = arguments.seeds
        row["accuracies"] = {way: accuracies(way, config, data, arguments.seeds) for way in WAYS}
        rows[name] = row
        table.add_row(
            name,
            f"{row['plain']:,.0f}",
            f"{row['studio']:,.0f}",
            f"{row['ratio']:.2f}",
            f"{row['share_of_matrix_rate']:.0%}",
            *(spread(row["accuracies"][way]) for way in ("plain", "studio")),
            str(row["plan"]),
        )
    console.print(table, machine)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps({"hardware": machine, "recipes": rows}, indent=1))


if __name__ == "__main__":
    main()
