"""The Published page: claims without runs and beside runs, starting what is missing, on drawn images too."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.analysis.published import LONG_RUN, QUICK_SECONDS, TYPICAL_SECONDS
from fmnist_core.data.dataset import load, load_source
from fmnist_core.recipes import RECIPES
from fmnist_core.repeats import repeat, repeats_of
from fmnist_core.runs import METRIC_COLUMNS, Run, RunState, RunStore
from fmnist_core.settings import Settings

DENSE = RECIPES["dense-100"].config


@pytest.fixture
def real_home(settings: Settings, real_data: Path) -> Settings:
    """A home with the real images."""
    return replace(settings, data_dir=real_data)


def shown(app: AppTest) -> str:
    """All words on the page, without an exception."""
    assert not app.exception
    kinds = (app.markdown, app.caption, app.title, app.subheader, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def finish(settings: Settings, accuracy: float, seed: int, training: float = 0.91) -> Run:
    """A finished run of the first recipe."""
    store, data = RunStore(settings), load(settings)
    config = DENSE.with_values({"training.seed": seed})
    run = store.create(config, source=data.source, fingerprint=data.fingerprint, recipe="dense-100")
    attempt = store.claim(run.id)
    values = dict.fromkeys(METRIC_COLUMNS, 0.5) | {"epoch": 10, "step": 100, "accuracy": training}
    store.report(run.id, attempt, "epoch", values)
    result = {"test": {"accuracy": accuracy, "loss": 1.0}, "epochs": 10, "seconds": 4.0}
    assert store.end(run.id, attempt, RunState.FINISHED, result)
    return store.get(run.id)


def test_claims_stand_there_before_anything_was_run(open_page, real_home: Settings):
    app = open_page(real_home, "published")
    table = app.dataframe[0].value
    assert list(table["Recipe"]) == [recipe.title for recipe in RECIPES.values()]
    assert table["Claimed"].iloc[0] == 0.99
    assert table["Runs"].tolist() == [0] * len(RECIPES)
    assert table["Here"].isna().all()
    assert "83.5%" in shown(app)
    assert "87.6% to 96.7%" in shown(app)
    assert "zalandoresearch/fashion-mnist" in shown(app)


def test_what_was_measured_stands_beside_the_claim(open_page, real_home: Settings):
    for seed, accuracy in enumerate((0.86, 0.87, 0.88)):
        finish(real_home, accuracy, seed)
    app = open_page(real_home, "published")
    row = app.dataframe[0].value.iloc[0]
    assert (row["Here"], row["±"], row["Runs"], row["Seconds"]) == pytest.approx((0.87, 0.01, 3, 4))
    assert "dense-100" not in app.multiselect[0].value
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics == {"On the images it learned from": "91.0%", "On the test images": "86.0%"}
    shown(app)


def test_the_quick_ones_are_chosen_first_and_started_once(open_page, real_home: Settings):
    app = open_page(real_home, "published")
    quick = [name for name in RECIPES if TYPICAL_SECONDS[name] <= QUICK_SECONDS]
    assert app.multiselect[0].value == quick
    assert app.button(key="run_missing").label.startswith(f"Start {3 * len(quick)} runs, about ")
    app.multiselect[0].set_value(["dense-100"]).run()
    assert app.button(key="run_missing").label == "Start 3 runs, about 15 s"
    app.button(key="run_missing").click().run()
    runs = RunStore(real_home).runs()
    assert [run.config.training.seed for run in runs] == [2, 1, 0]
    assert [run.group_id for run in runs] == [repeats_of(runs[2])] * 2 + [None]
    assert "0 training, 3 waiting" in shown(app)
    assert "dense-100" not in app.multiselect[0].value

    app.button(key="stop_measuring").click().run()
    assert {run.state for run in RunStore(real_home).runs()} == {RunState.STOPPED}
    shown(app)


def test_what_is_chosen_with_the_same_click_counts(open_page, real_home: Settings):
    app = open_page(real_home, "published")
    app.multiselect[0].set_value(["dense-100"])
    app.button(key="run_missing").click().run()
    shown(app)
    assert {run.recipe for run in RunStore(real_home).runs()} == {"dense-100"}


def test_one_run_is_one_run(open_page, real_home: Settings):
    repeat(RunStore(real_home), finish(real_home, 0.87, 0), 2)
    app = open_page(real_home, "published")
    app.multiselect[0].set_value(["dense-100"]).run()
    assert app.button(key="run_missing").label.startswith("Start 1 run, about ")
    shown(app)


def test_nothing_chosen_starts_nothing(open_page, real_home: Settings):
    app = open_page(real_home, "published")
    app.multiselect[0].set_value([]).run()
    assert app.button(key="run_missing").disabled
    shown(app)


def test_the_long_run_shows_both_figures(open_page, real_home: Settings):
    app = open_page(real_home, "published")
    app.button(key="train_long").click().run()
    (run,) = RunStore(real_home).runs()
    assert run.config == DENSE.with_values({"training.epochs": 100})
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics == {"On the images it learned from": "–", "On the test images": "–"}
    shown(app)


def test_nothing_can_be_measured_on_drawn_images(open_page, empty_home: Settings):
    store, data = RunStore(empty_home), load_source(empty_home, "wardrobe")
    run = store.create(LONG_RUN, source=data.source, fingerprint=data.fingerprint)
    result = {"test": {"accuracy": 0.999, "loss": 0.1}, "epochs": 100, "seconds": 1.0}
    store.end(run.id, store.claim(run.id), RunState.FINISHED, result)
    app = open_page(empty_home, "published")
    assert "nothing of it can be measured on these images" in shown(app)
    assert not {"run_missing", "train_long"} & {button.key for button in app.button}
    assert len(app.dataframe[0].value) == len(RECIPES)
    assert not app.metric
