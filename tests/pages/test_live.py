"""How a run goes, as the browser is told that asks."""

import json
import math

import pytest
from damage import damage_runs

from app import live
from fmnist_core.config import RunConfig
from fmnist_core.runs import METRIC_COLUMNS, Run, RunStore
from fmnist_core.settings import Settings

EPOCHS = 4


@pytest.fixture
def store(empty_home: Settings, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    for variable, value in empty_home.to_environment().items():
        monkeypatch.setenv(variable, value)
    return RunStore(empty_home)


def queued(store: RunStore, **changes: int) -> Run:
    config = RunConfig().with_values({"training.epochs": EPOCHS, **changes})
    return store.create(config, source="wardrobe", fingerprint="f")


def report(store: RunStore, run: Run, attempt: int, kind: str, **row: float) -> None:
    store.report(run.id, attempt, kind, dict.fromkeys(METRIC_COLUMNS, 0.5) | row)


def look(run: Run) -> dict:
    """What a browser reads, and reads without trouble: JSON knows no NaN."""
    status, document = live.answer(run.id)
    assert status == 200
    return json.loads(json.dumps(document, allow_nan=False))


def test_a_run_is_told_from_the_queue_to_its_end(store: RunStore, monkeypatch: pytest.MonkeyPatch):
    first, run = queued(store), queued(store)
    assert look(run)["progress"] == {"share": 0.0, "words": "1 before this one"}
    assert look(run)["again"] == live.LOOK_SECONDS
    store.request_stop(first.id)
    assert look(run)["progress"]["words"] == "Next in line"
    assert look(run)["again"] == live.FIRST_LOOK_SECONDS
    waiting = look(run)["drawn"]

    attempt = store.claim(run.id)
    begun = look(run)
    assert begun["drawn"] != waiting
    assert begun["progress"]["words"] == "Building the network …"
    assert begun["figures"][0] == ["Epoch", "1 of 4"]
    for step, seconds in ((1, 1.0), (50, 3.0), (100, 5.0)):
        report(store, run, attempt, "step", step=step, epoch=step / 50, seconds=seconds, loss=math.inf)
    told = look(run)
    # From epoch 1 to epoch 2 in two seconds; two more are to come.
    assert told["progress"] == {"share": 0.5, "words": "about 4 s left"}
    assert told["figures"][0] == ["Epoch", "3 of 4"]
    assert [len(curve["training"]) for curve in told["curves"]] == [0, 2]
    assert (told["drawn"], told["again"]) == (begun["drawn"], live.LOOK_SECONDS)

    began = store.get(run.id).started
    monkeypatch.setattr(live.time, "time", lambda: began + 61)
    assert look(run)["again"] == live.LATER_LOOK_SECONDS
    store.request_stop(run.id)
    stopping = look(run)["drawn"]
    assert stopping != begun["drawn"]
    store.fail(run.id, attempt, "It is over.")
    ended = look(run)
    assert ended["drawn"] not in (begun["drawn"], stopping)
    assert (ended["again"], ended["progress"]) == (None, None)


def test_what_a_run_has_forgotten_is_no_longer_drawn(store: RunStore):
    run = queued(store)
    attempt = store.claim(run.id)
    for step in (50, 100, 150):
        report(store, run, attempt, "step", step=step, epoch=step / 50)
    assert [point[0] for point in look(run)["curves"][0]["training"]] == [1, 2, 3]
    store.rewind(run.id, attempt, 50)
    assert [point[0] for point in look(run)["curves"][0]["training"]] == [1]
    report(store, run, attempt, "step", step=75, epoch=1.5)
    assert [point[0] for point in look(run)["curves"][0]["training"]] == [1, 1.5]


def test_what_else_is_on_the_engine_has_the_page_drawn_anew(store: RunStore):
    run = queued(store)
    attempt = store.claim(run.id)
    alone = look(run)["drawn"]
    other = queued(store)
    assert look(run)["drawn"] != alone
    store.fail(run.id, attempt, "It is over.")
    ended = look(run)
    assert ended["again"] == live.LATER_LOOK_SECONDS
    store.request_stop(other.id)
    assert look(run)["drawn"] != ended["drawn"]
    assert look(run)["again"] is None


def test_a_first_report_is_not_asked_for_all_the_time(store: RunStore, monkeypatch: pytest.MonkeyPatch):
    run = queued(store, **{"data.sketches": 1_000})
    store.claim(run.id)
    assert look(run)["progress"]["words"] == "Drawing garments to learn from, and building the network …"
    assert look(run)["again"] == live.FIRST_LOOK_SECONDS
    began = store.get(run.id).started
    monkeypatch.setattr(live.time, "time", lambda: began + live.SOON_SECONDS)
    assert look(run)["again"] == live.LOOK_SECONDS


def test_a_run_that_is_not_there_is_said(store: RunStore):
    status, document = live.answer("nobody")
    assert (status, list(document)) == (404, ["error"])


def test_a_damaged_store_is_told_in_a_sentence(store: RunStore):
    run = queued(store)
    store.database.dispose()
    damage_runs(store.settings)
    status, told = live.answer(run.id)
    assert (status, told["error"].startswith("The run store is damaged (")) == (503, True)
