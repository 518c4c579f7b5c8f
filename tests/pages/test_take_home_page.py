"""Taking a run home from its pages, and bringing in what another studio gave."""

import pytest
from jobs_done import do
from streamlit.testing.v1 import AppTest
from waiting import wait_for

from app.components import bring_in
from fmnist_core import jobs
from fmnist_core.export.formats import FORMATS, format_called, parameters
from fmnist_core.export.material import Material
from fmnist_core.jobs import Job
from fmnist_core.runs import Run, RunStore
from fmnist_core.settings import Settings


def labels(app: AppTest, kind: str) -> set[str]:
    return {element.proto.label for element in app.get(kind)}


def click_at_once(app: AppTest, *buttons: str) -> None:
    """Clicks that reach the server together."""
    for label in buttons:
        next(button for button in app.button if button.label == label).click()
    app.run()


def prepared(run: Run, name: str) -> Job:
    return Job("fmnist_core.export.formats:prepare", parameters(run, format_called(name)), run.id)


def test_every_format_is_at_hand_or_can_be_prepared(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    app = open_page(settings, "runs", runs=run.id)
    assert not app.exception
    slow = {wanted.title for wanted in FORMATS.values() if wanted.is_slow}
    quick = {wanted.title for wanted in FORMATS.values()} - slow
    assert {f"Download {title}" for title in quick} <= labels(app, "download_button")
    assert {f"Prepare {title}" for title in slow} <= labels(app, "button")
    assert any("wardrobe.npz" in caption.value for caption in app.caption)


def test_downloads_are_made_where_keras_is(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    open_page(settings, "runs", runs=run.id)
    from app.components.take_home import made_where_keras_is

    for name, wanted in FORMATS.items():
        if not wanted.is_slow and name != "tensorboard":
            made = made_where_keras_is(run, wanted)()
            assert made == wanted.make(Material(RunStore(settings), run)), name


def test_evaluate_leads_there(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    app = open_page(settings, "evaluate", run=run.id)
    (link,) = [link for link in app.get("page_link") if link.proto.label == "Take it home"]
    assert link.proto.query_string == f"runs={run.id}"


def test_what_was_prepared_waits_until_the_note_changes(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    do(settings, prepared(run, "bundle"))
    app = open_page(settings, "runs", runs=run.id)
    assert "Download Everything" in labels(app, "download_button")

    RunStore(settings).annotate(run.id, note="I see.")
    app = open_page(settings, "runs", runs=run.id)
    assert "Download Everything" not in labels(app, "download_button")
    assert "Prepare Everything" in labels(app, "button")


def test_a_click_on_prepare_right_after_one_on_save_prepares_what_was_saved(
    finished_run: tuple[Settings, Run], open_page, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    started: list[Job] = []
    monkeypatch.setattr(jobs, "start", lambda settings, job: started.append(job))
    app = open_page(settings, "runs", runs=run.id)
    app.text_area[0].set_value("I see.")
    click_at_once(app, "Save", "Prepare Everything")
    assert not app.exception
    assert started == [prepared(RunStore(settings).get(run.id), "bundle")]
    assert RunStore(settings).get(run.id).note == "I see."


def test_two_clicks_in_a_row_prepare_both(
    finished_run: tuple[Settings, Run], open_page, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    started: list[Job] = []
    monkeypatch.setattr(jobs, "start", lambda settings, job: started.append(job))
    app = open_page(settings, "runs", runs=run.id)
    click_at_once(app, "Prepare ONNX model", "Prepare LiteRT model")
    assert not app.exception
    assert started == [prepared(run, "onnx"), prepared(run, "litert")]


def test_a_run_whose_network_is_lost_says_so(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    (RunStore(settings).folder(run.id) / "model.keras").unlink()
    app = open_page(settings, "runs", runs=run.id)
    assert not app.exception
    assert any("left no network to take home" in info.value for info in app.info)
    assert not labels(app, "download_button")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles are checked here and now, without a process of their own."""

    def render(job: Job, *words: str, at_once: bool) -> dict:
        from app import resources

        if jobs.status(resources.settings(), job).state != "done":
            do(resources.settings(), job)
        return jobs.result(resources.settings(), job)

    monkeypatch.setattr(bring_in, "render_job", render)


@pytest.fixture
def brought_in(finished_run: tuple[Settings, Run], empty_home: Settings, at_once: None, open_page) -> AppTest:
    """The page Runs of an empty home after a bundle of the finished run was uploaded there."""
    settings, run = finished_run
    bundle = FORMATS["bundle"].make(Material(RunStore(settings), run))
    app = open_page(empty_home, "runs")
    app.file_uploader[0].upload("run.zip", bundle, "application/zip")
    return app.run()


def test_a_bundle_is_brought_in_and_leads_to_its_figures(
    finished_run: tuple[Settings, Run], empty_home: Settings, brought_in: AppTest, open_page
):
    app, (_, run) = brought_in, finished_run
    assert not app.exception
    assert "**A tiny one** is here now." in [message.value for message in app.success]
    (link,) = [link for link in app.get("page_link") if link.proto.label == "Look at it"]
    assert link.proto.query_string == f"run={run.id}"
    app = open_page(empty_home, "evaluate", run=run.id)
    assert not app.exception
    assert any("imported from another studio" in caption.value for caption in app.caption)
    app = open_page(empty_home, "evaluate", run=run.id, look="Replay")
    assert any("from another studio brings no replay" in info.value for info in app.info)


def test_one_that_was_brought_in_and_deleted_is_in_the_bin(
    finished_run: tuple[Settings, Run], empty_home: Settings, brought_in: AppTest
):
    app, (_, run) = brought_in, finished_run
    RunStore(empty_home).delete(run.id)
    app.run()
    assert not app.exception
    assert "**A tiny one** is in the bin: bring it back from there." in [info.value for info in app.info]
    assert not [message for message in app.success if "is here" in message.value]


def test_what_is_no_bundle_is_told_in_a_sentence(empty_home: Settings, open_page):
    app = open_page(empty_home, "runs")
    app.file_uploader[0].upload("run.zip", b"PK\x03\x04 but no more", "application/zip")
    (told,) = wait_for(lambda: app.run().error, 60)
    assert told.value == "This is not a bundle, or it is damaged: export it again."
    assert not app.exception
