"""Claims beside measurements: which runs count, what is missing, and that it is started once."""

import numpy as np
import pytest

from fmnist_core.analysis import published
from fmnist_core.analysis.published import TYPICAL_SECONDS, Measurement, measurements
from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset
from fmnist_core.recipes import RECIPES
from fmnist_core.repeats import Spread, members, repeats_of, seedless
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings

DENSE = RECIPES["dense-100"].config


@pytest.fixture
def store(settings: Settings) -> RunStore:
    return RunStore(settings)


def real() -> Dataset:
    """As many images as the real data set has, all black."""
    train, test = np.zeros((60_000, 28, 28), np.uint8), np.zeros((1, 28, 28), np.uint8)
    return Dataset("fashion-mnist", "f1", train, np.zeros(60_000, np.uint8), test, np.zeros(1, np.uint8))


def finish(
    store: RunStore, accuracy: float, config: RunConfig = DENSE, source: str = "fashion-mnist", **changes: int
) -> Run:
    config = config.with_values({f"training.{name}": value for name, value in changes.items()})
    run = store.create(config, source=source, fingerprint="f1")
    result = {"test": {"accuracy": accuracy, "loss": 1.0}, "seconds": 100 * accuracy}
    assert store.end(run.id, store.claim(run.id), RunState.FINISHED, result)
    return store.get(run.id)


def dense(store: RunStore) -> Measurement:
    return measurements(store)[0]


def test_every_recipe_has_a_place_and_a_typical_time(store: RunStore):
    assert [each.recipe.name for each in measurements(store)] == list(RECIPES)
    assert set(TYPICAL_SECONDS) == set(RECIPES)
    for each in measurements(store):
        assert (each.accuracies, each.measured, each.first, each.missing) == ([], None, None, 3)
        assert each.seconds == TYPICAL_SECONDS[each.recipe.name]


def test_mean_and_spread_are_those_of_the_seeds(store: RunStore):
    finish(store, 0.87)
    assert (dense(store).measured, dense(store).missing) == (Spread(1, 0.87, None), 2)
    finish(store, 0.89, seed=7)
    found = dense(store)
    # Two values that differ by 0.02 deviate by 0.01 from their mean, 0.01 * sqrt(2) with n - 1.
    assert (found.measured.mean, found.measured.deviation) == pytest.approx((0.88, 0.0141421356))
    assert found.seconds == pytest.approx(88)


def test_a_seed_counts_once(store: RunStore):
    finish(store, 0.87)
    newer = finish(store, 0.87)
    assert [run.id for run in dense(store).runs] == [newer.id]
    assert dense(store).missing == 2


def test_other_images_other_settings_and_what_was_stopped_do_not_count(store: RunStore):
    finish(store, 0.99, source="wardrobe")
    finish(store, 0.5, epochs=3)
    run = store.create(DENSE, source="fashion-mnist", fingerprint="f1")
    store.request_stop(run.id)
    assert (dense(store).runs, dense(store).active) == ((), ())


def test_what_is_missing_is_started_once(store: RunStore):
    first = finish(store, 0.87, seed=1)
    chosen = measurements(store)[:2]
    assert published.seconds_missing(chosen) == pytest.approx(2 * 87 + 3 * TYPICAL_SECONDS["dense-300-100"])
    groups = published.run_missing(store, real(), chosen, "a wish")
    assert published.run_missing(store, real(), chosen, "a wish") == groups
    assert published.run_missing(store, real(), measurements(store)[:2], "another wish") == groups
    assert groups[0] == first
    assert [run.config.training.seed for run in groups] == [1, 2, 3, 0, 1, 2]
    assert groups == members(store, repeats_of(first)) + members(store, repeats_of(groups[3]))
    assert {run.recipe for run in groups[3:]} == {"dense-300-100"}
    assert {seedless(run.config) for run in groups[:3]} == {DENSE}
    found = measurements(store)
    assert [len(each.active) for each in found[:3]] == [2, 3, 0]
    assert found[0].missing == found[1].missing == 0


def test_seeds_that_were_run_one_by_one_count(store: RunStore):
    for seed in range(2):
        finish(store, 0.87, seed=seed)
    # The repeats of the first are a group of their own, and begin with the next seed.
    assert dense(store).missing == 2
    assert len(published.run_missing(store, real(), [dense(store)], "a wish")) == 3
    assert dense(store).missing == 0
    assert [run.config.training.seed for run in dense(store).active] == [1, 2]
    for seed in range(2, 4):
        finish(store, 0.87, seed=seed)
    assert len(dense(store).runs) == 4


def test_what_was_stopped_is_missing_again(store: RunStore):
    groups = published.run_missing(store, real(), measurements(store)[:1], "a wish")
    for run in groups[1:]:
        store.request_stop(run.id)
    assert dense(store).missing == 2
    again = published.run_missing(store, real(), [dense(store)], "another wish")
    assert [run.config.training.seed for run in again if run.state is RunState.QUEUED] == [0, 1, 2]


def test_runs_that_were_brought_in_were_not_measured_here(store: RunStore):
    run = store.create(DENSE, source="fashion-mnist", fingerprint="f1")
    result = {"test": {"accuracy": 0.99}, "seconds": 1, "imported": {}}
    store.end(run.id, store.claim(run.id), RunState.FINISHED, result)
    assert dense(store).runs == ()


def test_the_long_run_is_the_recipe_for_longer(store: RunStore):
    assert published.long_run(store, real()) is None
    run = published.start_long_run(store, real())
    assert published.start_long_run(store, real()) == run == published.long_run(store, real())
    assert run.config == DENSE.with_values({"training.epochs": 100})
    assert dense(store).active == ()
