"""The engine: start it, look at it, end it.

The engine is a process of its own that takes runs from the store and has Dask train them
(`fmnist_core.training.dispatcher`). Pages and the command line never talk to Dask: they put a run into the
store, ask for a stop there, and call `ensure_engine`. So a training survives the page, the web server and
the terminal, and a queue survives the engine.
"""

import json
import logging
import os
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from fmnist_core.errors import EngineError
from fmnist_core.files import replacing
from fmnist_core.processes import is_held, start_apart
from fmnist_core.settings import Settings
from fmnist_core.training.code import versions

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
        digest: Of the settings, the code and the libraries that it runs with, or None.
    """

    state: str
    pid: int | None = None
    address: str | None = None
    workers: int = 0
    digest: str | None = None


def ensure_engine(settings: Settings) -> None:
    """Starts the engine unless it runs, and tells it that it is wanted. Returns at once.

    One that runs with other settings, or since before an update, ends once what it trains has ended, and the
    one with these follows it. Who calls this before queuing a run has it trained with these settings.

    Raises:
        EngineError: when the process cannot be started.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        wanted, log = digest(settings), settings.home / "engine.log"
        _want(settings, wanted)
        status = engine_status(settings)
        if status.state != "stopped" and status.digest in (wanted, None):
            return
        if not is_held(next_file(settings)):
            start_apart("fmnist_core.training.engine", wanted, settings=settings, log=log)
    except OSError as error:
        raise EngineError(f"The training engine cannot be started: {error.strerror or error}.") from error


def keep_engine(settings: Settings) -> None:
    """Tells an engine that runs that it is wanted as it is; where none runs, does what `ensure_engine` does.

    Raises:
        EngineError: when the process cannot be started.
    """
    if is_held(lock_file(settings)) or is_held(next_file(settings)):
        wanted_file(settings).touch()
    else:
        ensure_engine(settings)


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


def next_file(settings: Settings) -> Path:
    """Held by the engine that comes next, as long as it waits for another one to end."""
    return settings.home / "engine.next.lock"


def card_file(settings: Settings) -> Path:
    """Where the engine writes its status."""
    return settings.home / "engine.json"


def wanted_file(settings: Settings) -> Path:
    """Touched by whoever wants the engine, and holds the `digest` of what it is wanted with."""
    return settings.home / "engine.wanted"


def digest(settings: Settings) -> str:
    """Tells apart engines that begin now, with these settings and what is installed; the database's address
    may hold a password, and is not to be read from it."""
    return sha256(json.dumps(settings.to_environment() | versions()).encode()).hexdigest()


def write_status(settings: Settings, status: EngineStatus) -> None:
    """Keeps what `engine_status` reads up to date. For the engine itself."""
    card, text = card_file(settings), json.dumps(asdict(status))
    if not card.exists() or card.read_text() != text:
        with replacing(card) as path:
            path.write_text(text)


def _want(settings: Settings, wanted: str) -> None:
    file = wanted_file(settings)
    if file.exists() and file.read_text() == wanted:
        file.touch()
    else:
        with replacing(file) as path:
            path.write_text(wanted)


def _main(own: str) -> None:
    """Runs the engine, unless another process does already; after one with other settings.

    Args:
        own: Its digest, from whoever starts it: a page from before an update may work it out otherwise.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = Settings.from_environment()
    lock = FileLock(lock_file(settings), poll_interval=0.2)
    with suppress(Timeout), FileLock(next_file(settings), timeout=2):
        _take(lock, settings, own)
    if not lock.is_locked:
        logging.info("Another engine is running already")
        return
    try:
        write_status(settings, EngineStatus("starting", os.getpid(), digest=own))
        # Dask takes a second to import: only the one that holds the lock pays for it.
        from fmnist_core.training.dispatcher import run_engine

        run_engine(settings, own)
    finally:
        lock.release()


def _take(lock: FileLock, settings: Settings, own: str) -> None:
    """Takes the engine's lock, if need be once an engine with other settings has ended, unless somebody wants
    yet another one or there is one with the same."""
    wanted = wanted_file(settings)
    while not lock.is_locked:
        with suppress(Timeout):
            lock.acquire(timeout=2)
        running = None if lock.is_locked else engine_status(settings).digest
        if running == own or wanted.read_text() not in (own, running):
            lock.release()
            return
    # The one before may have trained for hours, and nobody have asked for this one since.
    wanted.touch()


if __name__ == "__main__":
    _main(sys.argv[1])
