"""Seed repeats: one configuration trained with several seeds, to tell what it does from what chance does.

The repeats of a run form a group, named after it; the run itself belongs to it as the first.
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count as count_up
from itertools import islice

from filelock import FileLock

from fmnist_core.config import RunConfig
from fmnist_core.errors import RunError
from fmnist_core.runs import Run, RunState, RunStore

SUFFIX = "-seeds"
"""What the name of such a group ends with; before it stands the id of its first run."""

SEEDS = 2**31
MOST_SEEDS = 20
LOST = (RunState.STOPPED, RunState.FAILED)
"""Repeats that ended so are begun anew when they are asked for again."""


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing in two numbers.

    Attributes:
        count: How many there are.
        mean: Their mean.
        deviation: Their sample standard deviation (n - 1 in its denominator), or None of a single one.
    """

    count: int
    mean: float
    deviation: float | None


def spread(values: Sequence[float]) -> Spread:
    """Mean and spread of measurements, at least one."""
    deviation = statistics.stdev(values) if len(values) > 1 else None
    return Spread(len(values), statistics.mean(values), deviation)


def seedless(config: RunConfig) -> RunConfig:
    """A configuration with seed 0: equal for two that differ in nothing but the seed."""
    return config.with_values({"training.seed": 0})


def repeats_of(run: Run) -> str:
    """The group that the repeats of a run form."""
    return run.group_id if is_repeats(run.group_id) else run.id + SUFFIX


def is_repeats(group_id: str | None) -> bool:
    """Whether a group is one of repeats, and not the trials of a search."""
    return bool(group_id) and group_id.endswith(SUFFIX)


def groups(runs: Iterable[Run]) -> dict[str, str]:
    """The group of each of the runs that belongs to one, by the run's id."""
    runs = list(runs)
    found = {run.id: run.group_id for run in runs if run.group_id}
    led = set(found.values())
    return {run.id: run.id + SUFFIX for run in runs if run.id + SUFFIX in led} | found


def members(store: RunStore, group_id: str) -> list[Run]:
    """The runs of a group that are not in the bin, the first one first."""
    runs = store.runs(group_id=group_id)[::-1]
    if is_repeats(group_id):
        first_id = group_id.removesuffix(SUFFIX)
        runs = [run for run in store.all_runs() if run.id == first_id] + runs
    return runs


def repeat(store: RunStore, run: Run, count: int, request: str | None = None) -> list[Run]:
    """Queues repeats of a run with the next seeds, until `count` of them are finished or under way.

    Args:
        store: The store that knows the run.
        run: The run, in any state, or one of its repeats.
        count: How many seeds there shall be, with the run's own; at most `MOST_SEEDS`.
        request: Names the wish, as in `RunStore.create`.

    Returns:
        The whole group, the first run first.

    Raises:
        RunError: when `count` is out of range, or the queue is full.
    """
    if not 1 <= count <= MOST_SEEDS:
        raise RunError(f"A run is repeated over 1 to {MOST_SEEDS} seeds, not {count}.")
    group_id = repeats_of(run)
    # Two who ask at once are to get the same repeats.
    with FileLock(store.settings.home / "repeats.lock"):
        first = (members(store, group_id) or [run])[0]
        # The first of them may be in the bin.
        name = first.name.removesuffix(f", seed {first.config.training.seed}")
        there = {other.config.training.seed for other in members(store, group_id) if other.state not in LOST}
        seeds = (seed % SEEDS for seed in count_up(first.config.training.seed) if seed % SEEDS not in there)
        for seed in islice(seeds, max(count - len(there), 0)):
            store.create(
                run.config.with_values({"training.seed": seed}),
                source=run.source,
                fingerprint=run.fingerprint,
                recipe=run.recipe,
                name=f"{name}, seed {seed}",
                request=request and f"{request}-{seed}",
                group_id=group_id,
            )
        return members(store, group_id)


def seed_accuracies(runs: Iterable[Run], run: Run) -> list[float]:
    """Test accuracies in [0, 1] of the finished runs that differ from `run` in nothing but the seed.

    Runs of the same configuration and seed are the same measurement and count once. Those of groups and
    those that were started one by one count alike; those of other studios count once they are checked.
    """
    wanted = seedless(run.config)
    by_seed = {
        other.config.training.seed: other.result["test"]["accuracy"]
        for other in runs
        if other.state is RunState.FINISHED
        and other.has_model
        and not other.is_unchecked
        and other.fingerprint == run.fingerprint
        and seedless(other.config) == wanted
    }
    return [by_seed[seed] for seed in sorted(by_seed)]
