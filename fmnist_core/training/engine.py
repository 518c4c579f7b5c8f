"""The engine: a process of its own that takes runs from the store and has Dask train them.

Pages and the command line never talk to Dask. They put a run into the store, ask for a stop there, and
call `ensure_engine`; the engine looks at the store several times a second. So a training survives the
page, the web server and the terminal, and a queue survives the engine.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import dask
import psutil
from distributed import Client, Future, LocalCluster
from filelock import FileLock, Timeout

from fmnist_core.errors import EngineError
from fmnist_core.files import replacing
from fmnist_core.runs import RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training.worker import execute

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
"""How often the engine looks at the store."""

IDLE_SECONDS = 15 * 60
"""An engine that nobody has wanted for this long, and that has nothing to do, ends."""

DIED = "The training process ended unexpectedly; the machine may have run out of memory. Start it again."
ENGINE_DIED = "The engine ended while this run was training. Start it again."


@dataclass(frozen=True)
class EngineStatus:
    """What is known of the engine.

    Attributes:
        state: `ready`, `starting` (its worker is still loading TensorFlow) or `stopped`.
        pid: Its process, or None.
        address: Its Dask scheduler, or None.
    """

    state: str
    pid: int | None = None
    address: str | None = None


def ensure_engine(settings: Settings) -> None:
    """Starts the engine unless it runs, and tells it that it is wanted. Returns at once.

    Raises:
        EngineError: when the process cannot be started.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    _wanted(settings).touch()
    if _is_running(settings):
        return
    with (settings.home / "engine.log").open("a") as output:
        try:
            subprocess.Popen(
                [sys.executable, "-m", "fmnist_core.training.engine"],
                env=os.environ | settings.to_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"The training engine cannot be started: {error}.") from error


def engine_status(settings: Settings) -> EngineStatus:
    """Looks at the engine without starting it."""
    if not _is_running(settings):
        return EngineStatus("stopped")
    try:
        return EngineStatus(**json.loads(_card(settings).read_text()))
    except FileNotFoundError:
        return EngineStatus("starting")


def stop_engine(settings: Settings, seconds: float = 15) -> None:
    """Ends the engine and its worker; a run that is training there ends with it.

    Raises:
        EngineError: when it still runs after `seconds`.
    """
    status = engine_status(settings)
    if status.pid is None:
        return
    psutil.Process(status.pid).terminate()
    try:
        FileLock(_lock(settings), timeout=seconds).acquire().lock.release()
    except Timeout:
        raise EngineError(f"The engine (process {status.pid}) did not end within {seconds:g} s.") from None


def run_engine(settings: Settings) -> None:
    """Is the engine, until it is told to end or nobody has wanted it for a while."""
    ended = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    try:
        with FileLock(_lock(settings), timeout=2), _scheduler(settings) as client:
            log.info("Engine %d is up at %s", os.getpid(), client.scheduler.address)
            _Dispatcher(RunStore(settings), client).run_until(ended)
    except Timeout:
        log.info("Another engine is running already")
    finally:
        log.info("Engine %d ends", os.getpid())


class _Dispatcher:
    """Hands queued runs to Dask, and notices when one comes back without having said how it ended."""

    def __init__(self, store: RunStore, client: Client) -> None:
        self._store, self._client = store, client
        self._futures: dict[str, Future] = {}

    def run_until(self, ended: Event) -> None:
        for run in self._store.runs(RunState.RUNNING):
            self._store.fail(run.id, run.attempt, ENGINE_DIED)
        while not ended.wait(LOOK_SECONDS) and self._is_wanted():
            self._collect()
            self._submit()
            self._tell()

    def _submit(self) -> None:
        for run in self._store.queue():
            if run.id not in self._futures:
                self._futures[run.id] = self._client.submit(
                    execute, run.id, self._store.settings, key=f"{run.id}/{run.attempt + 1}", pure=False
                )

    def _collect(self) -> None:
        for run_id, future in list(self._futures.items()):
            if future.done():
                del self._futures[run_id]
                if future.status != "finished":
                    log.warning("Run %s came back as %s: %r", run_id, future.status, future.exception())
                self._fail_if_unfinished(run_id)

    def _fail_if_unfinished(self, run_id: str) -> None:
        for run in self._store.runs(RunState.RUNNING):
            if run.id == run_id:
                self._store.fail(run_id, run.attempt, DIED)

    def _tell(self) -> None:
        """Keeps the card that `engine_status` reads up to date."""
        workers = self._client.scheduler_info(n_workers=1)["workers"]
        status = {
            "state": "ready" if workers else "starting",
            "pid": os.getpid(),
            "address": self._client.scheduler.address,
        }
        card = _card(self._store.settings)
        text = json.dumps(status)
        if not card.exists() or card.read_text() != text:
            with replacing(card) as path:
                path.write_text(text)

    def _is_wanted(self) -> bool:
        wanted = _wanted(self._store.settings)
        return bool(self._futures) or time.time() - wanted.stat().st_mtime < IDLE_SECONDS


@contextmanager
def _scheduler(settings: Settings) -> Iterator[Client]:
    """A client of the scheduler that the settings name, or of an embedded one with one warm worker."""
    if settings.scheduler:
        with Client(settings.scheduler) as client:
            yield client
        return
    # A run whose worker died is not given to the next worker by Dask: the store decides what happens.
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    with (
        LocalCluster(
            n_workers=0,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            preload="fmnist_core.training.worker",
            local_directory=str(settings.home / "engine"),
        ) as cluster,
        Client(cluster) as client,
    ):
        cluster.scale(1)
        yield client
    _card(settings).unlink(missing_ok=True)


def _is_running(settings: Settings) -> bool:
    try:
        with FileLock(_lock(settings), timeout=0):
            return False
    except Timeout:
        return True


def _lock(settings: Settings) -> Path:
    return settings.home / "engine.lock"


def _card(settings: Settings) -> Path:
    return settings.home / "engine.json"


def _wanted(settings: Settings) -> Path:
    return settings.home / "engine.wanted"


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    run_engine(Settings.from_environment())
