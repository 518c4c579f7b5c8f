"""The Map page: its jobs, what is sent to the map, and the images that are chosen on it."""

from collections.abc import Callable

import numpy as np
import pytest
from filelock import FileLock
from jobs_done import put
from streamlit.testing.v1 import AppTest
from waiting import wait_for

from fmnist_core import jobs
from fmnist_core.analysis.projection import make_map
from fmnist_core.data.dataset import CLASS_NAMES, load_source
from fmnist_core.jobs import Job
from fmnist_core.runs import Run
from fmnist_core.settings import Settings

OpenPage = Callable[..., AppTest]

SECONDS = 120


class Canvas:
    """Stands for the map in the browser: notes what it is given, and sends what is to be chosen."""

    def __init__(self) -> None:
        self.given: dict = {}
        self.choose: list[int] | None = None

    def __call__(self, places: np.ndarray, groupings: list, sprite: str, **options) -> np.ndarray | None:
        self.given = {"places": places, "groupings": groupings, "sprite": sprite, **options}
        chosen, self.choose = self.choose, None
        return None if chosen is None else np.array(chosen)


@pytest.fixture
def canvas(monkeypatch: pytest.MonkeyPatch) -> Canvas:
    canvas = Canvas()
    monkeypatch.setattr("app.components.map_view.render_map_canvas", canvas)
    return canvas


def job(run: Run, method: str, *, of_network: bool) -> Job:
    return Job(
        "fmnist_core.analysis.projection:make_map",
        {
            "method": method,
            "run": run.id if of_network else None,
            "source": run.source,
            "fingerprint": run.fingerprint,
        },
        run.id if of_network else None,
    )


def open_when_done(
    settings: Settings, run: Run, open_page: OpenPage, space: str = "Pixels", method: str = "PCA"
) -> AppTest:
    """The page, with its map made."""
    query = {"run": run.id, "space": space, "method": method}
    app = open_page(settings, "map", **query)
    wanted = job(run, method, of_network=space != "Pixels")
    wait_for(lambda: jobs.status(settings, wanted).state == "done", SECONDS)
    return app.run()


@pytest.mark.parametrize("space", ["Pixels", "What the network sees"])
def test_the_principal_axes_are_found_without_asking(
    finished_run: tuple[Settings, Run], open_page: OpenPage, canvas: Canvas, space: str
):
    settings, run = finished_run
    app = open_when_done(settings, run, open_page, space)
    data = load_source(settings, "wardrobe")

    assert not app.exception
    parameters = job(run, "PCA", of_network=space != "Pixels").parameters
    expected = make_map(settings, lambda share, words: None, **parameters)
    np.testing.assert_allclose(canvas.given["places"], expected["places"], atol=1e-4)
    assert [way.name for way in canvas.given["groupings"]] == ["True class", "Answer", "Right or wrong"]
    np.testing.assert_array_equal(canvas.given["groupings"][0].of, data.y_test)
    assert canvas.given["drawing"] is None


def test_what_is_chosen_is_shown_the_hardest_first(
    finished_run: tuple[Settings, Run], open_page: OpenPage, canvas: Canvas
):
    settings, run = finished_run
    app = open_when_done(settings, run, open_page)
    assert not app.subheader
    canvas.choose = [3, 17, 1999]
    app.run()

    assert not app.exception
    assert app.subheader[0].value.startswith("3 chosen, ")
    (counts,) = [text.value for text in app.caption if text.value.endswith("; the hardest first.")]
    labels = load_source(settings, "wardrobe").y_test[[3, 17, 1999]]
    for label in labels:
        assert f"{CLASS_NAMES[label]} {np.count_nonzero(labels == label)}" in counts


def test_t_sne_is_worked_out_when_it_is_asked_for(
    finished_run: tuple[Settings, Run], open_page: OpenPage, canvas: Canvas
):
    settings, run = finished_run
    wanted = job(run, "t-SNE", of_network=False)
    app = open_page(settings, "map", run=run.id, space="Pixels", method="t-SNE")
    assert not app.exception
    assert jobs.status(settings, wanted).state == "absent"

    app.button(key=f"start_{wanted.run}_Work out this map").click().run()
    assert not app.exception
    assert jobs.status(settings, wanted).state in ("running", "done")
    jobs.stop(settings, wanted)


def test_a_map_that_is_stopped_does_not_begin_again_by_itself(
    finished_run: tuple[Settings, Run], open_page: OpenPage, canvas: Canvas
):
    settings, run = finished_run
    wanted = job(run, "PCA", of_network=False)
    with FileLock(settings.home / "jobs.turn"):
        app = open_page(settings, "map", run=run.id, space="Pixels", method="PCA")
        app.button(key=f"stop_{wanted.key}").click().run()
        assert not any("t-SNE" in words.value for words in app.markdown)

        app.run()
        assert not app.exception
        assert jobs.status(settings, wanted).state == "stopped"
        app.button(key=f"start_{wanted.run}_Work out this map").click().run()
        assert jobs.status(settings, wanted).state == "running"
        jobs.stop(settings, wanted)


def test_a_damaged_map_can_be_made_again(
    finished_run: tuple[Settings, Run], open_page: OpenPage, canvas: Canvas
):
    settings, run = finished_run
    wanted = job(run, "t-SNE", of_network=True)
    put(settings, wanted, {"places": np.zeros((2000, 2), np.float32)})
    result = jobs.job_folder(settings, wanted) / "result.npz"
    result.write_bytes(result.read_bytes()[:-100])

    app = open_page(settings, "map", run=run.id, space="What the network sees", method="t-SNE")

    assert not app.exception
    assert "start it again" in app.error[0].value
    assert app.button(key=f"start_{wanted.run}_Work out this map")


def test_a_picture_from_classify_is_placed_and_taken_off(
    finished_run: tuple[Settings, Run], open_page: OpenPage, canvas: Canvas
):
    settings, run = finished_run
    app = open_when_done(settings, run, open_page)
    app.session_state["mapped"] = load_source(settings, "wardrobe").x_test[7]
    app.run()

    assert not app.exception
    np.testing.assert_allclose(canvas.given["drawing"], canvas.given["places"][7], atol=1e-3)
    app.button(key="take_off_map").click().run()
    assert canvas.given["drawing"] is None


def test_without_a_network_that_was_measured_here_the_page_leads_to_training(
    empty_home: Settings, open_page: OpenPage
):
    app = open_page(empty_home, "map")
    assert not app.exception
    assert "Train a network" in [link.proto.label for link in app.get("page_link")]


def test_answers_that_are_damaged_are_told_of(
    finished_run: tuple[Settings, Run], open_page: OpenPage, canvas: Canvas
):
    settings, run = finished_run
    (settings.runs_dir / run.id / "predictions.npz").write_bytes(b"no archive")
    app = open_when_done(settings, run, open_page)

    assert not app.exception
    assert "are missing or damaged: train it again" in app.error[0].value


def test_a_network_that_was_tested_on_other_images_is_said_to_be(
    finished_run: tuple[Settings, Run], open_page: OpenPage, canvas: Canvas
):
    settings, run = finished_run
    app = open_page(settings, "map", run="studio-photo", method="t-SNE")
    assert not app.exception
    assert "Studio photo cannot be looked at here" in app.warning[0].value
    assert app.selectbox(key="picked_run").value == run.id
