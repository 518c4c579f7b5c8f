"""How soon the speedrun recipes reach their accuracy on the test images, from a cold start of training.

The clock starts before the network is built and runs through everything, compiling and validation
included; only looking at the test images, after each epoch, is left out. Those accuracies are from one
look at each image; the studio names a picture from several, as far as the network has learned to see it
so, which is measured once, at the end. The recipes were chosen on validation images,
but `speedrun-945` was chosen over a residual network after both test accuracies had been seen.

    .venv/bin/python benchmarks/speedrun.py [--recipes speedrun-90] [--seeds 0 1 2] [--output FILE]
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from hardware import hardware
from rich.console import Console
from rich.table import Table

from fmnist_core.analysis.naming import looks, name_images
from fmnist_core.data.dataset import Dataset, load
from fmnist_core.inference import Predictor
from fmnist_core.recipes import RECIPES
from fmnist_core.settings import Settings
from fmnist_core.training.train import train

console = Console()

GOALS = {"speedrun-90": (0.90, 20), "speedrun-93": (0.93, 180), "speedrun-945": (0.945, 1200)}
"""Test accuracy to reach, and the seconds it may take."""


class Stopwatch(keras.callbacks.Callback):
    """After each epoch, how long the training has taken so far and how well it does on the test images."""

    def __init__(self, data: Dataset) -> None:
        super().__init__()
        self._data = data
        self._began = time.perf_counter()
        self.marks: list[tuple[float, float]] = []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        seconds = time.perf_counter() - self._began
        answers = Predictor(self.model)(self._data.x_test).argmax(axis=1)
        self.marks.append((seconds, float((answers == self._data.y_test).mean())))
        self._began = time.perf_counter() - seconds


def run(name: str, seed: int, data: Dataset) -> tuple[list[tuple[float, float]], float]:
    """Seconds and test accuracy after each epoch of one run, and its accuracy as the studio names."""
    config = RECIPES[name].config.with_values({"training.seed": seed})
    split = data.split_for(config.data)
    watch = Stopwatch(data)
    trained = train(config, split, [watch])
    named = name_images(Predictor(trained.model), data.x_test, **looks(config)).argmax(axis=1)
    accuracy = float((named == data.y_test).mean())
    seconds, last = watch.marks[-1]
    console.print(f"{name}, seed {seed}: {last:.4f} after {seconds:.0f} s, {accuracy:.4f} as named")
    return watch.marks, accuracy


def spread(accuracies: Sequence[float]) -> str:
    """Mean, lowest and highest."""
    return f"{statistics.mean(accuracies):.4f} ({min(accuracies):.4f} to {max(accuracies):.4f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipes", nargs="+", default=list(GOALS), choices=list(GOALS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/speedrun.json"))
    arguments = parser.parse_args()

    data = load(Settings.from_environment())
    machine = hardware()
    table = Table(
        "recipe", "goal", "within", "seconds to goal", "test accuracy at the end", "as named", "seconds", "n"
    )
    results = {}
    for name in arguments.recipes:
        goal, limit = GOALS[name]
        runs, named = zip(*(run(name, seed, data) for seed in arguments.seeds), strict=True)
        first = [next((at for at, accuracy in marks if accuracy >= goal), None) for marks in runs]
        ends = [marks[-1] for marks in runs]
        results[name] = {
            "goal": goal,
            "limit_seconds": limit,
            "seeds": arguments.seeds,
            "runs": runs,
            "seconds_to_goal": first,
            "accuracy_as_named": named,
        }
        table.add_row(
            name,
            f"{goal:.1%}",
            f"{limit} s",
            ", ".join("never" if at is None else f"{at:.1f}" for at in first),
            spread([accuracy for _, accuracy in ends]),
            spread(named),
            f"{statistics.median(at for at, _ in ends):.0f}",
            str(len(runs)),
        )
    console.print(table, machine)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps({"hardware": machine, "recipes": results}, indent=1))


if __name__ == "__main__":
    main()
