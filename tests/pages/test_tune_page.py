"""The Tune page: setting up a search, watching it, letting it go on, keeping its best one."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from fmnist_core.config import (
    TRAIN_IMAGES,
    DataConfig,
    DenseNetwork,
    RunConfig,
    TrainingConfig,
    setting_title,
)
from fmnist_core.errors import SearchError
from fmnist_core.own_recipes import all_recipes, delete_recipe, save_recipe
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import METRIC_COLUMNS, RunState, RunStore
from fmnist_core.search.optimizer import Optimizer
from fmnist_core.search.searches import (
    PRUNERS,
    SAMPLERS,
    Search,
    SearchState,
    all_searches,
    create_search,
    get_search,
    plan_search,
    stop_search,
)
from fmnist_core.search.space import Choice, Range, prepared_space, settings_that_vary
from fmnist_core.search.trials import trials_of
from fmnist_core.settings import Settings

CONFIG = RunConfig(
    data=DataConfig(train_size=600, validation_size=200),
    model=DenseNetwork(widths=(64,)),
    training=TrainingConfig(epochs=2),
)

RESULT = {
    "epochs": 2,
    "seconds": 1.5,
    "parameters": 50_890,
    "plan": "CPU, a TensorFlow graph, float32",
    "test": {"accuracy": 0.75, "loss": 0.7},
    "check": dict.fromkeys(["structure", "parameters", "weights", "predictions"], True)
    | {"largest_difference": 0.0},
}


@pytest.fixture(autouse=True)
def _no_conductor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.work.ensure_conductor", lambda settings: None)
    monkeypatch.setattr("app.components.search_view.ensure_conductor", lambda settings: None)


def a_search(settings: Settings, trials: int = 8, ended: int | None = None, **plan: str) -> Search:
    """A search that has come so far, by the hand of the test."""
    store = RunStore(settings)
    made = plan_search(CONFIG, prepared_space("dense"), recipe="dense-100", **{"pruner": "none"} | plan)
    search = create_search(
        store, made, source="wardrobe", fingerprint="0", trials=trials, name="My *first* search"
    )
    conduct = Optimizer(store, search.id)
    for number in range(trials if ended is None else ended):
        conduct.advance()
        run = store.queue()[0]
        attempt = store.claim(run.id)
        for epoch in (1, 2):
            row = dict.fromkeys(METRIC_COLUMNS, 1.0)
            score = 0.6 + 0.02 * number + 0.01 * epoch
            row |= {"step": epoch, "epoch": epoch, "val_accuracy": score, "val_loss": 1.0}
            store.report(run.id, attempt, "epoch", row)
        store.end(run.id, attempt, RunState.FINISHED, RESULT)
    return conduct.advance()


def test_a_slip_of_the_pen_leaves_all_other_settings(open_page, empty_home: Settings):
    app = open_page(empty_home, "tune")
    low = "tune:dense-100:training.learning_rate:low"
    app.number_input(key=low).set_value(0.002).run()
    app.selectbox(key="tune_sampler").set_value("random").run()
    widths = "tune:dense-100:model.widths"
    app.text_input(key=widths).set_value("64; 12o").run()
    assert any("write plans like" in error for error in errors(app))
    app.number_input(key="tune:dense-100:train_size").set_value(TRAIN_IMAGES).run()
    app.text_input(key=widths).set_value("64; 128").run()
    assert any("train_size" in error for error in errors(app))
    app.number_input(key="tune:dense-100:train_size").set_value(None).run()
    press(app, "Start the search")
    assert errors(app) == []
    (search,) = all_searches(RunStore(empty_home))
    assert search.plan.sampler == "random"
    assert search.plan.space["training.learning_rate"].low == 0.002


def test_what_was_set_stays_while_another_page_is_looked_at_and_can_be_undone(
    open_page, look_away, empty_home: Settings
):
    app = open_page(empty_home, "tune")
    app.selectbox(key="tune_recipe").set_value("cnn").run()
    assert app.button(key="tune:cnn:undo").disabled
    app.number_input(key="tune:cnn:epochs").set_value(2).run()
    app.number_input(key="tune:cnn:train_size").set_value(900).run()
    app.multiselect(key="tune:cnn:fields").set_value(["Dropout"]).run()
    app.number_input(key="tune:cnn:model.dropout:high").set_value(0.3).run()
    app.number_input(key="tune_trials").set_value(None).run()
    app.number_input(key="tune_minutes").set_value(4).run()
    look_away(app, "tune")
    assert errors(app) == []
    assert app.selectbox(key="tune_recipe").value == "cnn"
    assert app.number_input(key="tune:cnn:epochs").value == 2
    assert app.number_input(key="tune:cnn:train_size").value == 900
    assert app.number_input(key="tune:cnn:model.dropout:high").value == 0.3
    assert (app.number_input(key="tune_trials").value, app.number_input(key="tune_minutes").value) == (
        None,
        4,
    )
    app.button(key="tune:cnn:undo").click().run()
    assert app.button(key="tune:cnn:undo").disabled
    press(app, "Start the search")
    (search,) = all_searches(RunStore(empty_home))
    assert search.plan.space == prepared_space("convolutional")
    assert search.plan.config.data.train_size is None


def test_a_search_can_end_by_the_clock_alone(open_page, empty_home: Settings):
    app = open_page(empty_home, "tune")
    assert not app.number_input(key="tune_trials").proto.HasField("default"), "so that it can be emptied"
    app.number_input(key="tune_trials").set_value(None).run()
    app.number_input(key="tune_minutes").set_value(4).run()
    press(app, "Start the search")
    (search,) = all_searches(RunStore(empty_home))
    assert (search.trials, search.minutes) == (None, 4)


@pytest.mark.parametrize("name", RECIPES)
def test_whatever_is_offered_can_vary(open_page, empty_home: Settings, name: str):
    app = open_page(empty_home, "tune")
    app.selectbox(key="tune_recipe").set_value(name).run()
    offered = set(settings_that_vary(RECIPES[name].config.model.kind))
    fields = app.multiselect(key=f"tune:{name}:fields")
    fields.set_value([field for field in offered if setting_title(field) in fields.options]).run()
    assert errors(app) == []


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def errors(app: AppTest) -> list[str]:
    assert not app.exception
    return [error.value for error in app.error]


def texts(app: AppTest) -> str:
    parts = (app.markdown, app.caption, app.subheader, app.warning, app.success, app.info)
    return "\n".join(element.value for part in parts for element in part)


def test_an_empty_studio_offers_a_search_with_what_matters_most(open_page, empty_home: Settings):
    app = open_page(empty_home, "tune")
    assert errors(app) == []
    assert "Which settings are best?" in texts(app)
    press(app, "Start the search")
    assert errors(app) == []
    (search,) = all_searches(RunStore(empty_home))
    assert search.plan.space == prepared_space("dense")
    assert (search.plan.recipe, search.plan.config.training.epochs) == ("dense-100", 5)
    assert (search.trials, search.minutes, search.source) == (30, None, "wardrobe")
    assert (search.plan.sampler, search.plan.pruner) == ("tpe", "halving")
    assert app.query_params["study"] == search.id
    assert "The first trial is on its way" in texts(app)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_can_be_searched_around(open_page, empty_home: Settings, recipe: str):
    app = open_page(empty_home, "tune")
    app.selectbox(key="tune_recipe").set_value(recipe).run()
    kind = RECIPES[recipe].config.model.kind
    assert errors(app) == []
    assert app.multiselect(key=f"tune:{recipe}:fields").value == list(prepared_space(kind))


def test_what_varies_how_and_how_far_is_as_it_was_set_up(open_page, empty_home: Settings):
    app = open_page(empty_home, "tune")
    key = "tune:dense-100"
    app.multiselect(key=f"{key}:fields").set_value(
        ["model.widths", "training.learning_rate", "training.optimizer", "data.augmentation.flip"]
    ).run()
    app.text_input(key=f"{key}:model.widths").set_value("64; 300 100")
    app.number_input(key=f"{key}:training.learning_rate:high").set_value(0.01)
    app.toggle(key=f"{key}:training.learning_rate:log").set_value(False)
    app.number_input(key=f"{key}:train_size").set_value(1000)
    app.selectbox(key="tune_sampler").set_value("grid")
    app.selectbox(key="tune_pruner").set_value("median")
    app.number_input(key="tune_minutes").set_value(4)
    app.text_input(key="tune_name").set_value("Widths")
    app.run()
    assert "**80 combinations**" in texts(app)
    press(app, "Start the search")
    assert errors(app) == []
    (search,) = all_searches(RunStore(empty_home))
    assert search.plan.space == {
        "model.widths": Choice(values=([64], [300, 100])),
        "training.learning_rate": Range(low=1e-4, high=0.01),
        "training.optimizer": Choice(values=("sgd", "momentum", "adam", "adamw", "rmsprop")),
        "data.augmentation.flip": Choice(values=(False, True)),
    }
    assert (search.plan.sampler, search.plan.pruner) == ("grid", "median")
    assert (search.name, search.minutes, search.plan.config.data.train_size) == ("Widths", 4, 1000)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("model.widths", "64; many", "write plans like"),
        ("model.widths", "64", "two or more values"),
        ("model.widths", "64; 100000", "less than or equal to 4096"),
    ],
)
def test_a_space_that_is_not_allowed_says_why(
    open_page, empty_home: Settings, field: str, value: str, reason: str
):
    app = open_page(empty_home, "tune")
    app.text_input(key=f"tune:dense-100:{field}").set_value(value).run()
    (error,) = errors(app)
    assert reason in error
    assert next(button for button in app.button if button.label == "Start the search").disabled


def test_a_search_without_a_setting_does_not_begin(open_page, empty_home: Settings):
    app = open_page(empty_home, "tune")
    app.multiselect(key="tune:dense-100:fields").set_value([]).run()
    assert "choose one or more" in errors(app)[0]
    assert next(button for button in app.button if button.label == "Start the search").disabled


def test_a_search_that_cannot_be_conducted_now_says_so(
    open_page, empty_home: Settings, monkeypatch: pytest.MonkeyPatch
):
    def refuse(_: Settings) -> None:
        raise SearchError("The search cannot be started: no more processes.")

    monkeypatch.setattr("app.work.ensure_conductor", refuse)
    app = press(open_page(empty_home, "tune"), "Start the search")
    assert errors(app) == ["The search cannot be started: no more processes."]


def test_a_running_search_shows_its_trials_and_stops(open_page, empty_home: Settings):
    search = a_search(empty_home, trials=8, ended=3)
    app = open_page(empty_home, "tune", study=search.id)
    assert errors(app) == []
    assert [metric.value for metric in app.metric][:4] == ["66.00%", "3", "0", "0"]
    assert len(app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")) == 2 + 1 + 4
    assert r"My \*first\* search" in texts(app)
    press(app, "Stop")
    assert get_search(RunStore(empty_home), search.id).state is SearchState.STOPPING
    assert errors(app) == []


def test_a_search_that_ended_before_its_first_score_shows_its_trials(open_page, empty_home: Settings):
    search = a_search(empty_home, ended=0)
    store = RunStore(empty_home)
    stop_search(store, search.id)
    while Optimizer(store, search.id).advance().state.is_active:
        pass
    app = open_page(empty_home, "tune", study=search.id)
    assert errors(app) == []
    assert "No trial has come far enough to be scored" in texts(app)
    (table,) = app.dataframe
    assert table.value["Trial"].tolist() == [0, 1]


def test_a_finished_search_leads_to_its_runs_and_goes_on(open_page, empty_home: Settings):
    search = a_search(empty_home)
    app = open_page(empty_home, "tune", study=search.id, trial="2")
    assert errors(app) == []
    assert "The best is trial 7" in texts(app)
    assert "**Trial 2**" in texts(app)
    (table,) = app.dataframe
    assert table.value["Trial"].tolist() == [7, 6, 5, 4, 3, 2, 1, 0]
    assert table.value["Mistakes"].iloc[0].startswith("evaluate?run=dense-100-")
    assert "How much each setting matters" in texts(app)
    app.number_input(key="more_trials").set_value(5).run()
    next(button for button in app.button if button.key == "continue_search").click().run()
    assert errors(app) == []
    extended = get_search(RunStore(empty_home), search.id)
    assert (extended.state, extended.trials) == (SearchState.RUNNING, 13)


def test_the_best_one_becomes_a_recipe_that_can_be_deleted_and_brought_back(open_page, empty_home: Settings):
    search = a_search(empty_home)
    app = open_page(empty_home, "tune", study=search.id)
    app.text_input(key=f"recipe_title_{search.id}").set_value("My *best*").run()
    press(app, "Save as a recipe")
    assert errors(app) == []
    assert r"It is the recipe **My \*best\*** now." in texts(app)
    store = RunStore(empty_home)
    config = trials_of(store, search)[-1].run.config
    assert all_recipes(store)["my-best"].config == config

    app = open_page(empty_home, "train")
    app.selectbox(key="recipe").set_value("my-best").run()
    assert "trial 7 of My" in texts(app)
    press(app, "Delete this recipe")
    assert errors(app) == []
    assert (app.selectbox(key="recipe").value, "my-best" in all_recipes(store)) == ("dense-100", False)
    press(app, r"Undo: bring my\-best back")
    assert errors(app) == []
    assert (app.selectbox(key="recipe").value, "my-best" in all_recipes(store)) == ("my-best", True)
    press(app, "Start training")
    assert (store.runs()[0].recipe, store.runs()[0].config) == ("my-best", config)


def test_a_recipe_that_another_tab_deleted_or_lost_breaks_nothing(open_page, empty_home: Settings):
    search, store = a_search(empty_home, trials=2), RunStore(empty_home)
    run = trials_of(store, search)[0].run
    mine = save_recipe(store, run, "Mine", "My own.").name
    app = open_page(empty_home, "train")
    app.selectbox(key="recipe").set_value(mine).run()
    delete_recipe(store, mine)
    press(app, "Delete this recipe")
    assert errors(app) == []
    assert app.selectbox(key="recipe").value == "dense-100"

    with store.database.begin() as connection:
        connection.execute(text("DELETE FROM recipes"))
    press(app, "Undo: bring mine back")
    assert "There is no recipe 'mine'" in errors(app)[0]
    assert app.selectbox(key="recipe").value == "dense-100"


@pytest.mark.parametrize(
    ("page", "choice", "button"),
    [("train", "recipe", "Start training"), ("tune", "tune_recipe", "Start the search")],
)
def test_nothing_starts_from_a_recipe_that_another_tab_has_just_deleted(
    open_page, empty_home: Settings, page: str, choice: str, button: str
):
    store = RunStore(empty_home)
    run = store.create(RunConfig(), source="wardrobe", fingerprint="f")
    mine = save_recipe(store, run, "Mine", "My own.").name
    app = open_page(empty_home, page)
    app.selectbox(key=choice).set_value(mine).run()
    delete_recipe(store, mine)
    press(app, button)
    assert errors(app) == []
    assert ["has been deleted" in toast.value for toast in app.toast] == [True]
    assert (store.runs(), all_searches(store)) == ([run], [])
    press(app, button)
    assert not app.toast
    assert errors(app) == []
    assert (len(store.runs()) - 1, len(all_searches(store))) == ((1, 0) if page == "train" else (0, 1))


@pytest.mark.parametrize(
    ("page", "field", "button"),
    [
        ("train", "dense-100:dense:widths", "Start training"),
        ("tune", "tune:dense-100:model.widths", "Start the search"),
    ],
)
def test_nothing_starts_from_what_was_mistyped_just_before(
    open_page, empty_home: Settings, page: str, field: str, button: str
):
    app = open_page(empty_home, page)
    app.text_input(key=field).set_value("many")
    press(app, button)
    assert "'many'" in errors(app)[0]
    store = RunStore(empty_home)
    assert (store.runs(), all_searches(store)) == ([], [])
    app.text_input(key=field).set_value("64").run()
    assert (store.runs(), all_searches(store)) == ([], [])


def test_a_search_without_a_single_score_is_shown(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    search = a_search(empty_home, trials=3, ended=0)
    conduct = Optimizer(store, search.id)
    while (search := conduct.advance()).state.is_active:
        run = store.queue()[0]
        store.fail(run.id, store.claim(run.id), "The loss became infinite.")
    app = open_page(empty_home, "tune", study=search.id, trial="1")
    assert errors(app) == []
    assert [metric.value for metric in app.metric][:4] == ["–", "0", "0", "3"]


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("pruner", PRUNERS)
def test_every_way_to_search_is_shown_by_its_name(open_page, empty_home: Settings, sampler: str, pruner: str):
    search = a_search(empty_home, trials=2, ended=0, sampler=sampler, pruner=pruner)
    stop_search(RunStore(empty_home), search.id)
    app = open_page(empty_home, "tune", study=search.id)
    assert errors(app) == []
    assert "dense networks" in texts(app)


@pytest.mark.parametrize(
    "query",
    [
        {"study": "nobody"},
        {"study": "<b>*x*</b>'; DROP TABLE searches"},
        {"trial": "-1"},
        {"study": "", "trial": "9999999999999"},
    ],
)
def test_an_address_that_leads_nowhere_shows_the_form(open_page, empty_home: Settings, query: dict[str, str]):
    app = open_page(empty_home, "tune", **query)
    assert errors(app) == []
    assert any(button.label == "Start the search" for button in app.button)


def test_a_trial_that_is_not_there_is_passed_over(open_page, empty_home: Settings):
    search = a_search(empty_home, trials=2)
    for trial in ("99", "x", "²"):
        assert errors(open_page(empty_home, "tune", study=search.id, trial=trial)) == []


def test_the_list_leads_to_each_search(open_page, empty_home: Settings):
    search = a_search(empty_home, trials=2)
    app = open_page(empty_home, "tune")
    next(button for button in app.button if button.key == f"open_{search.id}").click().run()
    assert errors(app) == []
    assert app.query_params["study"] == search.id
    assert datetime.fromtimestamp(search.created, UTC).year >= 2024
    press(app, "All searches, and a new one")
    assert any(button.label == "Start the search" for button in app.button)


def test_older_searches_are_on_further_pages(open_page, empty_home: Settings):
    ids = [a_search(empty_home, trials=1, ended=0).id for _ in range(14)]
    app = open_page(empty_home, "tune")

    def listed() -> list[str]:
        assert errors(app) == []
        return [button.key.removeprefix("open_") for button in app.button if "open_" in (button.key or "")]

    assert listed() == ids[:1:-1]
    app.pagination(key="searches_page").set_value(2).run()
    assert listed() == ids[1::-1]
