"""The dispatcher, with a Dask of its own in this process."""

import errno
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from distributed import Client, Event
from waiting import wait_for

from fmnist_core.config import RunConfig
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training.dispatcher import _Dispatcher
from fmnist_core.training.engine import EngineStatus, digest, wanted_file
from fmnist_core.training.worker import CHECKPOINT, process_file

SECONDS = 30


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        yield client


@pytest.fixture
def store(settings: Settings, client: Client) -> RunStore:
    """A store whose engine uses a scheduler that outlives it."""
    return RunStore(replace(settings, scheduler=client.scheduler.address))


@pytest.fixture
def begun(store: RunStore) -> Run:
    """A run that somebody has begun to train."""
    run = store.create(RunConfig(), source="wardrobe", fingerprint="f")
    store.claim(run.id)
    folder = store.folder(run.id)
    folder.mkdir(parents=True)
    for path in (process_file(store, run.id), folder / CHECKPOINT, folder / ".checkpoint-12345678.npz"):
        path.write_text("")
    return store.get(run.id)


def known(client: Client, *runs: Run) -> bool:
    """Whether Dask's worker still has a task for any of them."""
    (worker,) = client.cluster.workers.values()
    return any(f"{run.id}-0" in worker.state.tasks for run in runs)


def collected(dispatcher: _Dispatcher, done: Callable[[], bool]) -> None:
    def look() -> bool:
        dispatcher._collect()
        return done()

    wait_for(look, SECONDS)


def test_a_run_that_nobody_trains_any_more_is_taken_up(store: RunStore, client: Client, begun: Run):
    dispatcher = _Dispatcher(store, client, digest(store.settings))
    dispatcher.take_up()
    collected(dispatcher, lambda: store.get(begun.id).state is RunState.QUEUED)

    assert store.get(begun.id).resumes == 1
    assert (store.folder(begun.id) / CHECKPOINT).exists()


def test_a_run_that_ends_with_its_process_leaves_no_checkpoint(store: RunStore, client: Client, begun: Run):
    store.force_stop(begun.id)
    dispatcher = _Dispatcher(store, client, digest(store.settings))
    dispatcher.take_up()
    collected(dispatcher, lambda: not list(store.folder(begun.id).iterdir()))

    assert store.get(begun.id).state is RunState.STOPPED


def test_of_those_that_wait_the_oldest_is_next(store: RunStore, client: Client):
    first, second = (store.create(RunConfig(), source="wardrobe", fingerprint="f") for _ in range(2))
    ahead = client.submit(Event("go on").wait)
    dispatcher = _Dispatcher(store, client, digest(store.settings))
    for run in (second, first):
        dispatcher._hand_over(run, 0)
    tasks = client.cluster.scheduler.tasks
    wait_for(lambda: {f"{first.id}-0", f"{second.id}-0"} <= tasks.keys(), SECONDS)
    assert tasks[f"{first.id}-0"].priority < tasks[f"{second.id}-0"].priority, "the least comes first"
    dispatcher._let_go(store.queue())
    wait_for(lambda: not known(client, first, second), SECONDS)
    Event("go on").set()
    assert ahead.result(SECONDS)


def test_what_waits_is_left_to_an_engine_with_the_settings_that_are_wanted(
    store: RunStore, client: Client, monkeypatch: pytest.MonkeyPatch
):
    ahead = client.submit(Event("go on").wait)
    wanted_file(store.settings).write_text(digest(store.settings))
    dispatcher = _Dispatcher(store, client, digest(store.settings))
    run = store.create(RunConfig(), source="wardrobe", fingerprint="f")
    dispatcher._submit(store.queue())
    assert dispatcher._is_wanted() and dispatcher._futures
    wanted_file(store.settings).write_text(digest(replace(store.settings, run_hours=1.0)))
    assert dispatcher._is_wanted_as_it_is(), "perhaps others want it by turns"
    monkeypatch.setattr("fmnist_core.training.dispatcher.YIELD_SECONDS", 0.0)
    assert not dispatcher._is_wanted_as_it_is()
    dispatcher._let_go(store.queue())
    assert not dispatcher._is_wanted()
    wait_for(lambda: not known(client, run), SECONDS)
    Event("go on").set()
    assert ahead.result(SECONDS)
    assert store.get(run.id).state is RunState.QUEUED


def test_a_run_that_is_queued_once_other_settings_are_wanted_is_not_begun_with_the_old_ones(
    store: RunStore, client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fmnist_core.training.dispatcher.YIELD_SECONDS", 0.0)
    wanted_file(store.settings).write_text(digest(store.settings))
    dispatcher = _Dispatcher(store, client, digest(store.settings))
    queue = store.queue

    def queue_in_between() -> list[Run]:
        wanted_file(store.settings).write_text(digest(replace(store.settings, run_hours=1.0)))
        store.create(RunConfig(), source="wardrobe", fingerprint="f")
        return queue()

    monkeypatch.setattr(store, "queue", queue_in_between)
    dispatcher.run_until(threading.Event())
    (run,) = queue()
    assert not known(client, run)
    assert (run.state, run.attempt) == (RunState.QUEUED, 0)


def test_an_engine_that_cannot_write_its_status_goes_on(
    store: RunStore, client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fmnist_core.training.dispatcher.STORE_SECONDS", 0.0)
    wanted_file(store.settings).write_text(digest(store.settings))
    ended, told = threading.Event(), []

    def write(_: Settings, status: EngineStatus) -> None:
        told.append(status)
        if len(told) == 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        ended.set()

    monkeypatch.setattr("fmnist_core.training.dispatcher.write_status", write)
    _Dispatcher(store, client, digest(store.settings)).run_until(ended)
    assert len(told) == 2


def test_an_engine_without_a_worker_starts_another_one_and_says_so_when_none_comes_up(
    store: RunStore, client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fmnist_core.training.dispatcher.WORKER_SECONDS", 0.0)
    dispatcher = _Dispatcher(store, client, digest(store.settings))
    (worker,) = client.cluster.workers.values()
    client.sync(worker.close)
    assert dispatcher._state(workers=0) == "starting"
    monkeypatch.setattr("fmnist_core.training.dispatcher.PATIENCE_SECONDS", 0.0)
    assert dispatcher._state(workers=0) == "failing"

    def state() -> str:
        return dispatcher._state(client.scheduler_info(n_workers=0)["total_threads"])

    wait_for(lambda: state() == "ready", SECONDS)
    assert list(client.cluster.workers.values()) != [worker]


def test_a_run_that_is_removed_for_good_while_it_waits_is_forgotten(store: RunStore, client: Client):
    before = client.submit(lambda: Event("end").wait(SECONDS))
    waiting = store.create(RunConfig(), source="wardrobe", fingerprint="f")
    dispatcher = _Dispatcher(store, client, digest(store.settings))
    dispatcher._submit(store.queue())
    store.request_stop(waiting.id)
    store.delete(waiting.id)
    store.empty_bin(time.time())
    Event("end").set()
    collected(dispatcher, lambda: not dispatcher._futures)
    assert before.result(SECONDS)
