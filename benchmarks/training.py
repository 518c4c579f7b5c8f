"""How fast every recipe trains here, against Keras's plain `Model.fit` with the same network.

Both train the same configuration on the same images, one after the other in turn; an epoch before the
timed one compiles what is to be compiled. Validation is not part of the time.

    .venv/bin/python benchmarks/training.py [--recipes dense-100 cnn] [--repeats 3] [--output training.json]
"""

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console
from rich.table import Table

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset, Split, load_or_draw
from fmnist_core.models.build import build
from fmnist_core.recipes import RECIPES
from fmnist_core.settings import Settings
from fmnist_core.training.augment import augment
from fmnist_core.training.train import choose_plan, make_labels, make_loss, make_optimizer, train

TIMED_IMAGES = {"dense": 55_000, "convolutional": 9_600, "recurrent": 27_500, "residual": 6_400}
"""Images per epoch, by kind of network: about a second's work or more for either."""


class Clock(keras.callbacks.Callback):
    """Takes the time of the second epoch, and ends the training there."""

    seconds = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.seconds = time.perf_counter() - self._began
        self.model.stop_training = epoch == 1


def plain_keras(config: RunConfig, split: Split) -> float:
    """Images per second of `Model.fit`, as a notebook would call it."""
    model = build(config)
    steps = len(split.x_train) // config.training.batch_size
    model.compile(
        make_optimizer(config.training, 2 * steps), make_loss(config.training), metrics=["accuracy"]
    )
    images, labels = split.x_train.astype(np.float32), make_labels(split.y_train, config.training)
    clock = Clock()
    if config.data.augmentation.is_on:
        batches = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images))
        batches = batches.batch(config.training.batch_size).map(
            lambda pixels, label: (
                augment(
                    pixels, config.data.augmentation, tf.random.uniform((2,), maxval=2**30, dtype=tf.int32)
                ),
                label,
            ),
            num_parallel_calls=tf.data.AUTOTUNE,
        )
        model.fit(batches.prefetch(2), epochs=2, verbose=0, callbacks=[clock])
    else:
        batch_size = config.training.batch_size
        model.fit(images, labels.numpy(), batch_size=batch_size, epochs=2, verbose=0, callbacks=[clock])
    return len(images) / clock.seconds


def studio(config: RunConfig, split: Split) -> float:
    """Images per second of the studio's own loop."""
    clock = Clock()
    train(config.with_values({"data.validation_size": 0}), split, [clock])
    return len(split.x_train) / clock.seconds


def matrix_rate() -> float:
    """The machine's measured matrix-product rate in GFLOP/s: float32, 2048 by 2048, best of five."""
    one = tf.random.uniform((2048, 2048))
    product = tf.function(tf.matmul)
    product(one, one)
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        product(one, one).numpy()
        seconds.append(time.perf_counter() - began)
    return 2 * 2048**3 / min(seconds) / 1e9


def multiply_adds(config: RunConfig) -> float:
    """Floating-point operations to train on one image: three times those of a forward pass."""
    model = build(config)
    forward = tf.function(model).get_concrete_function(tf.TensorSpec((1, 28, 28)))
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    profile = tf.compat.v1.profiler.profile(
        forward.graph, options={**options, "output": "none"}, run_meta=tf.compat.v1.RunMetadata()
    )
    return 3 * profile.total_float_ops


def compare(config: RunConfig, data: Dataset, repeats: int) -> dict[str, float]:
    """Medians of images per second, in turn, and their ratio."""
    split = data.split(TIMED_IMAGES[config.model.kind], 5_000)
    split = Split(split.x_train, split.y_train, split.x_validation[:0], split.y_validation[:0])
    runs: dict[Callable[[RunConfig, Split], float], list[float]] = {plain_keras: [], studio: []}
    for _ in range(repeats):
        for measure, rates in runs.items():
            rates.append(measure(config, split))
    plain, own = (statistics.median(rates) for rates in runs.values())
    return {"plain": plain, "studio": own, "ratio": own / plain, "n": repeats}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipes", nargs="+", default=list(RECIPES), choices=list(RECIPES))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/training.json"))
    arguments = parser.parse_args()

    data = load_or_draw(Settings.from_environment())
    peak = matrix_rate()
    rows: dict[str, dict[str, float | str]] = {}
    table = Table("recipe", "plain, images/s", "studio, images/s", "ratio", "of matrix rate", "plan")
    for name in arguments.recipes:
        config = RECIPES[name].config
        row = compare(config, data, arguments.repeats)
        row["share_of_matrix_rate"] = row["studio"] * multiply_adds(config) / 1e9 / peak
        row["plan"] = choose_plan(
            config, config.training.epochs * len(data.x_train) // config.training.batch_size
        ).sentence
        rows[name] = row
        table.add_row(
            name,
            f"{row['plain']:,.0f}",
            f"{row['studio']:,.0f}",
            f"{row['ratio']:.2f}",
            f"{row['share_of_matrix_rate']:.0%}",
            str(row["plan"]),
        )
    hardware = {"machine": platform.machine(), "cores": os.cpu_count(), "matrix_gflops": peak}
    Console().print(table, hardware)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps({"hardware": hardware, "recipes": rows}, indent=1))


if __name__ == "__main__":
    main()
