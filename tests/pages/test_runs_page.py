"""The page Runs: the table, its filters, and what can be done with the runs that are ticked."""

import sqlite3
import time

import numpy as np
import pytest
import sqlalchemy as sa
from jobs_done import put
from runs_made import another
from sqlalchemy.exc import OperationalError
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextArea, TextInput

from app import state
from fmnist_core.config import RunConfig
from fmnist_core.export.formats import FORMATS, parameters
from fmnist_core.jobs import Job
from fmnist_core.repeats import MOST_SEEDS, repeat, repeats_of
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings

REPORT = {"learning_rate": 0.001, "images_per_second": 100.0}


def waiting(settings: Settings, name: str, **values: str) -> Run:
    return RunStore(settings).create(
        RunConfig(), source="wardrobe", fingerprint="f", recipe="dense-100", name=name, **values
    )


def names(app: AppTest) -> list[str]:
    """The runs in the table, but for those that came with the studio."""
    assert not app.exception
    return (
        [] if not app.dataframe else [name for name in app.dataframe[0].value["run"] if "Studio" not in name]
    )


def words(app: AppTest) -> list[str]:
    return [element.value for element in (*app.markdown, *app.caption, *app.warning, *app.info)]


def test_an_empty_studio_lists_what_came_with_it_and_leads_to_training(empty_home: Settings, open_page):
    app = open_page(empty_home, "runs")
    assert names(app) == []
    assert "Studio photo" in list(app.dataframe[0].value["run"])
    assert any(link.proto.label == "Train a network" for link in app.get("page_link"))


def test_a_run_stands_with_its_figures(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    app = open_page(settings, "runs")
    row = app.dataframe[0].value.iloc[0]
    validation = (100 * RunStore(settings).metrics(run.id, "epoch")["val_accuracy"]).tolist()
    assert (row["run"], list(row["state"]), row["seed"]) == ("A tiny one", ["finished"], 0)
    assert row["test"] == pytest.approx(100 * run.result["test"]["accuracy"])
    assert (row["best"], row["last"]) == (pytest.approx(max(validation)), pytest.approx(validation[-1]))
    assert row["parameters"] == run.result["parameters"]
    assert (row["data"], row["network"], row["epochs"]) == (
        "drawn wardrobe, 2,000 images",
        "dense 16",
        "2 of 2",
    )


def test_a_running_run_is_up_to_date_at_the_next_look(empty_home: Settings, open_page):
    run, store = waiting(empty_home, "A"), RunStore(empty_home)
    app = open_page(empty_home, "runs")
    assert list(app.dataframe[0].value.iloc[0]["state"]) == ["waiting"]
    attempt = store.claim(run.id)
    row = {"step": 1, "epoch": 1.0, "loss": 0.5, "accuracy": 0.8, "val_loss": 0.5, "seconds": 1.0}
    store.report(run.id, attempt, "epoch", row | REPORT | {"val_accuracy": 0.75})
    app.run()
    row = app.dataframe[0].value.iloc[0]
    assert (list(row["state"]), row["last"]) == (["training"], 75)


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"search": "bOOts"}, ["winter boots", "boots"]),
        ({"search": "boots WINTER"}, ["winter boots"]),
        ({"search": "seen twice"}, ["coat"]),
        ({"search": "[.*"}, []),
        ({"state": "stopped"}, ["coat"]),
        ({"state": "nonsense"}, ["winter boots", "coat", "boots"]),
        ({"tag": "warm"}, ["winter boots", "coat"]),
        ({"tag": "cold"}, ["winter boots", "coat", "boots"]),
        ({"group": "g"}, ["boots"]),
        ({"group": "nobody"}, ["winter boots", "coat", "boots"]),
    ],
)
def test_an_address_filters_the_table_and_nonsense_does_not(
    empty_home: Settings, open_page, filters: dict[str, str], left: list[str]
):
    store = RunStore(empty_home)
    waiting(empty_home, "boots", group_id="g")
    coat = waiting(empty_home, "coat")
    boots = waiting(empty_home, "winter boots")
    store.request_stop(coat.id)
    store.annotate(coat.id, tags=["warm"], note="Seen twice")
    store.annotate(boots.id, tags=["warm"])
    app = open_page(empty_home, "runs", **filters)
    assert names(app) == left
    if not left:
        assert any("No run passes these filters" in text for text in words(app))


def described(app: AppTest) -> tuple[TextInput, TextArea]:
    """Where the name and the note of the ticked run are written."""
    assert not app.exception
    return next(field for field in app.text_input if field.label == "Name"), app.text_area[0]


def save(app: AppTest) -> AppTest:
    return next(button for button in app.button if button.label == "Save").click().run()


def test_a_ticked_run_is_renamed_noted_and_tagged(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    app = open_page(settings, "runs", runs=run.id)
    name, note = described(app)
    name.set_value("Better *name*")
    note.set_value("It errs on shirts.")
    save(app)
    kept = RunStore(settings).get(run.id)
    assert (kept.name, kept.note) == ("Better *name*", "It errs on shirts.")
    assert names(app) == ["Better *name*"]
    assert any(heading.value == r"Better \*name\*" for heading in app.subheader)


def test_what_another_tab_has_kept_is_not_written_over(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    app = open_page(settings, "runs", runs=run.id)
    RunStore(settings).annotate(run.id, name="From another tab")
    described(app)[1].set_value("Mine")
    save(app)
    kept = RunStore(settings).get(run.id)
    assert (kept.name, kept.note) == ("From another tab", "Mine")
    assert [field.value for field in described(app)] == ["From another tab", "Mine"]


def test_a_name_that_is_emptied_becomes_the_id(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    app = open_page(settings, "runs", runs=run.id)
    described(app)[0].set_value("")
    save(app)
    assert RunStore(settings).get(run.id).name == described(app)[0].value == run.id


def test_a_ticked_run_leads_to_everything(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    app = open_page(settings, "runs", runs=run.id)
    links = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    for label, parameter in (
        ("Its curves", "run"),
        ("Evaluate", "run"),
        ("Compare with …", "runs"),
        ("Train again with changes", "like"),
    ):
        assert links[label] == f"{parameter}={run.id}"


def test_two_ticked_runs_are_compared_and_seven_are_too_many(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    ids = [run.id, *(waiting(settings, f"B{number}").id for number in range(6))]
    app = open_page(settings, "runs", runs=",".join(ids[:2]))
    assert any(link.proto.label == "Compare 2" for link in app.get("page_link"))
    app = open_page(settings, "runs", runs=",".join(ids))
    assert not any(link.proto.label.startswith("Compare") for link in app.get("page_link"))
    assert any("At most 6" in text for text in words(app))


def test_what_was_deleted_comes_back_at_a_click(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    app = open_page(settings, "runs", runs=run.id)
    app.button(key="delete_runs").click().run()
    assert names(app) == []
    assert RunStore(settings).runs() == []
    app.button(key="undo_delete").click().run()
    assert names(app) == ["A tiny one"]
    assert app.query_params["runs"] in (run.id, [run.id])


def test_a_second_click_on_undo_changes_nothing(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    app = open_page(settings, "runs", runs=run.id)
    app.button(key="delete_runs").click().run()
    undo = app.button(key="undo_delete").click()
    del app.session_state[state.DELETED]  # The first click has brought it back.
    undo.run()
    assert not app.exception
    assert [kept.id for kept in RunStore(settings).runs()] == [run.id]


def test_the_bin_brings_back_and_is_emptied(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    store = RunStore(settings)
    store.delete(run.id)
    app = open_page(settings, "runs")
    app.button(key=f"restore_{run.id}").click().run()
    assert names(app) == ["A tiny one"]
    store.delete(run.id)
    app.run()
    app.button(key="empty_bin").click().run()
    assert not app.exception
    assert store.bin() == []


def test_what_another_tab_removed_for_good_does_not_keep_the_others_from_being_deleted(
    finished_run: tuple[Settings, Run], open_page
):
    settings, run = finished_run
    store = RunStore(settings)
    gone = another(store, run, "Gone *one*")
    app = open_page(settings, "runs", runs=f"{gone.id},{run.id}")
    store.delete(gone.id)
    store.empty_bin(time.time())
    app.button(key="delete_runs").click().run()
    assert names(app) == []
    assert [thrown.id for thrown in store.bin()] == [run.id]
    assert r"Gone \*one\* was gone for good already." in words(app)


def test_what_another_tab_removed_for_good_is_not_brought_back_but_the_others_are(
    finished_run: tuple[Settings, Run], open_page
):
    settings, run = finished_run
    store = RunStore(settings)
    gone = another(store, run, "Gone")
    app = open_page(settings, "runs", runs=f"{gone.id},{run.id}")
    app.button(key="delete_runs").click().run()
    store.restore(run.id)
    store.empty_bin(time.time())
    store.delete(run.id)
    app.button(key="undo_delete").click().run()
    assert names(app) == ["A tiny one"]
    assert "Gone cannot be brought back: the bin was emptied meanwhile." in words(app)
    assert app.query_params["runs"] in (run.id, [run.id])

    store.delete(run.id)
    app.run()
    store.empty_bin(time.time())
    app.button(key=f"restore_{run.id}").click().run()
    assert names(app) == []
    assert "A tiny one cannot be brought back: the bin was emptied meanwhile." in words(app)


def test_runs_that_wait_are_stopped_at_once(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    runs = [waiting(empty_home, name) for name in ("one", "two", "three")]
    store.request_stop(runs[2].id)
    app = open_page(empty_home, "runs", runs=",".join(run.id for run in runs))
    assert app.button(key="delete_runs").disabled
    app.button(key="stop_runs").click().run()
    assert store.queue() == []
    assert not any(button.key == "stop_runs" for button in app.button)
    assert not app.button(key="delete_runs").disabled


def test_epochs_are_counted_where_nothing_validates(open_page, empty_home: Settings):
    store = RunStore(empty_home)
    config = RunConfig().with_values({"data.validation_size": 0})
    run = store.create(config, source="wardrobe", fingerprint="f", name="unwatched")
    attempt = store.claim(run.id)
    for epoch in (1.0, 2.0):
        report = {"step": int(epoch), "epoch": epoch, "seconds": epoch, "loss": 0.5, "accuracy": 0.8}
        store.report(run.id, attempt, "epoch", report | REPORT | {"val_loss": None, "val_accuracy": None})
    row = open_page(empty_home, "runs").dataframe[0].value.iloc[0]
    assert (row["epochs"], list(row["curve"])) == ("2 of 10", [])


@pytest.mark.parametrize("click", ["delete_runs", "undo_delete", "restore_", "empty_bin"])
def test_a_bin_that_cannot_be_written_is_told(
    click: str, finished_run: tuple[Settings, Run], open_page, monkeypatch: pytest.MonkeyPatch
):
    def refuse(store: RunStore, *arguments: object) -> None:
        raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))

    settings, run = finished_run
    app = open_page(settings, "runs", runs=run.id)
    if click != "delete_runs":
        app.button(key="delete_runs").click().run()
    for method in ("delete", "restore", "empty_bin"):
        monkeypatch.setattr(RunStore, method, refuse)
    app.run()

    app.button(key=f"restore_{run.id}" if click == "restore_" else click).click().run()

    assert not app.exception
    (said,) = (error.value for error in app.error)
    assert said.startswith("The run store could not be used (database is locked): ")
    # It can be tried again.
    assert app.button(key="delete_runs" if click == "delete_runs" else "undo_delete")


@pytest.mark.parametrize("has_images", [True, False])
def test_what_was_prepared_with_other_images_at_hand_is_prepared_anew(
    has_images: bool, finished_run: tuple[Settings, Run], open_page
):
    settings, run = finished_run
    with RunStore(settings).database.begin() as connection:
        connection.execute(sa.text("UPDATE runs SET source = 'fashion-mnist'"))
    kept = parameters(run, FORMATS["bundle"], has_images)
    put(settings, Job("fmnist_core.export.formats:prepare", kept, run.id), {"content": np.zeros(9, np.uint8)})
    app = open_page(settings, "runs", runs=run.id)
    assert not app.exception
    assert any(button.label == "Prepare Everything" for button in app.button) is has_images


def test_what_is_ticked_but_gone_is_said(empty_home: Settings, open_page):
    app = open_page(empty_home, "runs", runs="nobody,,<b>")
    assert any("Not in the table: nobody" in text for text in words(app))
    assert not app.exception


def test_a_run_that_waits_is_not_deleted(empty_home: Settings, open_page):
    run = waiting(empty_home, "A")
    app = open_page(empty_home, "runs", runs=run.id)
    assert app.button(key="delete_runs").disabled


def test_a_run_that_came_with_the_studio_is_neither_described_nor_repeated(empty_home: Settings, open_page):
    app = open_page(empty_home, "runs", runs="studio-photo")
    assert not app.exception
    assert not any(button.label in ("Save", "Repeat over seeds") for button in app.button)


def test_a_run_is_repeated_over_seeds_once(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    app = open_page(settings, "runs", runs=run.id)
    app.number_input(key=f"seeds_{run.id}").set_value(4).run()
    app.button(key=f"repeat_{run.id}").click().run()
    app.button(key=f"repeat_{run.id}").click().run()
    runs = RunStore(settings).runs()
    assert sorted(other.config.training.seed for other in runs) == [0, 1, 2, 3]
    assert {other.group_id for other in runs if other.id != run.id} == {repeats_of(run)}
    assert not app.exception
    assert any(link.proto.label == "4 repeats, 3 not done yet" for link in app.get("page_link"))


def test_a_group_with_more_runs_than_seeds_can_be_ticked(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    store = RunStore(settings)
    for other in repeat(store, run, MOST_SEEDS)[1:5]:
        store.request_stop(other.id)
    assert len(repeat(store, run, MOST_SEEDS)) > MOST_SEEDS
    app = open_page(settings, "runs", runs=run.id)
    assert not app.exception
    assert app.number_input(key=f"seeds_{run.id}").value == MOST_SEEDS


def test_a_group_shows_mean_and_spread_and_leads_to_its_comparison(
    finished_run: tuple[Settings, Run], open_page
):
    settings, run = finished_run
    store = RunStore(settings)
    another(store, run, "Other seed", wrong=40, seed=1)
    waiting_one = repeat(store, run, 3)[1]
    store.request_stop(waiting_one.id)
    app = open_page(settings, "runs", group=repeats_of(run))
    assert names(app) == [waiting_one.name.replace("seed 1", "seed 2"), waiting_one.name, "A tiny one"]
    (metric,) = app.metric
    accuracy = run.result["test"]["accuracy"]
    assert metric.label == "Test accuracy over 2 seeds"
    assert metric.value == f"{accuracy - 0.01:.2%} ± {100 * 0.02 / 2**0.5:.2f}"
    (link,) = [link for link in app.get("page_link") if link.proto.label == "Compare them as one"]
    assert link.proto.query_string == f"runs={repeats_of(run)}"


def test_train_again_with_changes_starts_from_the_run_s_settings(
    finished_run: tuple[Settings, Run], open_page
):
    settings, run = finished_run
    store = RunStore(settings)
    left_out = another(store, run, "B", **{"data.leave_out": [3, 5]})
    app = open_page(settings, "train", like=left_out.id)
    app.number_input(key=f"{left_out.id}:epochs").set_value(5)
    next(button for button in app.button if button.label == "Start training").click().run()
    assert not app.exception
    newest = store.runs(RunState.QUEUED)[0]
    assert newest.config == left_out.config.with_values({"training.epochs": 5})
    app.button(key="like_none").click().run()
    assert app.selectbox(key="recipe").value == "dense-100"
    app = open_page(settings, "train", like="nobody")
    assert not app.exception
    assert any("nobody" in warning.value for warning in app.warning)
