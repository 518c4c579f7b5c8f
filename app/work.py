"""Work that pages start, and the processes that do it, looked after while the studio is open."""

import logging
import math
import threading
import time

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from app import resources, state
from fmnist_core import repeats
from fmnist_core.config import RunConfig
from fmnist_core.database import cause
from fmnist_core.errors import FmnistError
from fmnist_core.logs import Unrepeated
from fmnist_core.recipes import Recipe
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.search.conductor import ensure_conductor
from fmnist_core.search.searches import Plan, Search, active_searches, create_search
from fmnist_core.shipped import SKETCH
from fmnist_core.training.engine import engine_status, ensure_engine

log = logging.getLogger(__name__)
store_log = log.getChild("store")
store_log.addFilter(Unrepeated())

CARE_SECONDS = 2.0
"""How often the caretaker looks whether runs wait for an engine."""

BIN_CARE_SECONDS = 3600.0
"""How often it removes what has been in the bin for its day."""


@st.cache_resource(show_spinner=False)
def caretaker() -> threading.Thread:
    """Wakes the network for drawings, so that it answers the first one at once; then brings engine and
    conductor back while runs and searches need them, whether or not a page is open, and empties the bin."""
    thread = threading.Thread(target=_care, args=(resources.store(),), name="caretaker", daemon=True)
    thread.start()
    return thread


def _care(runs: RunStore) -> None:
    emptied = -math.inf
    while True:
        time.sleep(CARE_SECONDS)  # of which the first ones are for the first page alone
        try:
            resources.wake(SKETCH)
            if runs.runs(RunState.QUEUED, RunState.RUNNING, limit=1):
                ensure_engine(runs.settings)
            if active_searches(runs):
                ensure_conductor(runs.settings)
            if time.monotonic() - emptied >= BIN_CARE_SECONDS:
                emptied = time.monotonic()
                runs.empty_bin()
        except (FmnistError, SQLAlchemyError) as error:
            store_log.warning("The engine cannot be looked after: %s", cause(error))
        except Exception:
            # Whatever it is: without this thread, runs would wait with nobody to wake the engine.
            log.exception("The engine could not be looked after; the next try comes soon")


@st.cache_data(ttl=1, show_spinner=False)
def engine_state() -> str:
    """Wants the engine, starts it if need be, and says how it is: see `EngineStatus`.

    Raises:
        EngineError: when it cannot be started.
    """
    caretaker()
    ensure_engine(resources.settings())
    return engine_status(resources.settings()).state


def wake_engine() -> None:
    """Sees to it that what is queued next is trained, with the settings that hold here.

    Raises:
        EngineError: when the engine cannot be started.
    """
    ensure_engine(resources.settings())
    engine_state.clear()


def start_run(recipe: Recipe, config: RunConfig, name: str = "") -> Run:
    """Wakes the engine, queues a run, once for a double click, and makes it the run that is looked at.

    Raises:
        ConfigError: when the data set has fewer images than the configuration asks for.
        EngineError: when the engine cannot be started; nothing is queued then.
        RunError: when too many runs wait already.
    """
    data = resources.dataset()
    data.split_for(config.data)
    wake_engine()
    run = resources.store().create(
        config,
        source=data.source,
        fingerprint=data.fingerprint,
        recipe=recipe.name or None,
        name=name,
        request=state.wish(config.to_json() + name),
    )
    state.select_run(run.id)
    return run


def repeat_run(run: Run, count: int) -> list[Run]:
    """Wakes the engine, and queues repeats of a run over seeds, once for a double click.

    Raises:
        RunError: As `repeats.repeat` does.
        EngineError: when the engine cannot be started; nothing is queued then.
    """
    wake_engine()
    return repeats.repeat(resources.store(), run, count, request=state.wish(f"repeat {run.id} {count}"))


def start_search(plan: Plan, name: str, trials: int | None, minutes: float | None) -> Search:
    """Begins a search, once for a double click, and makes it the one that is looked at.

    Raises:
        ConfigError: when the data set has fewer images than the configuration asks for.
        SearchError: when the budget is not allowed, or the search cannot be conducted; it waits all the same.
    """
    data = resources.dataset()
    data.split_for(plan.config.data)
    search = create_search(
        resources.store(),
        plan,
        source=data.source,
        fingerprint=data.fingerprint,
        trials=trials,
        minutes=minutes,
        name=name,
        request=state.wish(f"{plan.model_dump_json()} {name} {trials} {minutes}"),
    )
    state.select_study(search.id)
    ensure_conductor(resources.store().settings)
    return search
