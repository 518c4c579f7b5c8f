"""The engine's process: looks at the store several times a second and hands queued runs to Dask."""

import json
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import dask
from distributed import Client, Future, LocalCluster

from fmnist_core.files import replacing
from fmnist_core.runs import RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training.engine import card_file, wanted_file
from fmnist_core.training.worker import execute

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
"""How often the engine looks at the store."""

IDLE_SECONDS = 15 * 60
"""An engine that nobody has wanted for this long, and that has nothing to do, ends."""

DIED = "The training process ended unexpectedly; the machine may have run out of memory. Start it again."
ENGINE_DIED = "The engine ended while this run was training. Start it again."


def run_engine(settings: Settings) -> None:
    """Is the engine, until it is told to end or nobody has wanted it for a while.

    The caller holds the engine's lock.
    """
    ended = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    _tell(settings, "starting")
    store = RunStore(settings)
    if not settings.scheduler:
        _fail_running(store)
    with _scheduler(settings) as client:
        log.info("Engine %d is up at %s", os.getpid(), client.scheduler.address)
        _Dispatcher(store, client).run_until(ended)
    if not settings.scheduler:
        _fail_running(store)
    card_file(settings).unlink(missing_ok=True)
    log.info("Engine %d ends", os.getpid())


def _fail_running(store: RunStore) -> None:
    """The worker of an embedded engine ends with it: whatever was training then trains no more."""
    for run in store.runs(RunState.RUNNING):
        store.fail(run.id, run.attempt, ENGINE_DIED)


class _Dispatcher:
    """Hands queued runs to Dask, and notices when one comes back without having said how it ended."""

    def __init__(self, store: RunStore, client: Client) -> None:
        self._store, self._client = store, client
        self._futures: dict[str, Future] = {}

    def run_until(self, ended: Event) -> None:
        while not ended.wait(LOOK_SECONDS) and self._is_wanted():
            self._collect()
            self._submit()
            ready = bool(self._client.scheduler_info(n_workers=1)["workers"])
            _tell(self._store.settings, "ready" if ready else "starting", self._client.scheduler.address)

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

    def _is_wanted(self) -> bool:
        wanted = wanted_file(self._store.settings)
        return bool(self._futures) or time.time() - wanted.stat().st_mtime < IDLE_SECONDS


@contextmanager
def _scheduler(settings: Settings) -> Iterator[Client]:
    """A client of the scheduler that the settings name, or of an embedded one with one warm worker."""
    if settings.scheduler:
        with Client(settings.scheduler) as client:
            yield client
        return
    dask.config.set(
        {
            # A run whose worker died is not given to the next worker by Dask: the store decides what happens.
            "distributed.scheduler.allowed-failures": 0,
            # A worker that starts again may take its time; Dask would give it up for good after 15 s.
            "distributed.deploy.lost-worker-timeout": "1h",
        }
    )
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


def _tell(settings: Settings, state: str, address: str | None = None) -> None:
    """Keeps what `engine_status` reads up to date."""
    card = card_file(settings)
    text = json.dumps({"state": state, "pid": os.getpid(), "address": address})
    if not card.exists() or card.read_text() != text:
        with replacing(card) as path:
            path.write_text(text)
