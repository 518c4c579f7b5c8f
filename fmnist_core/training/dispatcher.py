"""The engine's process: looks at the store several times a second and hands queued runs to Dask."""

import json
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event

import dask
import psutil
import sqlalchemy as sa
from distributed import Client, Future, LocalCluster, Status, fire_and_forget

from fmnist_core.database import cause
from fmnist_core.errors import RunError, UnknownRunError
from fmnist_core.logs import Unrepeated
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training.engine import PATIENCE_SECONDS, EngineStatus, card_file, wanted_file, write_status
from fmnist_core.training.worker import clear, execute, process_file

log = logging.getLogger(__name__)
store_log = log.getChild("store")
store_log.addFilter(Unrepeated())

LOOK_SECONDS = 0.1
"""How often an idle engine looks at the store."""

BUSY_LOOK_SECONDS = 0.5
"""The same while it trains: nothing new could begin, and each look takes some milliseconds from the run."""

STORE_SECONDS = 2.0
"""How long to wait before a run store that did not answer is asked again."""

IDLE_SECONDS = 15 * 60
"""An engine that nobody has wanted for this long, and that has nothing to do, ends."""

YIELD_SECONDS = 5.0
"""An engine that others want with other settings makes room for theirs after so long without anybody who
wants its own; a page and a command that differ do not drive each other's engines away by turns."""

LIMIT_SECONDS = 0.5
"""How often the limits of the running runs are looked at."""

WORKER_SECONDS = 5.0
"""How long after a worker was started another one may take its place."""

DIED = (
    "The training process ended unexpectedly, and so it did each time it went on; the machine may have too "
    "little memory for this run: try a smaller network or batch."
)
ENGINE_DIED = "The engine ended each time this run was training: look into its log, then start the run again."


def run_engine(settings: Settings, digest: str) -> None:
    """Runs the engine until it is told to end or nobody has wanted it for a while.

    The caller holds the engine's lock.

    Args:
        settings: Its settings.
        digest: What it is wanted with: see `engine.digest`.
    """
    ended = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    try:
        store = _tidy_store(settings)
    except (RunError, sa.exc.SQLAlchemyError) as error:
        log.warning("The engine cannot begin: %s", cause(error))
        return
    with _scheduler(settings) as client:
        log.info("Engine %d is up at %s", os.getpid(), client.scheduler.address)
        dispatcher = _Dispatcher(store, client, digest)
        dispatcher.take_up()
        dispatcher.run_until(ended)
        if not settings.scheduler:
            for run in store.runs(RunState.RUNNING):
                store.put_back(run.id, run.attempt)
    card_file(settings).unlink(missing_ok=True)
    log.info("Engine %d ends", os.getpid())


def _tidy_store(settings: Settings) -> RunStore:
    """Opens the run store, and sees to what the last engine and deleted runs have left."""
    store = RunStore(settings)
    store.empty_bin()
    store.remove_orphans()
    if not settings.scheduler:
        # The worker of an embedded engine ends with it: whatever the last engine left running runs no more.
        for run in store.runs(RunState.RUNNING):
            log.info("Run %s goes on as %s", run.id, store.recover(run.id, run.attempt, ENGINE_DIED))
    for run in store.runs(*filter(RunState.is_ended, RunState)):
        clear(store, run.id)
    return store


class _Dispatcher:
    """Hands queued runs to Dask, and notices when one comes back without having said how it ended."""

    def __init__(self, store: RunStore, client: Client, digest: str) -> None:
        self._store, self._client, self._digest = store, client, digest
        self._futures: dict[str, Future] = {}
        self._limits_seen = 0.0
        self._had_worker = self._began_worker = time.monotonic()
        self._wanted = time.time()
        # When each attempt was first seen, on a clock that neither sleeps nor is set.
        self._began: dict[tuple[str, int], float] = {}

    def run_until(self, ended: Event) -> None:
        while not ended.wait(BUSY_LOOK_SECONDS if self._futures else LOOK_SECONDS) and self._is_wanted():
            workers = self._client.scheduler_info(n_workers=0)["total_threads"]
            try:
                self._collect()
                self._limit()
                # Looked at before who wants the engine: whoever queues a run has wanted it first.
                queue = self._store.queue()
                if self._is_wanted_as_it_is():
                    self._submit(queue)
                else:
                    self._let_go(queue)
                self._tell(workers)
            except (OSError, sa.exc.SQLAlchemyError) as error:
                # A full disk, say, or a database that is away: what happened is seen again at the next look.
                store_log.warning("The run store cannot be used: %s", cause(error))
                ended.wait(STORE_SECONDS)

    def take_up(self) -> None:
        """Follows the runs that an earlier engine handed to a scheduler that outlived it.

        One that is no longer trained there is handed over again; that comes back at once, since nobody can
        claim it, and so it is seen.
        """
        for run in self._store.runs(RunState.RUNNING):
            self._hand_over(run, run.attempt - 1)

    def _state(self, workers: int) -> str:
        """How an engine with so many workers is, as in `EngineStatus`; one without looks after that."""
        if workers:
            self._had_worker = time.monotonic()
            return "ready"
        self._revive()
        return "starting" if time.monotonic() - self._had_worker < PATIENCE_SECONDS else "failing"

    def _revive(self) -> None:
        """Has another worker started for one that died in its first warm-up, which Dask gives up for good."""
        cluster, now = self._client.cluster, time.monotonic()
        if cluster is None or now - self._began_worker < WORKER_SECONDS:
            return
        if any(worker.status in (Status.closed, Status.failed) for worker in list(cluster.workers.values())):
            # Dask keeps it by its name, which the next one has too: it must be gone first.
            cluster.scale(0)
        elif not cluster.workers and not cluster.worker_spec:
            log.warning("The worker did not come up: another one is started")
            self._began_worker = now
            cluster.scale(1)

    def _tell(self, workers: int) -> None:
        address = self._client.scheduler.address
        status = EngineStatus(self._state(workers), os.getpid(), address, workers, self._digest)
        write_status(self._store.settings, status)

    def _submit(self, queue: list[Run]) -> None:
        for run in queue:
            if run.id not in self._futures:
                self._hand_over(run, run.attempt)

    def _let_go(self, queue: list[Run]) -> None:
        """Leaves the runs that wait to the next engine."""
        for run in queue:
            if future := self._futures.pop(run.id, None):
                # By force, since a scheduler that outlives the engine has been told to keep it.
                self._client.cancel([future], force=True)

    def _hand_over(self, run: Run, attempts: int) -> None:
        """Has a run trained, once for each count of attempts before."""
        settings = self._store.settings
        # Of those that wait the oldest is next, also when it comes back later than others.
        future = self._client.submit(
            execute, run.id, settings, key=f"{run.id}-{attempts}", priority=-run.sequence
        )
        if settings.scheduler:
            fire_and_forget(future)
        self._futures[run.id] = future

    def _collect(self) -> None:
        for run_id, future in list(self._futures.items()):
            if future.done():
                with suppress(UnknownRunError):
                    # Stopped while it waited, and removed for good: nothing is left to see to.
                    self._see_to(self._store.get(run_id))
                if future.status != "finished":
                    log.warning("Run %s came back as %s: %r", run_id, future.status, future.exception())
                del self._futures[run_id]

    def _see_to(self, run: Run) -> None:
        """Recovers a run whose process is gone, and clears away what an ended one leaves."""
        if run.state is RunState.RUNNING:
            state = self._store.recover(run.id, run.attempt, DIED)
            log.warning("The process of run %s has died: it is %s now", run.id, state)
        if self._store.get(run.id).state.is_ended():
            clear(self._store, run.id)

    def _limit(self) -> None:
        """Ends by force what does not obey, takes too long or takes too much memory."""
        if self._store.settings.scheduler or time.monotonic() - self._limits_seen < LIMIT_SECONDS:
            return
        now = self._limits_seen = time.monotonic()
        runs = {(run.id, run.attempt): run for run in self._store.runs(RunState.RUNNING)}
        self._began = {attempt: self._began.get(attempt, now) for attempt in runs}
        for attempt, run in runs.items():
            process = _process(self._store, run)
            if process is None:
                continue
            reason = _excess(now - self._began[attempt], process, self._store.settings)
            if reason:
                self._store.fail(run.id, run.attempt, reason)
            if reason or run.stop_requests > 1:
                log.warning("Run %s is ended by force: %s", run.id, reason or "somebody asked for it")
                process.kill()

    def _is_wanted(self) -> bool:
        age = time.time() - wanted_file(self._store.settings).stat().st_mtime
        return bool(self._futures) or (age < IDLE_SECONDS and self._is_wanted_as_it_is())

    def _is_wanted_as_it_is(self) -> bool:
        """Whether nobody wants it otherwise, or somebody wanted it so a moment ago."""
        wanted = wanted_file(self._store.settings)
        if wanted.read_text() == self._digest:
            self._wanted = wanted.stat().st_mtime
            return True
        return time.time() - self._wanted < YIELD_SECONDS


def _process(store: RunStore, run: Run) -> psutil.Process | None:
    """The process that trains `run` now, or None when it has not begun or is no more."""
    try:
        facts = json.loads(process_file(store, run.id).read_text())
        return psutil.Process(facts["pid"]) if facts["attempt"] == run.attempt else None
    except (FileNotFoundError, psutil.NoSuchProcess):
        return None


def _excess(seconds: float, process: psutil.Process, settings: Settings) -> str | None:
    """Which limit a run that has trained for so long has passed, in words, or None."""
    if seconds > settings.run_hours * 3600:
        return (
            f"It trained for more than {settings.run_hours:g} hours, the limit here (FMNIST_RUN_HOURS): "
            "choose fewer epochs or a smaller network."
        )
    try:
        used = process.memory_info().rss
    except psutil.NoSuchProcess:
        return None
    if used > settings.run_memory_gb * 1e9:
        return (
            f"It needed more than {settings.run_memory_gb:g} GB of memory, the limit here "
            "(FMNIST_RUN_MEMORY_GB): choose a smaller batch or network."
        )
    return None


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
            # Its nanny and the closed connection tell of a dead worker. Dask would also end a living one when
            # the clock is put forward, as it is when a laptop wakes.
            "distributed.scheduler.worker-ttl": None,
            # Dask looks a hundred times a second at what its worker does, and fifty times a second at each of
            # its own loops, two of them beside the training: with what it measures there, 4% of a core.
            "distributed.worker.profile.enabled": False,
            "distributed.admin.tick.interval": "1s",
            "distributed.admin.system-monitor.interval": "10s",
            # There is one worker: nobody to take work from.
            "distributed.scheduler.work-stealing": False,
            # Its own pages would show everybody on this machine what is trained and logged.
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            # A worker that starts again may take its time; Dask would give it up for good after 15 s.
            "distributed.deploy.lost-worker-timeout": "1h",
            # Instead of Dask's own: with its MALLOC_TRIM_THRESHOLD_ every step gives its memory back and asks
            # for it again, which takes up to half of the time. TensorFlow leaves oneDNN unused on processors
            # without AVX-512, where it is faster all the same.
            "distributed.nanny.pre-spawn-environ": {"TF_ENABLE_ONEDNN_OPTS": "1"},
        }
    )
    with (
        LocalCluster(
            n_workers=0,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            # Its web server comes up all the same: not at a port that somebody else may want.
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            # The limit is each run's own (`_limit`): Dask would end the worker without a reason.
            memory_limit=0,
            preload="fmnist_core.training.worker",
            local_directory=str(settings.home / "engine"),
        ) as cluster,
        Client(cluster) as client,
    ):
        cluster.scale(1)
        yield client
