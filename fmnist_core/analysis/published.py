"""What was published about each recipe, beside what is measured here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset
from fmnist_core.experiments import USABLE, ensure_run, run_of
from fmnist_core.recipes import RECIPES, Recipe
from fmnist_core.repeats import Spread, repeat, repeats_of, seedless, spread
from fmnist_core.runs import Run, RunState, RunStore

SEEDS = 3
"""Runs with different seeds that make a measurement complete."""

HUMAN_ACCURACY = 0.835
"""What people without expertise in fashion reached: 1,000 test images, the majority of three labels each (the
data set's own leaderboard, "Human Performance")."""

LEADERBOARD = (0.876, 0.967)
"""Lowest and highest test accuracy of the networks that people have reported to the data set's authors (table
"Benchmark" in the README of zalandoresearch/fashion-mnist)."""

SCALE = (
    (HUMAN_ACCURACY, "people"),
    (LEADERBOARD[0], "leaderboard from"),
    (LEADERBOARD[1], "leaderboard to"),
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
        "speedrun-945": 1_150,
        "studio-sketch": 1_600,
        "studio-photo": 8_500,
    }
)
"""How long a recipe takes on 2 cores, for those that have not been measured here: from the images per second
that `benchmarks/training.py` and `benchmarks/speedrun.py` found."""

LONG_RUN = RECIPES["dense-100"].config.with_values({"training.epochs": 100})
"""The network that 99% is claimed for, trained for as long as such claims are."""

QUICK_SECONDS = 30
"""A recipe that takes no longer is quick."""


@dataclass(frozen=True)
class Measurement:
    """A recipe, what was published about it, and its runs on the real images with whatever seeds.

    Attributes:
        recipe: The recipe.
        runs: Those that have finished, one of each seed.
        active: Those that wait or train.
        first: The earliest of all these, which the others are to repeat; None where there is none.
        missing: How many are still to be run, so that there are `SEEDS` of them.
        shipped: The one that came with the studio, or None.
    """

    recipe: Recipe
    runs: tuple[Run, ...]
    active: tuple[Run, ...]
    first: Run | None
    missing: int
    shipped: Run | None

    @property
    def accuracies(self) -> list[float]:
        """Test accuracies in [0, 1] of the finished runs."""
        return [run.result["test"]["accuracy"] for run in self.runs]

    @property
    def measured(self) -> Spread | None:
        """Mean and spread of the accuracies; None where there are none."""
        return spread(self.accuracies) if self.runs else None

    @property
    def seconds(self) -> float:
        """How long one run takes: the mean of those measured, or else what is typical."""
        known = [run.result["seconds"] for run in self.runs]
        return spread(known).mean if known else TYPICAL_SECONDS[self.recipe.name]

    @property
    def is_quick(self) -> bool:
        """Whether a run of it takes seconds rather than minutes."""
        return self.seconds <= QUICK_SECONDS


def measurements(store: RunStore) -> list[Measurement]:
    """Every recipe with its runs, in the order of `RECIPES`."""
    runs: dict[RunConfig, list[Run]] = defaultdict(list)
    for run in store.runs(*USABLE):
        if run.is_real and not run.is_imported:
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
                next(iter(its), None),
                _missing(its),
                shipped.get(recipe.name),
            )
        )
    return found


def _missing(its: Sequence[Run]) -> int:
    """How many runs `repeat` adds to the first of a recipe's runs, where they have too few seeds together."""
    group = [run for run in its if run is its[0] or run.group_id == repeats_of(its[0])]
    together, repeated = (len({run.config.training.seed for run in runs}) for runs in (its, group))
    return SEEDS - repeated if together < SEEDS else 0


def run_missing(store: RunStore, data: Dataset, chosen: Iterable[Measurement], request: str) -> list[Run]:
    """Sees to it that every chosen recipe is run with `SEEDS` seeds, as a group of repeats.

    Args:
        store: Where runs are kept.
        data: The real images.
        chosen: The measurements to complete.
        request: Names the wish, as in `RunStore.create`.

    Returns:
        The group of each, one after another.

    Raises:
        ConfigError: when the data set has too few images.
        RunError: when the queue is full.
    """
    groups = []
    for measurement in chosen:
        recipe = measurement.recipe
        first = measurement.first or ensure_run(
            store, recipe.config, data, name=recipe.title, recipe=recipe.name
        )
        groups += repeat(store, first, SEEDS, f"{request}-{recipe.name}")
    return groups


def long_run(store: RunStore, data: Dataset) -> Run | None:
    """The run of `LONG_RUN`, if there is one that has not failed."""
    return run_of(store, LONG_RUN, data)


def start_long_run(store: RunStore, data: Dataset) -> Run:
    """Puts `LONG_RUN` into the queue, once.

    Raises:
        ConfigError, RunError: As `run_missing` does.
    """
    return ensure_run(store, LONG_RUN, data, name="One hidden layer, 100 epochs")


def seconds_missing(chosen: Sequence[Measurement]) -> float:
    """About how long `run_missing` keeps the engine busy."""
    return sum(measurement.seconds * measurement.missing for measurement in chosen)
