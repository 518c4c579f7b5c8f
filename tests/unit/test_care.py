"""What is looked after while the studio is open."""

from types import SimpleNamespace

import pytest

from app import work
from fmnist_core.config import RunConfig
from fmnist_core.runs import BIN_SECONDS, RunStore
from fmnist_core.settings import Settings


class _Enough(BaseException):
    """Ends the caretaker, which nothing else does."""


def test_a_run_leaves_the_bin_after_its_day_while_the_studio_stays_open(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    store, clock, emptied = RunStore(settings), 0.0, []
    run = store.create(RunConfig(), source="wardrobe", fingerprint="f")
    store.request_stop(run.id)
    store.delete(run.id)

    def sleep(seconds: float) -> None:
        nonlocal clock
        clock += seconds
        if clock > BIN_SECONDS + work.BIN_CARE_SECONDS + work.CARE_SECONDS:
            raise _Enough

    empty_bin = store.empty_bin

    def empty() -> None:
        emptied.append(clock)
        empty_bin(run_deleted + clock - BIN_SECONDS)

    run_deleted = store.bin()[0].deleted
    monkeypatch.setattr(work, "time", SimpleNamespace(sleep=sleep, monotonic=lambda: clock))
    monkeypatch.setattr(work.resources, "wake", lambda run_id: None)
    monkeypatch.setattr(store, "runs", lambda *states, limit: [])
    monkeypatch.setattr(work, "active_searches", lambda store: [])
    monkeypatch.setattr(store, "empty_bin", empty)

    with pytest.raises(_Enough):
        work._care(store)

    assert store.bin() == []
    assert len(emptied) == 26
