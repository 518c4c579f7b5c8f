"""The Lessons page: the list, a lesson before and after its prediction, hostile addresses."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.components import lesson_runs
from fmnist_core.data.dataset import load_source
from fmnist_core.lessons import LESSONS
from fmnist_core.lessons.lesson import start
from fmnist_core.lessons.progress import check_off, predict, progress_of
from fmnist_core.runs import METRIC_COLUMNS, Run, RunState, RunStore
from fmnist_core.settings import Settings

OVERFITTING, RATES = LESSONS["overfitting"], LESSONS["learning-rate"]


def shown(app: AppTest) -> str:
    """All words on the page, without an exception."""
    assert not app.exception
    kinds = (
        app.markdown,
        app.caption,
        app.title,
        app.subheader,
        app.success,
        app.info,
        app.warning,
        app.error,
    )
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def badges(app: AppTest) -> list[str]:
    """What each card or title says of the progress."""
    states = ("open", "predicted", "done", "done, predicted rightly")
    found = [
        text.value.split(": ")[-1].split("] ")[-1].rstrip("]")
        for text in app.markdown
        if "-badge[" in text.value
    ]
    return [words.split(": ", 1)[-1] for words in found if words.split(": ", 1)[-1] in states]


def answer(app: AppTest, name: str, choice: str) -> AppTest:
    app.radio(key=f"prediction_{name}").set_value(choice).run()
    return app.button(key="predict").click().run()


def finish(store: RunStore, run: Run, right: float, training: float = 0.99) -> None:
    """Ends a queued run by hand: on the images held back, its loss rises, and it names `right` of the test
    images."""
    data = load_source(store.settings, run.source)
    attempt = store.claim(run.id)
    values = dict.fromkeys(METRIC_COLUMNS, 0.5) | {"accuracy": training, "val_accuracy": right}
    for epoch, loss in enumerate((0.9, 0.5, 0.8), start=1):
        row = values | {"step": 10 * epoch, "epoch": epoch, "val_loss": loss}
        store.report(run.id, attempt, "epoch", row)
        store.report(run.id, attempt, "step", row)
    wrong = np.arange(len(data.y_test)) >= right * len(data.y_test)
    store.folder(run.id).mkdir(parents=True, exist_ok=True)
    answers = np.eye(10, dtype=np.float32)[(data.y_test + wrong) % 10]
    np.savez(store.folder(run.id) / "predictions.npz", test=answers, validation=answers[:0])
    result = {"test": {"accuracy": right, "loss": 1.0}, "epochs": 3, "seconds": 1.5, "parameters": 235_146}
    assert store.end(run.id, attempt, RunState.FINISHED, result)


def test_the_last_look_shows_the_runs_to_their_end(open_page, empty_home: Settings):
    open_page(empty_home, "lessons")  # sets the environment
    store, lesson = RunStore(empty_home), LESSONS["ninety-nine"]
    runs = start(store, lesson, load_source(empty_home, "wardrobe"))
    ids = {label: run.id for label, run in runs.items()}

    def points() -> list[dict]:
        chart, _ = lesson_runs._look(
            ids, "accuracy", 3, tuple(store.get(each).state for each in ids.values())
        )
        return chart["datasets"]["curves"]

    assert points() == []
    for run in runs.values():
        finish(store, run, 0.8)
    assert {row["epoch"] for row in points()} == {1, 2, 3}


def finish_all(settings: Settings, name: str, *right: float) -> RunStore:
    """The experiments of a lesson, finished by hand."""
    store = RunStore(settings)
    runs = start(store, LESSONS[name], load_source(settings, "wardrobe"))
    for run, accuracy in zip(runs.values(), right, strict=True):
        finish(store, run, accuracy)
    return store


def test_the_list_shows_every_lesson_and_where_to_begin(open_page, empty_home: Settings):
    app = open_page(empty_home, "lessons")
    labels = [link.proto.label for link in app.get("page_link")]
    assert labels[0] == "Begin"
    assert labels[1:] == [
        f"**{number}. {lesson.title}**" for number, lesson in enumerate(LESSONS.values(), 1)
    ]
    assert badges(app) == ["open"] * len(LESSONS)
    assert "drawn wardrobe" in shown(app)


def test_the_list_shows_how_far_a_learner_has_come(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    for name, prediction, answer in (("depth", "same", "same"), ("kinds", "dense", "convolutional")):
        predict(store, "Ana", name, prediction)
        check_off(store, "Ana", name, answer)
    predict(store, "Ana", "confusion", "shirt")
    app = open_page(empty_home, "lessons", learner="ana")
    assert badges(app) == ["open"] * 6 + ["done, predicted rightly", "done", "predicted", "open"]
    assert app.get("page_link")[0].proto.label == "Go on"
    app.text_input(key="typed_learner").set_value("Ben").run()
    assert badges(app) == ["open"] * len(LESSONS)
    assert app.query_params["learner"] == "Ben"
    assert not app.exception


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_asks_before_it_shows(open_page, empty_home: Settings, name: str):
    lesson = LESSONS[name]
    app = open_page(empty_home, "lessons", lesson=name)
    assert app.title[0].value == lesson.title
    assert lesson.text in shown(app)
    assert lesson.takeaway not in shown(app)
    assert app.radio(key=f"prediction_{name}").options == list(lesson.choices.values())
    assert "Still wanted: your name and an answer." in shown(app)
    assert "Still wanted" in shown(app.button(key="predict").click().run())
    assert RunStore(empty_home).runs() == []


def test_a_prediction_needs_a_name_and_an_answer_and_starts_the_runs(open_page, empty_home: Settings):
    app = open_page(empty_home, "lessons", lesson="learning-rate")
    app.radio(key="prediction_learning-rate").set_value("large").run()
    assert "Still wanted: your name." in shown(app)
    app.text_input(key="typed_learner").set_value("  Ana ").run()
    app.button(key="predict").click().run()
    store = RunStore(empty_home)
    assert progress_of(store, "Ana")["learning-rate"].prediction == "large"
    assert [run.config for run in store.runs()][::-1] == list(RATES.experiments.values())
    assert f"You predicted: **{RATES.choices['large']}**" in shown(app)
    assert app.query_params["learner"] == "Ana"
    assert badges(app) == ["predicted"]


def test_a_name_and_an_answer_that_change_with_the_click_are_those_that_count(
    open_page, empty_home: Settings
):
    app = open_page(empty_home, "lessons", lesson="learning-rate", learner="Ana")
    app.radio(key="prediction_learning-rate").set_value("large").run()
    app.radio(key="prediction_learning-rate").set_value("small")
    app.text_input(key="typed_learner").set_value("Ben")
    app.button(key="predict").click().run()
    assert f"You predicted: **{RATES.choices['small']}**" in shown(app)
    store = RunStore(empty_home)
    assert progress_of(store, "Ana") == {}
    assert progress_of(store, "Ben")["learning-rate"].prediction == "small"


def test_a_prediction_is_still_there_when_the_page_is_opened_again(open_page, empty_home: Settings):
    answer(open_page(empty_home, "lessons", lesson="learning-rate", learner="Ana"), "learning-rate", "small")
    app = open_page(empty_home, "lessons", lesson="learning-rate", learner="Ana")
    assert f"You predicted: **{RATES.choices['small']}**" in shown(app)
    assert len(RunStore(empty_home).runs()) == 3
    other = open_page(empty_home, "lessons", lesson="learning-rate", learner="Ben")
    assert "You predicted" not in shown(other)


@pytest.mark.parametrize(("choice", "words"), [("apart", "You were right"), ("both", "It came otherwise")])
def test_what_came_is_checked_and_ticked_off(open_page, empty_home: Settings, choice: str, words: str):
    store = finish_all(empty_home, "overfitting", 0.8)
    app = open_page(empty_home, "lessons", lesson="overfitting", learner="Ana")
    assert words not in shown(app)
    answer(app, "overfitting", choice)
    assert words in shown(app)
    assert "holds here" in shown(app)
    assert "It names 99.0% of the images it learned from, and 80.0% of the test images" in shown(app)
    assert OVERFITTING.takeaway in shown(app)
    assert progress_of(store, "Ana")["overfitting"].answer == "apart"
    assert badges(app) == ["done, predicted rightly" if choice == "apart" else "done"]
    assert len(store.runs()) == 1
    links = [link.proto.label for link in app.get("page_link")]
    assert {"See where it errs", "See why", "Open on Train", "All lessons"} < set(links)


def test_a_claim_that_does_not_hold_here_is_said_so(open_page, empty_home: Settings):
    finish_all(empty_home, "overfitting", 0.97)
    app = answer(open_page(empty_home, "lessons", lesson="overfitting", learner="Ana"), "overfitting", "both")
    assert "does not hold here" in shown(app)
    assert "You were right" in shown(app)


def test_one_run_serves_two_learners(open_page, empty_home: Settings):
    store = finish_all(empty_home, "overfitting", 0.8)
    for learner, choice in (("Ana", "apart"), ("Ben", "both")):
        app = open_page(empty_home, "lessons", lesson="overfitting", learner=learner)
        answer(app, "overfitting", choice)
    assert len(store.runs()) == 1
    assert [progress_of(store, learner)["overfitting"].is_right for learner in ("Ana", "Ben")] == [
        True,
        False,
    ]


def test_a_lesson_is_taken_again_without_training_again(open_page, empty_home: Settings):
    store = finish_all(empty_home, "overfitting", 0.8)
    app = answer(open_page(empty_home, "lessons", lesson="overfitting", learner="Ana"), "overfitting", "both")
    app.button(key="start_over").click().run()
    assert badges(app) == ["open"]
    answer(app, "overfitting", "apart")
    assert progress_of(store, "Ana")["overfitting"].is_right
    assert len(store.runs()) == 1


def test_a_run_that_failed_says_why_and_is_run_again(open_page, empty_home: Settings):
    app = answer(open_page(empty_home, "lessons", lesson="overfitting", learner="Ana"), "overfitting", "both")
    store = RunStore(empty_home)
    (run,) = store.runs()
    store.fail(run.id, store.claim(run.id), "The disk is full.")
    app.run()
    assert [error.value for error in app.error] == ["The disk is full."]
    app.button(key="run_lesson").click().run()
    assert len(store.runs(RunState.QUEUED)) == 1
    shown(app)


def test_the_matrix_of_a_lesson_is_shown(open_page, empty_home: Settings):
    finish_all(empty_home, "confusion", 0.8)
    app = answer(open_page(empty_home, "lessons", lesson="confusion", learner="Ana"), "confusion", "shirt")
    assert "What came of it" in shown(app)
    assert len(app.get("vega_lite_chart")) + len(app.get("arrow_vega_lite_chart")) == 2


def test_answers_that_were_lost_are_told(open_page, empty_home: Settings):
    store = finish_all(empty_home, "overfitting", 0.8)
    (store.folder(store.runs()[0].id) / "predictions.npz").unlink()
    app = answer(open_page(empty_home, "lessons", lesson="overfitting", learner="Ana"), "overfitting", "both")
    assert "are missing or damaged" in shown(app)
    assert not progress_of(store, "Ana")["overfitting"].is_done


@pytest.mark.parametrize("lesson", ["../../etc/passwd", "<script>", "Depth", " ", "\x00", "x" * 5_000])
def test_a_lesson_that_does_not_exist_leads_to_the_list(open_page, empty_home: Settings, lesson: str):
    app = open_page(empty_home, "lessons", lesson=lesson)
    assert "There is no such lesson" in shown(app)
    assert badges(app) == ["open"] * len(LESSONS)


@pytest.mark.parametrize(
    "learner", ["\x00", "   ", "<b>Ana</b>", "**" * 300, "'; DROP TABLE progress; --", "🎒"]
)
def test_any_name_in_the_address_is_taken_or_asked_for_again(open_page, empty_home: Settings, learner: str):
    app = open_page(empty_home, "lessons", lesson="overfitting", learner=learner)
    app.radio(key="prediction_overfitting").set_value("both").run()
    app.button(key="predict").click().run()
    assert ("Still wanted: your name." if not learner.strip("\x00 ") else "You predicted") in shown(app)
