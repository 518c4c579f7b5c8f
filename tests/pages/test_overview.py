"""The overview: the way into an empty studio, and the last runs with where they lead."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.config import RunConfig
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import METRIC_COLUMNS, Run, RunState, RunStore
from fmnist_core.settings import Settings

OpenPage = Callable[..., AppTest]


def links(app: AppTest) -> dict[str, str]:
    """The address of every link on the page, by its words."""
    found = app.get("page_link")
    return {link.proto.label: f"{link.proto.page}?{link.proto.query_string}" for link in found}


def texts(app: AppTest) -> list[str]:
    return [element.value for element in (*app.text, *app.caption, *app.markdown)]


def new_run(settings: Settings, name: str) -> Run:
    return RunStore(settings).create(RunConfig(), source="wardrobe", fingerprint="0" * 12, name=name)


def test_an_empty_studio_shows_what_is_loaded_and_leads_on(empty_home: Settings, open_page: OpenPage):
    app = open_page(empty_home, "overview")

    assert not app.exception
    assert app.title[0].value == "Fashion-MNIST Studio"
    assert any("12,000 to learn from and 2,000 to test with" in text for text in texts(app))
    assert {"**Explore**", "**Train**", "**Evaluate**", "**Classify**"} <= set(links(app))
    assert not app.metric


def test_one_click_starts_the_first_training_and_shows_it(empty_home: Settings, open_page: OpenPage):
    app = open_page(empty_home, "overview")
    app.button(key="train_first").click().run()

    (run,) = RunStore(empty_home).runs()
    assert not app.exception
    assert (run.state, run.recipe, run.source) == (RunState.QUEUED, "dense-100", "wardrobe")
    assert run.config == RECIPES["dense-100"].config
    assert app.title[0].value == "Train"
    assert app.query_params["run"] == run.id


def test_a_finished_run_leads_to_its_evaluation(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    app = open_page(settings, "overview")

    assert not app.exception
    assert "A tiny one" in texts(app)
    (accuracy,) = app.metric
    assert (accuracy.label, accuracy.value) == (
        "Test accuracy on the drawn wardrobe",
        f"{run.result['test']['accuracy']:.1%}",
    )
    assert links(app)["See where it errs"].endswith(f"evaluate?run={run.id}")
    assert not [button for button in app.button if button.key == "train_first"]


def test_a_run_that_trains_is_brought_up_to_date(empty_home: Settings, open_page: OpenPage):
    store = RunStore(empty_home)
    run = new_run(empty_home, "Slow")
    app = open_page(empty_home, "overview")
    assert [metric.value for metric in app.metric] == ["–"]

    attempt = store.claim(run.id)
    row = dict.fromkeys(METRIC_COLUMNS, 0.5) | {"step": 1, "accuracy": 0.625}
    store.report(run.id, attempt, "step", row)
    app.run()
    assert not app.exception
    assert [(metric.label, metric.value) for metric in app.metric] == [("Training accuracy", "62.5%")]
    assert links(app)["Watch it learn"].endswith(f"train?run={run.id}")


def test_a_failed_run_says_why_and_a_stopped_one_keeps_its_curves(empty_home: Settings, open_page: OpenPage):
    store = RunStore(empty_home)
    failed, stopped = new_run(empty_home, "Failed"), new_run(empty_home, "Stopped")
    store.fail(failed.id, store.claim(failed.id), "The disk is full: make room.")
    store.request_stop(stopped.id)
    app = open_page(empty_home, "overview")

    assert not app.exception
    assert "The disk is full: make room." in texts(app)
    assert links(app)["See its curves"].endswith(f"train?run={failed.id}")
    assert [metric.value for metric in app.metric] == ["–"]


@pytest.mark.parametrize("name", ["**bold** $x$ :smile: [link](http://example.org)", "<b>x</b>" * 20])
def test_a_name_is_shown_as_it_was_typed(empty_home: Settings, open_page: OpenPage, name: str):
    new_run(empty_home, name)
    app = open_page(empty_home, "overview")

    assert not app.exception
    assert [text.value for text in app.text] == [name]


def test_only_the_last_three_runs_are_shown(empty_home: Settings, open_page: OpenPage):
    for number in range(5):
        new_run(empty_home, f"Run {number}")
    app = open_page(empty_home, "overview")

    assert [text.value for text in app.text] == ["Run 4", "Run 3", "Run 2"]
