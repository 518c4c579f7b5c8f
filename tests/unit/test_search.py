"""A search, step by step, with runs whose worker is the test."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext

from fmnist_core import migrations
from fmnist_core.config import DataConfig, DenseNetwork, RunConfig, TrainingConfig
from fmnist_core.database import METADATA, database_url
from fmnist_core.errors import ConfigError, RunError, SearchError
from fmnist_core.runs import METRIC_COLUMNS, Run, RunState, RunStore
from fmnist_core.search.optimizer import Optimizer
from fmnist_core.search.searches import (
    Search,
    SearchState,
    active_searches,
    all_searches,
    continue_search,
    create_search,
    get_search,
    plan_search,
    spend,
    stop_search,
)
from fmnist_core.search.space import prepared_space, settings_that_vary
from fmnist_core.search.trials import best_trial, search_document, trials_of
from fmnist_core.settings import Settings

CONFIG = RunConfig(
    data=DataConfig(train_size=600, validation_size=200),
    model=DenseNetwork(widths=(16,)),
    training=TrainingConfig(epochs=3),
)
SPACE = {
    "training.learning_rate": {"low": 1e-4, "high": 1e-1, "log": True},
    "model.widths": {"values": [[16], [32], [64, 32]]},
}


def begin(store: RunStore, *, trials: int | None = 6, minutes: float | None = None, **plan: object) -> Search:
    made = plan_search(CONFIG, SPACE, recipe="dense-100", **{"pruner": "none"} | plan)
    return create_search(store, made, source="wardrobe", fingerprint="0123", trials=trials, minutes=minutes)


@pytest.fixture
def store(settings: Settings) -> RunStore:
    return RunStore(settings)


def report(store: RunStore, run: Run, accuracy: float, epoch: int = 1, attempt: int = 1) -> None:
    row = dict.fromkeys(METRIC_COLUMNS, 1.0) | {
        "step": 10 * epoch,
        "epoch": epoch,
        "val_accuracy": accuracy,
        "val_loss": 1 - accuracy,
    }
    store.report(run.id, attempt, "epoch", row)


def finish(store: RunStore, run: Run, *accuracies: float) -> None:
    """Is the worker of a run from its beginning to its end."""
    attempt = store.claim(run.id)
    for epoch, accuracy in enumerate(accuracies, 1):
        report(store, run, accuracy, epoch, attempt)
    store.end(run.id, attempt, RunState.FINISHED, {"epochs": len(accuracies)})


def goodness(run: Run) -> float:
    """What a trial reaches: most at a learning rate of 0.01."""
    return round(0.9 - abs(run.config.training.learning_rate - 0.01), 4)


def work(store: RunStore, search: Search, new: Callable[[], Optimizer] | None = None) -> Search:
    """Trains whatever the search begins, until it is over."""
    conduct = Optimizer(store, search.id)
    for _ in range(60):
        search = (new() if new else conduct).advance()
        if not search.state.is_active:
            return search
        for run in store.queue()[:1]:
            finish(store, run, 0.5, 0.7, goodness(run))
    raise AssertionError("the search does not end")


def states(store: RunStore, search: Search) -> list[str]:
    """What Optuna was told, trial by trial."""
    study = Optimizer(store, search.id)._study
    return [trial.state.name for trial in study.get_trials()]


@pytest.mark.parametrize("sampler", ["tpe", "random", "quasi-random"])
def test_a_search_runs_as_many_trials_as_it_may(any_database: Settings, sampler: str):
    store = RunStore(any_database)
    search = work(store, begin(store, trials=5, sampler=sampler, seed=3))
    trials = trials_of(store, search)
    assert search.state is SearchState.FINISHED
    assert [trial.number for trial in trials] == [0, 1, 2, 3, 4]
    assert {trial.run.group_id for trial in trials} == {search.id}
    assert len({trial.run.config for trial in trials}) == 5
    assert all(1e-4 <= trial.params["training.learning_rate"] <= 1e-1 for trial in trials)
    assert all(trial.curve == (0.5, 0.7, trial.score) for trial in trials)
    assert best_trial(trials).score == max(goodness(trial.run) for trial in trials)
    assert states(store, search) == ["COMPLETE"] * 5


def test_a_grid_ends_when_every_point_was_tried(store: RunStore):
    search = work(store, begin(store, trials=100, sampler="grid"))
    tried = {tuple(trial.params.values()) for trial in trials_of(store, search)}
    assert len(tried) == len(trials_of(store, search)) == 4 * 3
    assert search.state is SearchState.FINISHED


def test_the_same_seed_tries_the_same(settings: Settings, tmp_path):
    tried = []
    for name in ("one", "other"):
        store = RunStore(replace(settings, database_url=f"sqlite:///{tmp_path / name}.sqlite"))
        search = create_search(
            store,
            plan_search(CONFIG, SPACE, pruner="none", seed=7),
            source="wardrobe",
            fingerprint="0123",
            trials=14,
            request="abcdef01",
        )
        tried.append([trial.params for trial in trials_of(store, work(store, search))])
    assert tried[0] == tried[1]


def test_the_queue_is_kept_short(store: RunStore):
    search = begin(store)
    conduct = Optimizer(store, search.id)
    for _ in range(3):
        conduct.advance(workers=2)
        assert len(store.queue()) == 3


def test_a_step_taken_twice_or_by_another_conductor_changes_nothing(any_database: Settings):
    store = RunStore(any_database)
    search = begin(store, trials=5)
    for _ in range(3):
        Optimizer(store, search.id).advance()
        Optimizer(store, search.id).advance()
    assert len(store.runs()) == 2
    search = work(store, search, new=lambda: Optimizer(store, search.id))
    assert [trial.number for trial in trials_of(store, search)] == [0, 1, 2, 3, 4]


def test_a_conductor_killed_between_asking_and_beginning_loses_and_doubles_nothing(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
):
    search = begin(store, trials=4)

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    # Before the run is made, and right after it.
    for owner, name in ((RunStore, "create"), (Optimizer, "_may_begin")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, die)
            with pytest.raises(Killed):
                Optimizer(store, search.id).advance()
    # While the values were drawn: a trial with one of them.
    with monkeypatch.context() as patch:
        patch.setattr("optuna.Trial._suggest", die)
        with pytest.raises(Killed):
            Optimizer(store, search.id)._ask()
    search = work(store, search)
    trials = trials_of(store, search)
    assert len(trials) == len({trial.number for trial in trials}) == 4
    assert sorted(states(store, search)) == ["COMPLETE"] * 4 + ["FAIL"]


def test_each_end_of_a_run_is_told_as_what_it_was(store: RunStore):
    search = begin(store, trials=4)
    conduct = Optimizer(store, search.id)
    conduct.advance(workers=3)
    good, failed, stopped, never = store.queue()
    finish(store, good, 0.5, 0.6, 0.8)
    store.fail(failed.id, store.claim(failed.id), "The loss became infinite.")
    report(store, stopped, 0.4, attempt=store.claim(stopped.id))
    store.request_stop(stopped.id)
    store.end(stopped.id, 1, RunState.STOPPED, {"epochs": 1})
    store.request_stop(never.id)
    search = conduct.advance()
    assert search.state is SearchState.FINISHED
    assert states(store, search) == ["COMPLETE", "FAIL", "PRUNED", "FAIL"]
    document = search_document(store, search)
    json.dumps(document, allow_nan=False)
    assert document["best"]["run_id"] == good.id
    assert [trial["score"] for trial in document["trials"]] == [0.8, None, 0.4, None]


def test_a_trial_whose_process_died_for_good_is_told_as_failed(store: RunStore):
    search = begin(store, trials=1)
    conduct = Optimizer(store, search.id)
    conduct.advance()
    for _ in range(3):
        (run,) = store.queue()
        attempt = store.claim(run.id)
        conduct.advance()
        store.recover(run.id, attempt, "It died.")
    assert conduct.advance().state is SearchState.FINISHED
    assert states(store, search) == ["FAIL"]


@pytest.mark.parametrize("pruner", ["halving", "hyperband", "median"])
def test_a_hopeless_trial_is_stopped_and_the_rest_go_on(store: RunStore, pruner: str):
    search = begin(store, trials=12, pruner=pruner)
    conduct = Optimizer(store, search.id)
    for number in range(12):
        conduct.advance()
        run = store.queue()[0]
        attempt = store.claim(run.id)
        for epoch in (1, 2, 3):
            report(store, run, 0.8 - 0.01 * number, epoch, attempt)
            conduct.advance()
            if store.get(run.id).stop_requests:
                assert epoch < 3
                store.end(run.id, attempt, RunState.STOPPED, {})
                break
        else:
            store.end(run.id, attempt, RunState.FINISHED, {})
    search = conduct.advance()
    assert search.state is SearchState.FINISHED
    assert set(states(store, search)) == {"COMPLETE", "PRUNED"}
    assert states(store, search)[0] == "COMPLETE"
    assert best_trial(trials_of(store, search)).number == 0


def test_a_verdict_counts_when_later_epochs_are_seen_with_it(store: RunStore):
    search = begin(store, trials=6, pruner="halving")
    conduct = Optimizer(store, search.id)
    stopped = 0
    for number in range(6):
        conduct.advance()
        run = store.queue()[0]
        attempt = store.claim(run.id)
        for epoch in (1, 2):
            report(store, run, 0.8 - 0.05 * number, epoch, attempt)
        conduct.advance()
        stopped += store.get(run.id).stop_requests
        store.end(run.id, attempt, RunState.STOPPED, {})
    assert stopped == 5


def test_a_stopped_search_stops_its_runs_and_goes_on_when_it_is_told_to(store: RunStore):
    search = begin(store, trials=3)
    conduct = Optimizer(store, search.id)
    conduct.advance()
    first, second = store.queue()
    attempt = store.claim(first.id)
    report(store, first, 0.5, attempt=attempt)

    assert stop_search(store, search.id).state is SearchState.STOPPING
    with pytest.raises(SearchError, match="just stopping"):
        continue_search(store, search.id)
    assert conduct.advance().state is SearchState.STOPPING
    assert conduct.advance().state is SearchState.STOPPING
    assert store.get(first.id).stop_requests == 1
    assert store.get(second.id).state is RunState.STOPPED
    store.end(first.id, attempt, RunState.STOPPED, {})
    assert conduct.advance().state is SearchState.STOPPED
    assert active_searches(store) == []

    assert continue_search(store, search.id).state is SearchState.RUNNING
    search = work(store, search)
    assert states(store, search) == ["PRUNED", "FAIL", "COMPLETE"]


def test_a_finished_search_can_be_extended(any_database: Settings):
    store = RunStore(any_database)
    search = work(store, begin(store, trials=2))
    search = continue_search(store, search.id, trials=3)
    assert (search.state, search.trials) == (SearchState.RUNNING, 5)
    search = work(store, search)
    assert len(trials_of(store, search)) == 5
    assert continue_search(store, search.id, minutes=5).minutes is None
    with pytest.raises(SearchError, match="1 to 1,000 trials"):
        continue_search(store, search.id, trials=1000)


def test_a_search_out_of_time_begins_nothing_and_drops_what_waits(store: RunStore):
    search = begin(store, trials=None, minutes=1)
    conduct = Optimizer(store, search.id)
    conduct.advance()
    first, second = store.queue()
    attempt = store.claim(first.id)
    spend(store, search.id, 30.0)
    assert not get_search(store, search.id).is_out_of_time
    spend(store, search.id, 31.0)
    conduct.advance()
    assert store.get(second.id).state is RunState.STOPPED
    assert store.get(first.id).stop_requests == 0
    report(store, first, 0.5, attempt=attempt)
    store.end(first.id, attempt, RunState.FINISHED, {})
    assert conduct.advance().state is SearchState.FINISHED
    assert states(store, search) == ["COMPLETE", "FAIL"]
    assert continue_search(store, search.id, minutes=1).minutes == 2


def test_time_in_which_others_train_is_not_the_searchs_to_spend(store: RunStore):
    search = begin(store, trials=None, minutes=1)
    conduct = Optimizer(store, search.id)
    for _ in range(3):
        waits = conduct.advance(elapsed=61.0)
    assert (waits.seconds, waits.state, len(store.queue())) == (0, SearchState.RUNNING, 2)
    store.claim(store.queue()[0].id)
    assert conduct.advance(elapsed=59.0).seconds == 59
    assert len(store.queue()) == 1
    assert conduct.advance(elapsed=1.0).is_out_of_time
    assert store.queue() == []


def test_a_full_queue_is_waited_for(store: RunStore, monkeypatch: pytest.MonkeyPatch):
    search = begin(store, trials=5)
    with monkeypatch.context() as patch:
        patch.setattr("fmnist_core.runs.QUEUE_LENGTH", 1)
        for _ in range(5):
            assert Optimizer(store, search.id).advance().state is SearchState.RUNNING
        assert len(store.runs()) == 1
        assert states(store, search) == ["RUNNING"] * 2
    search = work(store, search)
    assert [trial.number for trial in trials_of(store, search)] == [0, 1, 2, 3, 4]


def test_values_that_do_not_go_together_are_a_failed_trial(store: RunStore):
    config = CONFIG.with_values({"training.loss": "categorical_crossentropy"})
    plan = plan_search(config, {"training.label_smoothing": {"low": 0.1, "high": 0.2}}, pruner="none")
    plan = plan.model_copy(update={"config": CONFIG})
    search = create_search(store, plan, source="wardrobe", fingerprint="0123", trials=2)
    assert work(store, search).state is SearchState.FINISHED
    assert (states(store, search), store.runs()) == (["FAIL", "FAIL"], [])


def test_what_early_stopping_goes_back_to_is_the_score(store: RunStore):
    config = CONFIG.with_values({"training.early_stopping": {"patience": 5, "restore_best": True}})
    plan = plan_search(config, SPACE, pruner="none")
    search = create_search(store, plan, source="wardrobe", fingerprint="0123", trials=1)
    Optimizer(store, search.id).advance()
    finish(store, store.queue()[0], 0.5, 0.8, 0.7)
    assert trials_of(store, search)[0].score == 0.8


def test_importances_say_what_makes_the_difference(store: RunStore):
    search = begin(store, trials=20, sampler="random")
    assert Optimizer(store, search.id).importances() == {}
    work(store, search)
    shares = Optimizer(store, search.id).importances()
    assert sum(shares.values()) == pytest.approx(1)
    assert list(shares) == ["training.learning_rate", "model.widths"]
    assert shares["training.learning_rate"] > 0.8


def test_a_grid_that_nobody_could_try_is_refused():
    space = settings_that_vary("dense")
    del space["training.label_smoothing"]
    with pytest.raises(ConfigError, match=r"has [\d,]+ combinations, and a search takes at most 10,000"):
        plan_search(CONFIG, space, sampler="grid")
    assert plan_search(CONFIG, space, sampler="random").space == space


def test_each_factor_of_a_logarithmic_range_is_as_important(store: RunStore):
    # From 0.0001 to 0.001 is a third of the range, and but a hundredth of its numbers.
    space = {
        "training.learning_rate": SPACE["training.learning_rate"],
        "model.dropout": {"low": 0, "high": 0.5},
    }
    plan = plan_search(CONFIG, space, sampler="random", pruner="none")
    search = create_search(store, plan, source="wardrobe", fingerprint="0123", trials=40)
    conduct = Optimizer(store, search.id)
    while conduct.advance().state is SearchState.RUNNING:
        run = store.queue()[0]
        low = run.config.training.learning_rate < 1e-3
        finish(store, run, 0.8 - 0.2 * low - 0.1 * run.config.model.dropout)
    shares = conduct.importances()
    assert shares["training.learning_rate"] > 0.8


def test_the_same_wish_begins_one_search(store: RunStore):
    plan = plan_search(CONFIG, SPACE)
    made = [
        create_search(
            store, plan, source="wardrobe", fingerprint="0", trials=2, name=name, request="0a1b2c3d4e"
        )
        for name in ("first", "second")
    ]
    assert made[0] == made[1]
    assert made[0].name == "first"
    assert all_searches(store) == [made[0]]
    assert RunStore(store.settings) and get_search(store, made[0].id).plan == plan


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        ({"trials": None}, "needs an end"),
        ({"trials": 0}, "1 to 1,000 trials"),
        ({"trials": 1001}, "1 to 1,000 trials"),
        ({"trials": None, "minutes": 0.0}, "more than 0"),
        ({"trials": 5, "minutes": 1e9}, "at most 10,080 minutes"),
    ],
)
def test_a_search_has_an_end(store: RunStore, budget: dict, reason: str):
    with pytest.raises(SearchError, match=reason):
        begin(store, **budget)


def test_what_cannot_be_searched_is_refused(store: RunStore):
    blind = CONFIG.with_values({"data.validation_size": 0})
    with pytest.raises(ConfigError, match="set validation_size"):
        plan_search(blind, SPACE)
    with pytest.raises(ConfigError, match="no sampler 'luck'; choose one of tpe, random"):
        plan_search(CONFIG, SPACE, sampler="luck")
    with pytest.raises(ConfigError, match="no pruner 'axe'"):
        plan_search(CONFIG, SPACE, pruner="axe")
    with pytest.raises(SearchError, match="no search 'nobody'"):
        get_search(store, "nobody")
    assert plan_search(CONFIG, prepared_space("dense")).space == prepared_space("dense")


def test_optunas_tables_and_the_studios_live_in_one_database(any_database: Settings):
    store = RunStore(any_database)
    search = work(store, begin(store, trials=2))
    engine = sa.create_engine(database_url(any_database))
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision().startswith("v")
        step = connection.scalar(sa.text(f"SELECT version_num FROM {migrations.VERSION_TABLE}"))
    assert step == migrations.HEAD
    tables = set(sa.inspect(engine).get_table_names())
    assert {"studies", "trials", "trial_params", *METADATA.tables} < tables
    # A store that is opened again finds its own step, and nothing to do.
    assert [run.trial for run in RunStore(any_database).runs()] == [1, 0]
    assert states(RunStore(any_database), search) == ["COMPLETE"] * 2


def test_a_database_that_kept_its_step_under_alembics_name_goes_on_and_can_be_searched(
    any_database: Settings,
):
    any_database.home.mkdir()
    third_step = Config()
    third_step.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with sa.create_engine(database_url(any_database)).begin() as connection:
        third_step.attributes["connection"] = connection
        command.upgrade(third_step, "0003")
        connection.exec_driver_sql(f"ALTER TABLE {migrations.VERSION_TABLE} RENAME TO alembic_version")
        connection.exec_driver_sql(
            "INSERT INTO runs (id, name, config, source, fingerprint, state, attempt, stop_requests, result, "
            "created) VALUES ('dense-1', 'first', '{}', 'wardrobe', '0123', 'stopped', 1, 1, '{}', 1.5)"
        )
    store = RunStore(any_database)
    assert [(run.id, run.state, run.trial) for run in store.runs()] == [("dense-1", RunState.STOPPED, None)]
    assert not sa.inspect(store.database).has_table("alembic_version")
    assert work(store, begin(store, trials=1)).state is SearchState.FINISHED


def test_a_run_that_was_deleted_is_not_begun_again(store: RunStore):
    search = begin(store, trials=2)
    conduct = Optimizer(store, search.id)
    conduct.advance()
    first, second = store.queue()
    finish(store, first, 0.5, 0.6, 0.7)
    store.delete(first.id)
    conduct.advance()
    finish(store, second, 0.5, 0.6, 0.8)
    assert conduct.advance().state is SearchState.FINISHED
    assert len(store.runs()) + len(store.bin()) == 2
    assert best_trial(trials_of(store, search)).run.id == second.id


def test_a_trial_has_its_place_in_its_search(store: RunStore):
    with pytest.raises(RunError):
        store.get("nobody")
    Optimizer(store, begin(store).id).advance()
    assert [(run.trial, run.recipe) for run in store.queue()] == [(0, "dense-100"), (1, "dense-100")]
