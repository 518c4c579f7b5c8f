"""The conductor: a process that takes the searches further as long as there are any.

Pages and the command line put a search into the store and call `ensure_conductor`. So a search survives the
page, the web server and the terminal; and as the conductor wants the engine, a search brings that back too.
"""

import logging
import time
from collections.abc import Iterator

import sqlalchemy as sa
from filelock import FileLock, Timeout

from fmnist_core.database import cause, patiently
from fmnist_core.errors import FmnistError, SearchError
from fmnist_core.logs import RedactingFormatter, Unrepeated
from fmnist_core.processes import is_held, start_apart
from fmnist_core.runs import RunStore
from fmnist_core.search.searches import (
    Search,
    SearchState,
    active_searches,
    get_search,
    move,
)
from fmnist_core.settings import Settings
from fmnist_core.training.engine import engine_status, ensure_engine, keep_engine

log = logging.getLogger(__name__)
store_log = log.getChild("store")
store_log.addFilter(Unrepeated())

LOOK_SECONDS = 0.2
"""How often the conductor looks at its searches, less often where there are so many that it takes a while."""

FOLLOW_SECONDS = 0.5
"""How often whoever follows a search looks at it."""

CARE_SECONDS = 2.0
"""How often it looks after the engine, counts the time, and is looked after itself."""


def ensure_conductor(settings: Settings) -> None:
    """Starts the conductor unless it is there. Returns at once.

    Raises:
        SearchError: when the process cannot be started.
    """
    if is_held(settings.home / "conductor.lock"):
        return
    try:
        start_apart(__name__, settings=settings, log=settings.home / "conductor.log")
    except OSError as error:
        raise SearchError(f"The search cannot be started: {error}.") from error


def follow_search(store: RunStore, search_id: str) -> Iterator[Search]:
    """Gives the search as it is now, again and again until it is over; sees to it that it gets on.

    Raises:
        SearchError: when there is no such search, or it cannot be conducted.
    """
    looked_after = 0.0
    while (search := patiently(lambda: get_search(store, search_id))).state.is_active:
        if time.monotonic() - looked_after > CARE_SECONDS:
            looked_after = time.monotonic()
            ensure_conductor(store.settings)
        yield search
        time.sleep(FOLLOW_SECONDS)
    yield search


def conduct(store: RunStore) -> None:
    """Takes all searches further until none is left. The caller holds the conductor's lock."""
    # Optuna takes a while to import: only the one that holds the lock pays for it.
    from optuna.exceptions import StorageInternalError

    from fmnist_core.search.optimizer import Optimizer

    optimizers: dict[str, Optimizer] = {}
    counted = time.monotonic() - CARE_SECONDS
    began = time.monotonic()
    look_after = ensure_engine
    while searches := patiently(lambda: active_searches(store)):
        if time.monotonic() - counted >= CARE_SECONDS:
            counted = time.monotonic()
            look_after(store.settings)
            # Who wants it with other settings from now on need not wait until the last search is over.
            look_after = keep_engine
        elapsed, began = time.monotonic() - began, time.monotonic()
        for search in searches:
            try:
                if search.id not in optimizers:
                    optimizers[search.id] = Optimizer(store, search.id)
                workers = max(engine_status(store.settings).workers, 1)
                optimizers[search.id].advance(workers, elapsed)
            except (sa.exc.SQLAlchemyError, StorageInternalError) as error:
                reason = cause(error.__cause__ or error)
                store_log.warning("Search %s waits for the run store: %s", search.id, reason)
            except Exception as error:
                log.exception("Search %s cannot go on", search.id)
                reason = str(error) if isinstance(error, FmnistError) else type(error).__name__
                move(store, search.id, search.state, SearchState.STOPPED, f"It could not go on: {reason}")
        # A fifth of a core at most: the networks train on the same ones.
        time.sleep(max(LOOK_SECONDS, 4 * (time.monotonic() - began)))


def _main() -> None:
    settings = Settings.from_environment()
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(settings))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    try:
        with FileLock(settings.home / "conductor.lock", timeout=2):
            conduct(RunStore(settings))
    except Timeout:
        log.info("Another conductor is at work already")


if __name__ == "__main__":
    _main()
