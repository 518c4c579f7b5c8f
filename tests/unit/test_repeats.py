"""Seed repeats: which are started, which count, and what they come to."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from fmnist_core.config import RunConfig
from fmnist_core.errors import RunError
from fmnist_core.repeats import groups, members, repeat, repeats_of, seed_accuracies, spread
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings


@pytest.fixture
def store(settings: Settings) -> RunStore:
    return RunStore(settings)


def start(store: RunStore, seed: int = 0, name: str = "A", fingerprint: str = "f", **changes: object) -> Run:
    config = RunConfig().with_values({"training.seed": seed} | changes)
    return store.create(config, source="wardrobe", fingerprint=fingerprint, recipe="dense-100", name=name)


def end(store: RunStore, run: Run, accuracy: float, state: RunState = RunState.FINISHED) -> Run:
    store.end(run.id, store.claim(run.id), state, {"test": {"accuracy": accuracy, "loss": 1.0}})
    return store.get(run.id)


def seeds(runs: list[Run]) -> list[int]:
    return [run.config.training.seed for run in runs]


def test_mean_and_spread_are_those_of_a_sample():
    found = spread([0.90, 0.91, 0.95])
    assert (found.count, found.mean) == (3, pytest.approx(0.92))
    assert found.deviation == pytest.approx((0.0014 / 2) ** 0.5)
    assert spread([0.5]).deviation is None


def test_a_run_is_repeated_with_the_next_seeds_and_is_the_first_of_its_group(store: RunStore):
    run = start(store, seed=7)
    group = repeat(store, run, 3)
    assert seeds(group) == [7, 8, 9]
    assert group[0] == run
    assert {other.group_id for other in group[1:]} == {repeats_of(run)}
    assert [other.name for other in group[1:]] == ["A, seed 8", "A, seed 9"]
    for other in group[1:]:
        assert other.config == run.config.with_values({"training.seed": other.config.training.seed})
        assert (other.source, other.fingerprint, other.recipe) == (run.source, run.fingerprint, run.recipe)
    assert groups(store.runs()) == dict.fromkeys((other.id for other in group), repeats_of(run))


def test_asking_again_starts_only_what_is_missing_also_from_one_of_the_repeats(store: RunStore):
    run = start(store)
    group = repeat(store, run, 3, request="wish")
    assert repeat(store, run, 3, request="wish") == group
    assert repeat(store, group[2], 2) == group
    assert seeds(repeat(store, group[1], 4)) == [0, 1, 2, 3]
    assert len(store.runs()) == 4


def test_several_who_ask_at_once_get_the_same_repeats(store: RunStore):
    run = start(store)
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(repeat, store, run, 4) for _ in range(6)]
    assert all(seeds(each.result()) == [0, 1, 2, 3] for each in asked)
    assert len(store.runs()) == 4


def test_repeats_are_called_after_the_first_also_when_that_is_in_the_bin(store: RunStore):
    first, second = repeat(store, end(store, start(store), 0.9), 2)
    store.delete(first.id)
    assert {run.name for run in repeat(store, second, 3)} == {"A, seed 1", "A, seed 2", "A, seed 3"}


def test_what_was_stopped_or_deleted_is_trained_again(store: RunStore):
    group = repeat(store, start(store), 3)
    store.request_stop(group[1].id)
    store.request_stop(group[2].id)
    store.delete(group[2].id)
    again = repeat(store, group[0], 3)
    assert sorted(seeds(again)) == [0, 1, 1, 2]
    assert group[2].id not in [run.id for run in again]


def test_a_group_stays_when_its_first_run_is_deleted(store: RunStore):
    group = repeat(store, start(store), 3)
    store.request_stop(group[0].id)
    store.delete(group[0].id)
    assert members(store, repeats_of(group[1])) == group[1:]
    assert sorted(seeds(repeat(store, group[1], 3))) == [1, 2, 3]


def test_seeds_stay_in_their_range(store: RunStore):
    assert seeds(repeat(store, start(store, seed=2**31 - 1), 2)) == [2**31 - 1, 0]


@pytest.mark.parametrize("count", [0, -1, 21])
def test_too_many_or_too_few_are_refused(store: RunStore, count: int):
    run = start(store)
    with pytest.raises(RunError, match=f"not {count}"):
        repeat(store, run, count)
    assert store.runs() == [run]


def test_the_trials_of_a_search_stay_its_trials(store: RunStore):
    trial = store.create(RunConfig(), source="wardrobe", fingerprint="f", group_id="search-1")
    assert [run.group_id for run in repeat(store, trial, 2)] == ["search-1", f"{trial.id}-seeds"]
    assert groups(store.runs())[trial.id] == "search-1"
    assert members(store, "search-1") == [trial]


def test_accuracies_count_once_for_each_seed_however_they_were_started(store: RunStore):
    run = end(store, start(store), 0.90)
    end(store, start(store, seed=1), 0.91)
    end(store, start(store, seed=1), 0.91)
    end(store, start(store, seed=2), 0.5, RunState.STOPPED)
    end(store, start(store, seed=3, fingerprint="other"), 0.6)
    end(store, start(store, seed=4, **{"training.epochs": 3}), 0.7)
    start(store, seed=5)
    assert seed_accuracies(store.runs(), run) == [0.90, 0.91]


def test_a_recipe_of_any_name_leaves_room_for_what_is_added_to_it(any_database: Settings):
    store = RunStore(any_database)
    run = store.create(RunConfig(), source="wardrobe", fingerprint="f", recipe="long-" * 11 + "name-2")
    first, second = repeat(store, run, 2)
    assert (first.id, second.group_id) == (run.id, repeats_of(run))
    assert second.id != run.id
