"""The Train page: setting up, starting once, watching, stopping."""

import json
import sqlite3
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from jobs_done import do
from sqlalchemy.exc import OperationalError
from streamlit.testing.v1 import AppTest

from app import state
from app.components.live_run import NAMED_RUNS
from app.components.words import MORE_LOSS
from fmnist_core.config import DataConfig, EarlyStopping, Network, RunConfig, TrainingConfig
from fmnist_core.data.dataset import load_source
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import METRIC_COLUMNS, Run, RunState, RunStore
from fmnist_core.settings import Settings

METRICS = {
    "step": 172,
    "epoch": 0.1,
    "loss": 0.85,
    "accuracy": 0.7,
    "learning_rate": 0.001,
    "images_per_second": 50_000.0,
    "seconds": 0.2,
}


def start(app: AppTest) -> AppTest:
    """Clicks on Start training."""
    return next(button for button in app.button if button.label == "Start training").click().run()


def errors(app: AppTest) -> list[str]:
    """The sentences that the page shows as errors."""
    assert not app.exception
    return [error.value for error in app.error]


def running(store: RunStore, name: str) -> tuple[Run, int]:
    """A run that a worker has begun and reported on once."""
    run = store.create(RunConfig(), source="wardrobe", fingerprint="f", recipe="dense-100", name=name)
    attempt = store.claim(run.id)
    store.report(run.id, attempt, "step", METRICS)
    return run, attempt


def live_curves(app: AppTest) -> dict[str, Any]:
    """What the browser is given to show how a run goes."""
    (shown,) = (
        part.proto for part in app.get("bidi_component") if "live_curves" in part.proto.component_name
    )
    return json.loads(shown.json)


def test_an_empty_studio_says_what_to_do(open_page, empty_home: Settings):
    app = open_page(empty_home, "train")
    assert errors(app) == []
    assert any("Nothing has been trained yet" in text.value for text in app.markdown)
    shown = live_curves(app)
    assert [(curve["name"], curve["training"], curve["validation"]) for curve in shown["look"]["curves"]] == [
        ("loss", [], []),
        ("accuracy", [], []),
    ]
    assert (shown["address"], shown["look"]["last_epoch"]) == (None, 10)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_stands_in_the_form_as_it_is(open_page, empty_home: Settings, name: str):
    app = open_page(empty_home, "train", recipe=name)
    app.selectbox(key="recipe").set_value(name).run()
    config = RECIPES[name].config
    if config.data.validation_size + (config.data.train_size or 1) <= 12_000:
        start(app)
        (run,) = RunStore(empty_home).runs()
        assert run.config == config
        assert run.recipe == name
        assert run.source == "wardrobe"
    assert errors(app) == []


def test_a_slip_of_the_pen_leaves_all_other_settings(open_page, empty_home: Settings):
    app = open_page(empty_home, "train")
    app.number_input(key="dense-100:epochs").set_value(50).run()
    widths = "dense-100:dense:widths"
    app.text_input(key=widths).set_value("300, 10o").run()
    assert any("whole numbers like 300, 100, not '300, 10o'" in error for error in errors(app))
    app.text_input(key=widths).set_value("300, 100").run()
    start(app)
    assert errors(app) == []
    (run,) = RunStore(empty_home).runs()
    assert (run.config.training.epochs, run.config.model.widths) == (50, (300, 100))


def test_what_was_set_stays_while_another_page_is_looked_at_and_can_be_undone(
    open_page, look_away, empty_home: Settings
):
    app = open_page(empty_home, "train")
    app.selectbox(key="recipe").set_value("cnn").run()
    assert app.button(key="cnn:undo").disabled
    app.number_input(key="cnn:epochs").set_value(7).run()
    app.number_input(key="cnn:train_size").set_value(900).run()
    app.toggle(key="cnn:early_stopping").set_value(True).run()
    app.text_input(key="cnn:convolutional:filters").set_value("8, 16").run()
    app.text_input(key="run_name").set_value("mine").run()
    look_away(app, "train")
    assert errors(app) == []
    assert app.selectbox(key="recipe").value == "cnn"
    assert app.number_input(key="cnn:epochs").value == 7
    assert app.number_input(key="cnn:train_size").value == 900
    assert app.toggle(key="cnn:early_stopping").value
    assert app.text_input(key="cnn:convolutional:filters").value == "8, 16"
    assert app.text_input(key="run_name").value == "mine"
    app.button(key="cnn:undo").click().run()
    assert app.button(key="cnn:undo").disabled
    start(app)
    (run,) = RunStore(empty_home).runs()
    assert (run.name, run.config) == ("mine", RECIPES["cnn"].config)


def test_a_kind_of_network_keeps_what_was_set_while_another_one_is_looked_at(open_page, empty_home: Settings):
    app = open_page(empty_home, "train")
    app.text_input(key="dense-100:dense:widths").set_value("30, 10").run()
    kind = "dense-100:kind"
    app.button_group(key=kind).set_value("residual").run()
    app.button_group(key=kind).set_value("dense").run()
    assert app.text_input(key="dense-100:dense:widths").value == "30, 10"


def test_a_field_for_which_empty_means_all_can_be_emptied(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    few = RunConfig().with_values({"data.train_size": 600})
    like = store.create(few, source="wardrobe", fingerprint="f")
    app = open_page(empty_home, "train", like=like.id)
    field = app.number_input(key=f"{like.id}:train_size")
    assert (field.value, field.proto.HasField("default")) == (600, False), "Streamlit lets it be emptied"
    field.set_value(None).run()
    start(app)
    assert store.runs()[0].config.data.train_size is None


@pytest.mark.parametrize("same", [True, False])
def test_images_that_were_left_out_are_left_out_of_the_same_images_only(
    open_page, empty_home: Settings, same: bool
):
    store, data = RunStore(empty_home), load_source(empty_home, "wardrobe")
    config = RunConfig().with_values({"data.leave_out": [3, 5]})
    like = store.create(config, source="wardrobe", fingerprint=data.fingerprint if same else "other")
    start(open_page(empty_home, "train", like=like.id))
    assert store.runs()[0].config.data.leave_out == ((3, 5) if same else ())


@pytest.mark.parametrize("name", RECIPES)
def test_every_number_is_shown_as_it_is(open_page, empty_home: Settings, name: str):
    app = open_page(empty_home, "train", recipe=name)
    assert errors(app) == []
    assert app.number_input
    for field in app.number_input:
        if field.value is not None:
            assert float(field.proto.format % field.value) == pytest.approx(field.value, rel=1e-9)


def test_settings_by_hand_reach_the_run_and_a_double_click_starts_one(
    open_page, empty_home: Settings, monkeypatch: pytest.MonkeyPatch
):
    # On a busy machine a page takes a while.
    monkeypatch.setattr("app.state.ONE_WISH_SECONDS", 60.0)
    app = open_page(empty_home, "train")
    app.text_input(key="dense-100:dense:widths").set_value("300 100")
    app.number_input(key="dense-100:epochs").set_value(3)
    app.toggle(key="dense-100:early_stopping").set_value(True)
    app.run()
    app.number_input(key="dense-100:early:patience").set_value(2)
    start(app)
    start(app)
    (run,) = RunStore(empty_home).runs()
    assert run.config.model.widths == (300, 100)
    assert run.config.training.epochs == 3
    assert run.config.training.early_stopping.patience == 2


def masked(token: bytes, mask: bytes) -> str:
    """A cookie of a browser, as Streamlit masks it."""
    hidden = bytes(one ^ mask[at % len(mask)] for at, one in enumerate(token))
    return f"2|{mask.hex()}|{hidden.hex()}|1790000000"


def test_two_browsers_behind_one_address_wish_for_two_runs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.state.ONE_WISH_SECONDS", 60.0)
    one, other = b"\x01\x02\x03\x04\x05\x06", b"\x01\x02\x03\x04\x05\x07"
    cookies = [
        masked(one, b"abcd"),
        masked(one, b"wxyz"),
        masked(other, b"abcd"),
        "nonsense",
        "2|zz|zz|1",
    ]
    wishes = []
    for cookie in cookies:
        monkeypatch.setattr(
            "app.state.st.context",
            SimpleNamespace(ip_address=None, headers={}, cookies={"_streamlit_xsrf": cookie}),
        )
        wishes.append(state.wish("a run"))
    assert wishes[0] == wishes[1]
    assert len(set(wishes)) == 3  # Who has no token is told from none who has none.


def test_two_tabs_start_one_run(open_page, empty_home: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.state.ONE_WISH_SECONDS", 60.0)
    one, other = open_page(empty_home, "train"), open_page(empty_home, "train")
    start(one)
    start(other)
    assert len(RunStore(empty_home).runs()) == 1


@pytest.mark.parametrize(
    ("widths", "sentence"),
    [
        ("300, many", "write whole numbers like 300, 100, not '300, many'"),
        ("0", "Neurons per layer (model.widths.0) must be greater than or equal to 1, not 0"),
    ],
)
def test_a_setting_that_is_not_allowed_is_named_and_cannot_start(
    open_page, empty_home: Settings, widths: str, sentence: str
):
    app = open_page(empty_home, "train")
    app.text_input(key="dense-100:dense:widths").set_value(widths).run()
    assert any(sentence in error for error in errors(app))
    assert next(button for button in app.button if button.label == "Start training").disabled


def test_more_images_than_there_are_is_said_before_anything_starts(open_page, empty_home: Settings):
    app = open_page(empty_home, "train")
    app.number_input(key="dense-100:train_size").set_value(50_000)
    start(app)
    assert any("train_size is 50,000" in error for error in errors(app))
    assert RunStore(empty_home).runs() == []


def test_the_running_run_is_shown_to_anybody_who_comes_and_can_be_stopped(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    first, _ = running(store, "first *of* two")
    second = store.create(RunConfig(), source="wardrobe", fingerprint="f", name="second")
    app = open_page(empty_home, "train")
    assert errors(app) == []
    assert any(heading.value == r"first \*of\* two" for heading in app.subheader)
    app.button(key="stop_run").click().run()
    assert store.get(first.id).stop_requests == 1
    app.button(key=f"watch_{second.id}").click().run()
    assert any(heading.value == "second" for heading in app.subheader)
    app.button(key="stop_run").click().run()
    assert store.get(second.id).state is RunState.STOPPED
    assert errors(app) == []


def test_who_watches_a_run_sees_how_it_ends_when_the_next_one_begins(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    first, attempt = running(store, "first")
    app = open_page(empty_home, "train")
    second, _ = running(store, "second")
    store.fail(first.id, attempt, "It ended meanwhile.")
    app.run()
    assert errors(app) == ["It ended meanwhile."]
    assert any(button.key == f"watch_{second.id}" for button in app.button)


def test_a_link_to_a_run_that_is_gone_says_so(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    first, second = (
        store.create(RunConfig(), source="wardrobe", fingerprint="f", name=name)
        for name in ("first", "second")
    )
    store.request_stop(second.id)
    store.delete(second.id)
    app = open_page(empty_home, "train", run=second.id)
    for _ in range(2):
        assert errors(app) == []
        assert "is in the bin" in app.warning[0].value
        assert any(heading.value == "first" for heading in app.subheader)
        app.run()
    start(app)
    assert errors(app) == []
    assert not app.warning
    assert app.query_params["run"] not in (first.id, second.id)


@pytest.mark.parametrize("network", get_args(get_args(Network)[0]), ids=lambda network: network.__name__)
def test_every_setting_can_be_changed(open_page, empty_home: Settings, network: type[Network]):
    # What some settings appear for is chosen.
    training = TrainingConfig(loss="categorical_crossentropy", early_stopping=EarlyStopping())
    data = load_source(empty_home, "wardrobe")
    config = RunConfig(data=DataConfig(leave_out=(1,)), model=network(), training=training)
    like = RunStore(empty_home).create(config, source=data.source, fingerprint=data.fingerprint)
    app = open_page(empty_home, "train", like=like.id)
    offered = {str(getattr(element, "key", "")).rpartition(":")[2] for element in app.main}
    settings = {name.rpartition(".")[2] for name in config.flat()}
    only_one_choice = {
        name for name, field in network.model_fields.items() if len(get_args(field.annotation)) == 1
    }
    assert settings - only_one_choice <= offered


def test_nothing_starts_like_a_run_that_is_gone(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    like = store.create(RunConfig(), source="wardrobe", fingerprint="f")
    app = open_page(empty_home, "train", like=like.id)
    store.request_stop(like.id)
    store.delete(like.id)
    start(app)
    assert errors(app) == []
    assert "is in the bin" in app.warning[0].value
    assert store.runs() == []
    app.button(key="like_none").click().run()
    start(app)
    assert [run.recipe for run in store.runs()] == ["dense-100"]


def test_the_browser_is_told_where_to_ask_until_the_run_has_ended(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    run, attempt = running(store, "watched")
    app = open_page(empty_home, "train")
    shown = live_curves(app)
    assert (shown["address"], shown["look"]["again"]) == (f"live/{run.id}", 1.0)
    store.fail(run.id, attempt, "It is over.")
    app.run()
    ended = live_curves(app)
    assert (ended["look"]["again"], ended["look"]["progress"]) == (None, None)


def test_a_run_whose_store_does_not_answer_is_asked_for_until_it_does(
    open_page, empty_home: Settings, monkeypatch: pytest.MonkeyPatch
):
    def away(run: Run) -> dict[str, Any]:
        raise OperationalError("SELECT", {}, sqlite3.OperationalError("disk I/O error"))

    run, _ = running(RunStore(empty_home), "watched")
    monkeypatch.setattr("app.live.look", away)
    app = open_page(empty_home, "train")
    assert any("disk I/O error" in error for error in errors(app))
    shown = live_curves(app)
    assert (shown["address"], shown["look"]["drawn"]) == (f"live/{run.id}", "away")
    assert shown["look"]["again"] > 0


def test_what_is_on_the_engine_fills_no_screen(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    run, _ = running(store, "first")
    for number in range(NAMED_RUNS + 2):
        store.create(RunConfig(), source="wardrobe", fingerprint="f", name=f"later {number}")
    app = open_page(empty_home, "train", run=run.id)
    assert sum((button.key or "").startswith("watch_") for button in app.button) == NAMED_RUNS
    assert "and 3 more" in [caption.value for caption in app.caption]


def test_a_failed_run_tells_the_reason(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    run, attempt = running(store, "unlucky")
    store.fail(run.id, attempt, "The loss became infinite in epoch 1.")
    assert errors(open_page(empty_home, "train", run=run.id)) == ["The loss became infinite in epoch 1."]


def test_a_failed_run_shows_its_log(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    run, attempt = running(store, "unlucky")
    store.fail(run.id, attempt, "The disk is full.")
    store.folder(run.id).mkdir(parents=True)
    (store.folder(run.id) / "log.txt").write_text("INFO Training\nWARNING No space left")
    app = open_page(empty_home, "train", run=run.id)
    assert [code.value for code in app.code] == ["INFO Training\nWARNING No space left"]


def test_a_run_that_does_not_stop_can_be_stopped_by_force(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    run, _ = running(store, "stubborn")
    app = open_page(empty_home, "train", run=run.id)
    app.button(key="stop_run").click().run()
    assert store.get(run.id).stop_requests == 1
    assert not any(button.key == "stop_run" for button in app.button)
    app.button(key="force_stop").click().run()
    assert store.get(run.id).stop_requests == 2
    assert app.button(key="force_stop").disabled


def test_a_store_that_cannot_be_asked_to_stop_a_run_is_told(
    open_page, empty_home: Settings, monkeypatch: pytest.MonkeyPatch
):
    def refuse(store: RunStore, run_id: str) -> None:
        raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))

    run, _ = running(RunStore(empty_home), "stubborn")
    monkeypatch.setattr(RunStore, "request_stop", refuse)
    app = open_page(empty_home, "train", run=run.id)
    app.button(key="stop_run").click().run()
    assert not app.exception
    assert any("database is locked" in error for error in errors(app))


def test_a_run_whose_process_died_says_that_it_goes_on(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    run, attempt = running(store, "struck")
    store.report(run.id, attempt, "step", dict.fromkeys(METRIC_COLUMNS, 0.5) | {"step": 3, "epoch": 2.0})
    store.recover(run.id, attempt, "It died.")
    app = open_page(empty_home, "train", run=run.id)
    assert errors(app) == []
    assert any("goes on from its last checkpoint (1 of 2 times)" in caption.value for caption in app.caption)


def test_a_full_queue_is_said(open_page, empty_home: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fmnist_core.runs.QUEUE_LENGTH", 0)
    app = open_page(empty_home, "train")
    start(app)
    assert any("0 runs wait already" in error for error in errors(app))


def test_a_finished_run_shows_its_check_and_leads_on(open_page, finished_run: tuple[Settings, Run]):
    settings, run = finished_run
    app = open_page(settings, "train", run=run.id)
    assert errors(app) == []
    test = f"{run.result['test']['accuracy']:.2%}"
    assert live_curves(app)["look"]["figures"][-1] == ["Test accuracy", test]
    assert any("are the same" in caption.value for caption in app.caption)


def test_the_figures_are_those_of_the_network_that_was_kept(open_page, finished_run: tuple[Settings, Run]):
    settings, made = finished_run
    store, stopping = RunStore(settings), {"patience": 2, "restore_best": True}
    config = made.config.with_values({"training.early_stopping": stopping, "model.l2": 0.001})
    run = store.create(config, source=made.source, fingerprint=made.fingerprint)
    attempt = store.claim(run.id)
    for epoch, share in enumerate((0.5, 0.75, 0.625), 1):
        row = METRICS | {"step": epoch, "epoch": epoch, "accuracy": share + 0.125}
        store.report(run.id, attempt, "step", row | {"accuracy": 0.99})
        store.report(run.id, attempt, "epoch", row | {"val_accuracy": share, "val_loss": 1 - share})
    store.end(run.id, attempt, RunState.FINISHED, made.result)
    app = open_page(settings, "train", run=run.id)
    assert errors(app) == []
    shown = dict(live_curves(app)["look"]["figures"])
    assert (shown["Training accuracy"], shown["Validation accuracy"]) == ("87.5%", "75.0%")
    assert sum(caption.value == MORE_LOSS for caption in app.caption) == 1
    plain = open_page(settings, "train", run=made.id)
    assert not any(caption.value == MORE_LOSS for caption in plain.caption)


def test_the_banner_says_that_the_images_are_drawn_and_why_a_download_failed(
    open_page, empty_home: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fmnist_core.data.dataset.download.__defaults__", (("http://127.0.0.1:9/",), None))
    monkeypatch.setattr("fmnist_core.jobs.start", do)
    app = open_page(empty_home, "train")
    assert any("drawn wardrobe" in text.value for text in app.markdown)
    next(button for button in app.button if button.label == "Download").click().run()
    assert any("127.0.0.1" in error or "could not" in error for error in errors(app))
