"""Runs that are wanted once: found again, started once by many, tried again when they came to nothing."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from fmnist_core.config import DataConfig, RunConfig
from fmnist_core.data.dataset import Dataset
from fmnist_core.errors import ConfigError
from fmnist_core.experiments import ensure_run, run_of
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings

CONFIG = RunConfig(data=DataConfig(train_size=5, validation_size=2))


def images(fingerprint: str = "f1") -> Dataset:
    """Eight training images and one test image."""
    pixels, labels = np.zeros((8, 28, 28), np.uint8), np.zeros(8, np.uint8)
    return Dataset("wardrobe", fingerprint, pixels, labels, pixels[:1].copy(), labels[:1].copy())


@pytest.fixture
def store(any_database: Settings) -> RunStore:
    return RunStore(any_database)


def wanted(store: RunStore, config: RunConfig = CONFIG, data: Dataset | None = None) -> Run:
    return ensure_run(store, config, data or images(), name="Wanted", recipe="cnn")


def test_what_is_there_is_found_again(store: RunStore):
    run = wanted(store)
    assert (run.name, run.recipe, run.fingerprint) == ("Wanted", "cnn", "f1")
    assert wanted(store) == run
    store.end(run.id, store.claim(run.id), RunState.FINISHED, {})
    assert wanted(store).id == run.id
    assert run_of(store, CONFIG, images()).id == run.id


def test_one_that_somebody_started_anywhere_will_do(store: RunStore):
    run = store.create(CONFIG, source="wardrobe", fingerprint="f1", group_id="a-search", trial=3)
    assert wanted(store) == run


def test_one_that_was_brought_in_will_not(store: RunStore):
    run = store.create(CONFIG, source="wardrobe", fingerprint="f1")
    store.end(run.id, store.claim(run.id), RunState.FINISHED, {"imported": {}})
    assert run_of(store, CONFIG, images()) is None
    assert wanted(store).id != run.id


def test_another_configuration_and_other_images_are_another_run(store: RunStore):
    other = CONFIG.with_values({"training.seed": 1})
    runs = {wanted(store).id, wanted(store, other).id, wanted(store, data=images("f2")).id}
    assert len(runs) == 3


@pytest.mark.parametrize("fate", ["failed", "stopped", "deleted", "deleted twice"])
def test_what_came_to_nothing_is_tried_again(store: RunStore, fate: str):
    first = wanted(store)
    if fate == "failed":
        store.fail(first.id, store.claim(first.id), "The disk is full.")
    else:
        store.request_stop(first.id)
    if fate.startswith("deleted"):
        store.delete(first.id)
    second = wanted(store)
    assert (second.id != first.id, second.state) == (True, RunState.QUEUED)
    if fate == "deleted twice":
        store.request_stop(second.id)
        store.delete(second.id)
        assert wanted(store).id not in (first.id, second.id)
    else:
        assert wanted(store) == second


def test_many_who_ask_at_once_start_one(store: RunStore):
    with ThreadPoolExecutor(8) as pool:
        runs = set(pool.map(lambda _: wanted(store).id, range(16)))
    assert len(runs) == len(store.runs()) == 1


def test_more_images_than_there_are_is_refused_before_anything_waits(store: RunStore):
    with pytest.raises(ConfigError, match="train_size is 7"):
        wanted(store, CONFIG.with_values({"data.train_size": 7}))
    assert store.runs() == []
