"""What was published about each recipe, beside what is measured here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset
from fmnist_core.experiments import ensure_run, find_run
from fmnist_core.quiz import HUMAN_ACCURACY
from fmnist_core.recipes import RECIPES, Recipe
from fmnist_core.repeats import seedless
from fmnist_core.runs import Run, RunState, RunStore

SEEDS = 3
"""Runs with different seeds that make a measurement complete."""

LEADERBOARD = (0.876, 0.967)
"""Lowest and highest test accuracy of the networks that people have reported to the data set's authors (table
"Benchmark" in the README of zalandoresearch/fashion-mnist)."""

SCALE = (
    (HUMAN_ACCURACY, "people"),
    (LEADERBOARD[0], "leaderboard's lowest"),
    (LEADERBOARD[1], "leaderboard's best"),
)
"""What accuracies are to be seen against."""

TYPICAL_SECONDS: Mapping[str, float] = MappingProxyType(
    {
        "dense-100": 5,
        "dense-300-100": 22,
        "dense-512-256-128": 26,
        "dense-bn-dropout": 12,
        "cnn": 65,
        "cnn-augmented": 560,
        "lstm-rows": 60,
        "residual-small": 235,
        "speedrun-90": 17,
        "speedrun-93": 120,
        "speedrun-945": 1_400,
        "studio-sketch": 4_000,
        "studio-photo": 5_400,
    }
)
"""How long a recipe takes on 2 cores, for those that have not been measured here: from the images per second
that `benchmarks/training.py` and `benchmarks/speedrun.py` found."""

LONG_RUN = RECIPES["dense-100"].config.with_values({"training.epochs": 100})
"""The network that 99% is claimed for, trained for as long as such claims are."""

LONG_GROUP = "published-long"

QUICK_SECONDS = 30
"""A recipe that takes no longer is quick."""


@dataclass(frozen=True)
class Measurement:
    """A recipe, what was published about it, and its runs on the real images with whatever seeds.

    Attributes:
        recipe: The recipe.
        runs: Those that have finished, one of each seed.
        active: Those that wait or train.
        shipped: The one that came with the studio, or None.
    """

    recipe: Recipe
    runs: tuple[Run, ...]
    active: tuple[Run, ...]
    shipped: Run | None

    @property
    def accuracies(self) -> list[float]:
        """Test accuracies in [0, 1] of the finished runs."""
        return [run.result["test"]["accuracy"] for run in self.runs]

    @property
    def mean(self) -> float | None:
        """Of the accuracies; None where there are none."""
        return float(np.mean(self.accuracies)) if self.runs else None

    @property
    def spread(self) -> float | None:
        """Standard deviation of the accuracies (with n - 1); None for fewer than two."""
        return float(np.std(self.accuracies, ddof=1)) if len(self.runs) > 1 else None

    @property
    def seconds(self) -> float:
        """How long one run takes: the mean of those measured, or else what is typical."""
        known = [run.result["seconds"] for run in self.runs]
        return float(np.mean(known)) if known else TYPICAL_SECONDS[self.recipe.name]

    @property
    def missing(self) -> tuple[int, ...]:
        """The seeds that are still to be run, so that there are `SEEDS` of them."""
        taken = {run.config.training.seed for run in (*self.runs, *self.active)}
        free = [seed for seed in range(SEEDS + len(taken)) if seed not in taken]
        return tuple(free[: max(SEEDS - len(taken), 0)])

    @property
    def is_quick(self) -> bool:
        """Whether a run of it takes seconds rather than minutes."""
        return self.seconds <= QUICK_SECONDS


def measurements(store: RunStore) -> list[Measurement]:
    """Every recipe with its runs, in the order of `RECIPES`."""
    runs: dict[RunConfig, list[Run]] = defaultdict(list)
    for run in store.runs(RunState.QUEUED, RunState.RUNNING, RunState.FINISHED):
        if run.source == "fashion-mnist":
            runs[seedless(run.config)].append(run)
    shipped = {run.recipe: run for run in store.shipped_runs()}
    found = []
    for recipe in RECIPES.values():
        its = runs.get(seedless(recipe.config), [])[::-1]
        # One with the same seed has the same figures, and would make the spread look smaller than it is.
        of_seed = {run.config.training.seed: run for run in its if run.state is RunState.FINISHED}
        found.append(
            Measurement(
                recipe,
                tuple(of_seed.values()),
                tuple(run for run in its if not run.state.is_ended()),
                shipped.get(recipe.name),
            )
        )
    return found


def group_of(recipe: Recipe) -> str:
    """The group of the runs that `run_missing` starts for a recipe."""
    return f"published-{recipe.name}"


def run_missing(store: RunStore, data: Dataset, chosen: Iterable[Measurement]) -> list[Run]:
    """Puts a run into the queue for every seed that is missing; several who ask at once start each once.

    Args:
        store: Where runs are kept.
        data: The real images.
        chosen: The measurements to complete.

    Raises:
        ConfigError: when the data set has too few images.
        RunError: when the queue is full.
    """
    return [
        ensure_run(
            store,
            group_of(measurement.recipe),
            measurement.recipe.config.with_values({"training.seed": seed}),
            data,
            name=f"{measurement.recipe.title}, seed {seed}",
            recipe=measurement.recipe.name,
        )
        for measurement in chosen
        for seed in measurement.missing
    ]


def long_run(store: RunStore, data: Dataset) -> Run | None:
    """The run of `LONG_RUN`, if there is one that has not failed."""
    return find_run(store, LONG_GROUP, LONG_RUN, data)


def start_long_run(store: RunStore, data: Dataset) -> Run:
    """Puts `LONG_RUN` into the queue, once.

    Raises:
        ConfigError, RunError: As `run_missing` does.
    """
    return ensure_run(store, LONG_GROUP, LONG_RUN, data, name="One hidden layer, 100 epochs")


def seconds_missing(chosen: Sequence[Measurement]) -> float:
    """About how long `run_missing` keeps the engine busy."""
    return sum(measurement.seconds * len(measurement.missing) for measurement in chosen)
