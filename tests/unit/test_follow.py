"""Following a run from outside."""

import pytest
from filelock import FileLock

from fmnist_core.config import RunConfig
from fmnist_core.errors import EngineError, RunError
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training import follow as following
from fmnist_core.training.engine import lock_file
from fmnist_core.training.follow import follow


@pytest.fixture
def store(settings: Settings) -> RunStore:
    return RunStore(settings)


@pytest.fixture
def run(store: RunStore) -> Run:
    return store.create(RunConfig(), source="wardrobe", fingerprint="f1")


def test_a_run_that_has_ended_is_given_once_and_wakes_no_engine(store: RunStore, run: Run) -> None:
    stopped = store.request_stop(run.id)
    assert list(follow(store, run.id)) == [stopped]
    assert not (store.settings.home / "engine.log").exists()


def test_a_run_is_given_until_it_has_ended(store: RunStore, run: Run) -> None:
    with FileLock(lock_file(store.settings)):  # as if an engine were at work
        looks = follow(store, run.id)
        assert next(looks).state is RunState.QUEUED
        attempt = store.claim(run.id)
        assert next(looks).state is RunState.RUNNING
        store.end(run.id, attempt, RunState.FINISHED, {})
        assert [look.state for look in looks] == [RunState.FINISHED]


def test_an_engine_that_does_not_come_up_is_not_waited_for_for_ever(
    store: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PATIENCE_SECONDS", 0.3)
    with FileLock(lock_file(store.settings)), pytest.raises(EngineError, match=r"engine\.log"):
        list(follow(store, run.id))


def test_a_run_that_does_not_exist_cannot_be_followed(store: RunStore) -> None:
    with pytest.raises(RunError, match="There is no run"):
        next(follow(store, "nobody"))
