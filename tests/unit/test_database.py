"""What only a database server does: it is restarted, has an encoding of its own, and refuses some texts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread, Timer

import pytest
from distributed import Client
from postgres import Cluster, bin_folder
from waiting import wait_for

from fmnist_core import database
from fmnist_core.config import DataConfig, DenseNetwork, RunConfig, TrainingConfig
from fmnist_core.data.dataset import load_source
from fmnist_core.database import patiently
from fmnist_core.errors import RunError
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training import dispatcher
from fmnist_core.training.engine import digest, wanted_file
from fmnist_core.training.worker import execute

LONG = RunConfig(
    data=DataConfig(train_size=1_000, validation_size=100),
    model=DenseNetwork(widths=(16,)),
    training=TrainingConfig(epochs=200),
)


@pytest.fixture(params=["UTF8", "SQL_ASCII"])
def server(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A server of the test's own, which it may stop."""
    folder = bin_folder()
    if folder is None:
        pytest.skip("needs PostgreSQL: install its server")
    with Cluster(folder, request.param) as cluster:
        yield cluster


@pytest.fixture
def settings(server: Cluster, new_home: Callable[[], Settings]) -> Iterator[Settings]:
    home: Path = new_home().home
    with server.database() as url:
        yield Settings(home=home, database_url=url)


def queued(settings: Settings) -> tuple[RunStore, Run]:
    store, data = RunStore(settings), load_source(settings, "wardrobe")
    return store, store.create(LONG, source=data.source, fingerprint=data.fingerprint, name="Δ · π")


def test_a_text_comes_back_in_any_encoding_and_without_what_no_server_takes(settings: Settings):
    store, run = queued(settings)
    assert store.annotate(run.id, note="Ελλάς\0!").note == "Ελλάς\ufffd!"
    assert store.get(run.id).name == "Δ · π"
    with pytest.raises(RunError):
        store.get("\0")


@pytest.mark.parametrize("server", ["UTF8"], indirect=True)
def test_a_server_that_is_restarted_is_waited_for(
    server: Cluster, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    store, run = queued(settings)
    server.stop()
    back = Timer(1.0, server.start)
    back.start()
    assert patiently(lambda: store.get(run.id)) == run
    back.join()

    server.stop()
    monkeypatch.setattr(database, "AWAY_SECONDS", 0.0)
    with pytest.raises(RunError, match="does not answer: look at its database server"):
        patiently(lambda: store.get(run.id))
    server.start()


@pytest.mark.parametrize("server", ["UTF8"], indirect=True)
def test_a_run_whose_store_was_restarted_goes_on_from_where_it_was(
    server: Cluster, settings: Settings, caplog: pytest.LogCaptureFixture
):
    store, run = queued(settings)
    training = Thread(target=execute, args=(run.id, settings))
    training.start()
    wait_for(lambda: len(store.metrics(run.id, "epoch")) > 1, 120)
    server.stop()
    wait_for(lambda: "waits for the run store" in caplog.text, 60)
    server.start()
    training.join(120)
    waiting = store.get(run.id)
    assert (waiting.state, waiting.error) == (RunState.QUEUED, None)

    execute(run.id, settings)
    assert store.get(run.id).state is RunState.FINISHED
    epochs = store.metrics(run.id, "epoch")
    assert list(epochs["epoch"]) == list(range(1, LONG.training.epochs + 1))


@pytest.mark.parametrize("server", ["UTF8"], indirect=True)
def test_an_engine_says_once_that_its_store_is_away_and_goes_on_when_it_is_back(
    server: Cluster, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(dispatcher, "STORE_SECONDS", 0.01)
    store, ended, looks = RunStore(settings), Event(), []
    wanted_file(settings).write_text(digest(settings))
    queue = store.queue

    def counted() -> list[Run]:
        looks.append("asked")
        found = queue()
        looks.append("answered")
        return found

    monkeypatch.setattr(store, "queue", counted)
    server.stop()
    with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        engine = Thread(
            target=dispatcher._Dispatcher(store, client, digest(settings)).run_until, args=(ended,)
        )
        engine.start()
        wait_for(lambda: "cannot be used" in caplog.text and looks.count("asked") > 5, 60)
        assert "answered" not in looks
        server.start()
        wait_for(lambda: "answered" in looks, 60)
        ended.set()
        engine.join(60)
    said = [record for record in caplog.records if record.name.startswith("fmnist_core")]
    assert [(record.levelname, record.exc_info) for record in said] == [("WARNING", None)]
    assert "\n" not in said[0].getMessage()
