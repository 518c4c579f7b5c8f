"""The conductor: what it wants of the engine while it takes searches further."""

from dataclasses import replace
from threading import Thread

import pytest
from filelock import FileLock
from waiting import wait_for

from fmnist_core.config import RunConfig
from fmnist_core.runs import RunStore
from fmnist_core.search import conductor
from fmnist_core.search.searches import create_search, plan_search, stop_search
from fmnist_core.settings import Settings
from fmnist_core.training.engine import digest, lock_file, wanted_file

SECONDS = 60


def test_a_search_does_not_keep_away_an_engine_that_others_want_with_other_settings(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(conductor, "CARE_SECONDS", 0.0)
    store, wanted = RunStore(settings), wanted_file(settings)
    plan = plan_search(RunConfig(), {"training.learning_rate": {"low": 1e-4, "high": 1e-1}})
    search = create_search(store, plan, source="wardrobe", fingerprint="f", trials=2)
    with FileLock(lock_file(settings)):  # as if an engine were at work
        conducting = Thread(target=conductor.conduct, args=(store,))
        conducting.start()
        wait_for(lambda: wanted.exists() and wanted.read_text() == digest(settings), SECONDS)
        other = digest(replace(settings, run_hours=1.0))
        wanted.write_text(other)
        before = wanted.stat().st_mtime_ns
        wait_for(lambda: wanted.stat().st_mtime_ns > before, SECONDS)
        assert wanted.read_text() == other
        stop_search(store, search.id)
        conducting.join(SECONDS)
    assert not conducting.is_alive()
