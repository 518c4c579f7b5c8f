"""The engine: start it, look at it, end it.

The engine is a process of its own that takes runs from the store and has Dask train them
(`fmnist_core.training.dispatcher`). Pages and the command line never talk to Dask: they put a run into the
store, ask for a stop there, and call `ensure_engine`. So a training survives the page, the web server and
the terminal, and a queue survives the engine.
"""

import json
import logging
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from fmnist_core.errors import EngineError
from fmnist_core.files import replacing
from fmnist_core.processes import is_held, start_apart
from fmnist_core.settings import Settings

PATIENCE_SECONDS = 180.0
"""How long the engine may take to come up: on a busy machine TensorFlow alone takes half a minute."""


@dataclass(frozen=True)
class EngineStatus:
    """What is known of the engine.

    Attributes:
        state: `ready`, `starting` (its worker is still loading TensorFlow), `failing` (none has come up for
            long, and it tries on) or `stopped`.
        pid: Its process, or None.
        address: Its Dask scheduler, or None.
        workers: How many runs it can train at once.
    """

    state: str
    pid: int | None = None
    address: str | None = None
    workers: int = 0


def ensure_engine(settings: Settings) -> None:
    """Starts the engine unless it runs, and tells it that it is wanted. Returns at once.

    One that runs with other settings ends once what it trains has ended; who wants an engine asks again and
    again, and so it is followed by one with these.

    Raises:
        EngineError: when the process cannot be started.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        _want(settings)
        if is_held(lock_file(settings)):
            return
        start_apart("fmnist_core.training.engine", settings=settings, log=settings.home / "engine.log")
    except OSError as error:
        raise EngineError(f"The training engine cannot be started: {error.strerror or error}.") from error


def engine_status(settings: Settings) -> EngineStatus:
    """Looks at the engine without starting it."""
    if not is_held(lock_file(settings)):
        return EngineStatus("stopped")
    try:
        return EngineStatus(**json.loads(card_file(settings).read_text()))
    except FileNotFoundError:
        return EngineStatus("starting")


def stop_engine(settings: Settings, seconds: float = 10) -> None:
    """Ends the engine and its worker, by force after `seconds`; a run that is training there waits for the
    next one."""
    status = engine_status(settings)
    if status.pid is None:
        return
    with suppress(psutil.NoSuchProcess):
        engine = psutil.Process(status.pid)
        family = [engine, *engine.children(recursive=True)]
        engine.terminate()
        _, alive = psutil.wait_procs(family, seconds)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, seconds)


def lock_file(settings: Settings) -> Path:
    """Held by the engine as long as it lives."""
    return settings.home / "engine.lock"


def card_file(settings: Settings) -> Path:
    """Where the engine writes its status."""
    return settings.home / "engine.json"


def wanted_file(settings: Settings) -> Path:
    """Touched by whoever wants the engine, and holds a digest of the settings that it is wanted with."""
    return settings.home / "engine.wanted"


def digest(settings: Settings) -> str:
    """Tells settings apart; the database's address may hold a password, and is not to be read from it."""
    return sha256(json.dumps(settings.to_environment()).encode()).hexdigest()


def _want(settings: Settings) -> None:
    file, wanted = wanted_file(settings), digest(settings)
    if file.exists() and file.read_text() == wanted:
        file.touch()
    else:
        with replacing(file) as path:
            path.write_text(wanted)


def _main() -> None:
    """Runs the engine, unless another process does already."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = Settings.from_environment()
    try:
        with FileLock(lock_file(settings), timeout=2):
            # Dask takes a second to import: only the one that holds the lock pays for it.
            from fmnist_core.training.dispatcher import run_engine

            run_engine(settings)
    except Timeout:
        logging.info("Another engine is running already")


if __name__ == "__main__":
    _main()
