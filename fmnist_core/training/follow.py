"""Following a run from outside until it has ended."""

import time
from collections.abc import Iterator

from fmnist_core.database import patiently
from fmnist_core.errors import EngineError
from fmnist_core.runs import Run, RunStore
from fmnist_core.training.engine import PATIENCE_SECONDS, engine_status, ensure_engine

LOOK_SECONDS = 0.2
"""How often the run is looked at."""

ENGINE_SECONDS = 2.0
"""How often the engine is looked at, and brought back when it was killed."""


def follow(store: RunStore, run_id: str) -> Iterator[Run]:
    """Gives the run as it is now, again and again until it has ended; the last one given has ended.

    Keeps the engine alive meanwhile. Whoever stops following leaves the run as it is.

    Raises:
        RunError: when there is no such run (any more), or the run store does not answer for long.
        EngineError: when the engine does not come up.
    """
    next_look = time.monotonic()
    deadline = next_look + PATIENCE_SECONDS
    while not (run := patiently(lambda: store.get(run_id))).state.is_ended():
        now = time.monotonic()
        if now >= next_look:
            next_look = now + ENGINE_SECONDS
            ensure_engine(store.settings)
            if engine_status(store.settings).state == "ready":
                deadline = now + PATIENCE_SECONDS
        if now > deadline:
            raise EngineError(
                f"The engine does not come up, and run {run_id} waits for it: "
                f"look into {store.settings.home / 'engine.log'}."
            )
        yield run
        time.sleep(LOOK_SECONDS)
    yield run
