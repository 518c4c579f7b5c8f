"""The searches that the store keeps: what each is to try, how far it may go, and where it is."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, get_args

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from fmnist_core.config import RunConfig
from fmnist_core.database import METADATA
from fmnist_core.errors import ConfigError, SearchError
from fmnist_core.runs import RunStore
from fmnist_core.search.space import Space, grid_size, parse_space

Sampler = Literal["tpe", "random", "grid", "quasi-random"]
Pruner = Literal["halving", "hyperband", "median", "none"]

SAMPLERS: dict[Sampler, str] = {
    "tpe": "Learns from the trials so far which values do well, and tries more like them.",
    "random": "Draws every value by chance: simple, and hard to beat with many trials at once.",
    "grid": "Tries every combination of a few values of each setting.",
    "quasi-random": "Spreads the trials evenly, with fewer gaps and clusters than chance leaves.",
}
PRUNERS: dict[Pruner, str] = {
    "halving": "After 1, 3, 9, … epochs only the best third of those so far goes on.",
    "hyperband": "Halving in several groups, of which some give slow starters more time.",
    "median": "Stops a trial that does worse than half of the earlier ones did at the same epoch.",
    "none": "Trains every trial to its last epoch.",
}

MOST_TRIALS = 1000
MOST_MINUTES = 7 * 24 * 60
MOST_COMBINATIONS = 10_000
"""Of a grid; Optuna writes all of them down each time it is asked for the next."""


class SearchState(StrEnum):
    """Where a search is. `running -> finished`, or `running -> stopping -> stopped`; both may go on later."""

    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"

    @property
    def is_active(self) -> bool:
        """Whether somebody has to conduct it."""
        return self in (SearchState.RUNNING, SearchState.STOPPING)


class Plan(BaseModel):
    """What a search tries. Frozen; round-trips through JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: str | None = None
    config: RunConfig
    space: Space
    sampler: Sampler = "tpe"
    pruner: Pruner = "halving"
    seed: int = Field(0, ge=0, le=2**31 - 1)


@dataclass(frozen=True)
class Search:
    """What the store knows of one search at one moment.

    Attributes:
        id: Short unique name; the `group_id` of its runs.
        name: What its owner calls it.
        plan: What it tries.
        source, fingerprint: The data set, as in `Run`.
        state: Where it is.
        trials: How many trials it may begin, or None.
        minutes: How long it may go on beginning trials, or None.
        seconds: How long its trials have trained so far.
        error: Why it ended before its time, in one sentence, or None.
        created: Seconds since 1970.
    """

    id: str
    name: str
    plan: Plan
    source: str
    fingerprint: str
    state: SearchState
    trials: int | None
    minutes: float | None
    seconds: float
    error: str | None
    created: float

    @property
    def is_out_of_time(self) -> bool:
        """Whether its minutes are used up."""
        return self.minutes is not None and self.seconds >= 60 * self.minutes


_searches = sa.Table(
    "searches",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("trials", sa.Integer),
    sa.Column("minutes", sa.Float),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("created", sa.Float, nullable=False),
)


def plan_search(
    config: RunConfig,
    space: Mapping[str, Any],
    *,
    recipe: str | None = None,
    sampler: str = "tpe",
    pruner: str = "halving",
    seed: int = 0,
) -> Plan:
    """Checks what a search is to try.

    Args:
        config: What the trials have in common.
        space: What they do not, as `parse_space` takes it.
        recipe: The recipe that `config` started from.
        sampler: One of `SAMPLERS`.
        pruner: One of `PRUNERS`.
        seed: Fixes what the sampler draws.

    Raises:
        ConfigError: for a space or a name that is not allowed, a grid too large, or without validation
            images.
    """
    if not config.data.validation_size:
        raise ConfigError("A search compares validation accuracies: set validation_size to 1 or more.")
    for name, value, known in (("sampler", sampler, Sampler), ("pruner", pruner, Pruner)):
        if value not in get_args(known):
            raise ConfigError(f"There is no {name} {value!r}; choose one of {', '.join(get_args(known))}.")
    parsed = parse_space(config, space)
    if sampler == "grid" and (combinations := grid_size(parsed)) > MOST_COMBINATIONS:
        raise ConfigError(
            f"This grid has {combinations:,} combinations, and a search takes at most {MOST_COMBINATIONS:,}: "
            "vary fewer settings, or let the search choose another way."
        )
    return Plan(
        recipe=recipe,
        config=config,
        space=parsed,
        sampler=sampler,
        pruner=pruner,
        seed=seed,
    )


def create_search(
    store: RunStore,
    plan: Plan,
    *,
    source: str,
    fingerprint: str,
    trials: int | None = None,
    minutes: float | None = None,
    name: str | None = None,
    request: str | None = None,
) -> Search:
    """Begins a search; it gets on once it is conducted (`fmnist_core.search.conductor`).

    Args:
        store: Where it is kept.
        plan: What it tries.
        source, fingerprint: The data set, as for `RunStore.create`.
        trials: How many trials it may begin, at most `MOST_TRIALS`.
        minutes: How long it may go on beginning trials, at most `MOST_MINUTES`.
        name: What to call it.
        request: Names the wish to start it, in hexadecimal digits; the same wish starts one search.

    Raises:
        SearchError: when neither trials nor minutes say where it ends, or one is out of its bounds.
    """
    _check_budget(trials, minutes)
    search_id = f"{plan.config.model.kind}-search-{(request or secrets.token_hex(8))[:8]}"
    values = {
        "id": search_id,
        "name": (name or "").strip()[:200] or search_id,
        "plan": plan.model_dump_json(),
        "source": source,
        "fingerprint": fingerprint,
        "state": SearchState.RUNNING,
        "trials": trials,
        "minutes": minutes,
        "seconds": 0.0,
        "created": time.time(),
    }
    try:
        with store.database.begin() as connection:
            connection.execute(_searches.insert().values(values))
    except sa.exc.IntegrityError:
        pass  # The same wish a second time.
    return get_search(store, search_id)


def get_search(store: RunStore, search_id: str) -> Search:
    """Returns the search.

    Raises:
        SearchError: when there is none of this name.
    """
    with store.database.connect() as connection:
        row = connection.execute(sa.select(_searches).where(_searches.c.id == search_id)).one_or_none()
    if row is None:
        raise SearchError(f"There is no search {search_id!r}; the Tune page lists those there are.")
    return _search(row)


def all_searches(store: RunStore) -> list[Search]:
    """Returns the searches, newest first."""
    with store.database.connect() as connection:
        return [
            _search(row)
            for row in connection.execute(sa.select(_searches).order_by(_searches.c.created.desc()))
        ]


def active_searches(store: RunStore) -> list[Search]:
    """Returns the searches that somebody has to conduct, oldest first."""
    return [search for search in all_searches(store)[::-1] if search.state.is_active]


def stop_search(store: RunStore, search_id: str) -> Search:
    """Ends a running search: its trials that run are asked to stop. Asking again does no harm."""
    move(store, search_id, SearchState.RUNNING, SearchState.STOPPING)
    return get_search(store, search_id)


def continue_search(store: RunStore, search_id: str, *, trials: int = 0, minutes: float = 0) -> Search:
    """Lets a search go on that was stopped or has finished, or gives a running one more to do.

    Args:
        store: Where it is kept.
        search_id: The search.
        trials: How many more trials it may begin; those that it has had until now stay.
        minutes: How much longer it may go on. A search without a limit of one kind still has none.

    Raises:
        SearchError: when it is just stopping, or the budget becomes too large.
    """
    search = get_search(store, search_id)
    new_trials = None if search.trials is None else search.trials + trials
    new_minutes = None if search.minutes is None else search.minutes + minutes
    _check_budget(new_trials, new_minutes)
    if search.state is SearchState.STOPPING:
        raise SearchError("The search is just stopping: wait until it has, then let it go on.")
    changes = {"trials": new_trials, "minutes": new_minutes, "state": SearchState.RUNNING, "error": None}
    _change(store, search_id, search.state, changes)
    return get_search(store, search_id)


def spend(store: RunStore, search_id: str, seconds: float) -> None:
    """Counts time for which a search has trained."""
    with store.database.begin() as connection:
        connection.execute(
            _searches.update()
            .where(_searches.c.id == search_id)
            .values(seconds=_searches.c.seconds + seconds)
        )


def move(
    store: RunStore, search_id: str, before: SearchState, after: SearchState, error: str | None = None
) -> bool:
    """Takes a search from one state to another. Returns whether it was in the first."""
    return _change(store, search_id, before, {"state": after, "error": error})


def _change(store: RunStore, search_id: str, before: SearchState, changes: dict[str, Any]) -> bool:
    known = (_searches.c.id == search_id, _searches.c.state == before)
    with store.database.begin() as connection:
        return connection.execute(_searches.update().where(*known).values(changes)).rowcount == 1


def _check_budget(trials: int | None, minutes: float | None) -> None:
    if trials is None and minutes is None:
        raise SearchError("A search needs an end: a number of trials, a number of minutes, or both.")
    if trials is not None and not 1 <= trials <= MOST_TRIALS:
        raise SearchError(f"A search has 1 to {MOST_TRIALS:,} trials, not {trials:,}.")
    if minutes is not None and not 0 < minutes <= MOST_MINUTES:
        raise SearchError(f"A search takes more than 0 and at most {MOST_MINUTES:,} minutes.")


def _search(row: sa.Row) -> Search:
    values = row._asdict()
    return Search(**values | {"plan": Plan.model_validate_json(row.plan), "state": SearchState(row.state)})
