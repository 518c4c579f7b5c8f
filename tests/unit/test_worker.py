"""The worker, in this process."""

from collections.abc import Callable
from threading import Thread

import pytest
from waiting import wait_for

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import load_source
from fmnist_core.runs import RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training import code
from fmnist_core.training.code import own_versions, versions
from fmnist_core.training.worker import execute


def test_a_run_is_signed_with_the_code_that_its_worker_began_with(monkeypatch: pytest.MonkeyPatch):
    began = own_versions()
    monkeypatch.setattr(code, "training_code", lambda: "of an update")
    assert own_versions() == began != versions()


def test_a_run_is_stopped_while_its_garments_are_drawn(new_home: Callable[[], Settings]):
    settings = new_home()
    store, data = RunStore(settings), load_source(settings, "wardrobe")
    config = RunConfig.parse({"data": {"sketches": 300_000, "validation_size": 500}})
    run = store.create(config, source=data.source, fingerprint=data.fingerprint)
    training = Thread(target=execute, args=(run.id, settings))
    training.start()
    wait_for(lambda: store.get(run.id).state is RunState.RUNNING, 60)
    store.request_stop(run.id)
    training.join(60)
    run = store.get(run.id)
    assert (run.state, run.error, run.has_model) == (RunState.STOPPED, None, False)
    assert not list(settings.cache_dir.glob("sketches-*.npz"))
