"""Evaluate, Robustness: a job leads to curves, and curves lead to the images they are about."""

import shutil
from collections.abc import Callable

import numpy as np
import pytest
from jobs_done import do
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from fmnist_core import jobs
from fmnist_core.analysis import robustness
from fmnist_core.analysis.robustness import KINDS
from fmnist_core.data.dataset import load_source
from fmnist_core.jobs import Job
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings

OpenPage = Callable[..., AppTest]

FEW = 40


@pytest.fixture(autouse=True)
def _few_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robustness, "IMAGES", FEW)


def job_of(run: Run) -> Job:
    return Job("fmnist_core.analysis.robustness:measure", robustness.parameters(run), run.id)


def copy_of(settings: Settings, run: Run) -> Run:
    store = RunStore(settings)
    copy = store.create(run.config, source=run.source, fingerprint=run.fingerprint, name="A second one")
    shutil.copytree(store.folder(run.id), store.folder(copy.id))
    store.end(copy.id, store.claim(copy.id), RunState.FINISHED, run.result)
    return store.get(copy.id)


def start_of(app: AppTest, run: Run) -> Button:
    """The button that starts a run's job."""
    return next(button for button in app.button if (button.key or "").startswith(f"start_{run.id}_"))


def markdown(app: AppTest) -> str:
    return "\n".join(element.value for element in app.main.markdown)


def test_without_a_result_there_is_a_button_that_starts_its_job(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    started = []
    monkeypatch.setattr(jobs, "start", lambda settings, job: started.append(job))
    app = open_page(settings, "evaluate", look="Robustness", run=run.id)

    assert not app.exception
    assert not app.get("vega_lite_chart")
    assert f"{FEW} test images, changed in {len(KINDS)} ways" in markdown(app)
    start_of(app, run).click().run()
    assert started == [job_of(run)]


def test_a_result_is_shown_as_curves_and_as_the_changed_images(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    do(settings, job_of(run))
    app = open_page(settings, "evaluate", look="Robustness", run=run.id, change="Blur", strength="4")

    found, data = jobs.result(settings, job_of(run)), load_source(settings, run.source)
    row = [kind.name for kind in KINDS].index("Blur")
    right = found["answers"][row, 4].argmax(axis=1) == data.y_test[:FEW]
    assert found["accuracies"][row, 4] == pytest.approx(right.mean())
    shown = np.random.default_rng(0).choice(FEW, 24, replace=False)
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == len(KINDS)
    assert f"**Blur 2 px**: {right[shown].sum()} of these 24 are right." in markdown(app)

    app.button_group(key="change").set_value("Scale").run()
    assert not app.exception
    assert "**Scale 100%**" in markdown(app)
    app = open_page(settings, "evaluate", look="Robustness", run=run.id, strength="9" * 5_000)
    assert not app.exception


def test_a_second_run_has_a_job_of_its_own_and_then_a_curve_beside(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    other = copy_of(settings, run)
    do(settings, job_of(run))
    app = open_page(settings, "evaluate", look="Robustness", run=run.id)
    app.selectbox(key="beside").set_value(other.id).run()

    assert start_of(app, other)
    assert ":violet-badge[A tiny one]" in markdown(app)
    assert ":orange-badge" not in markdown(app)

    do(settings, job_of(other))
    app.run()
    assert not app.exception
    assert ":violet-badge[A tiny one] :orange-badge[A second one]" in markdown(app)
    assert "A second one" in app.get("vega_lite_chart")[0].proto.spec


def test_a_result_that_is_damaged_is_told_of_and_leaves_the_rest_of_the_page(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    do(settings, job_of(run))
    (jobs.job_folder(settings, job_of(run)) / "result.npz").write_bytes(b"no archive")
    app = open_page(settings, "evaluate", look="Robustness", run=run.id)

    assert not app.exception
    assert "its result is damaged: start it again" in app.error[0].value
    assert app.metric
    app.button_group(key="look").set_value("Matrix").run()
    assert not app.exception
    assert not app.error


def test_a_name_is_shown_as_it_was_typed(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    RunStore(settings).annotate(run.id, name="*A* [tiny] one")
    app = open_page(settings, "evaluate", look="Robustness", run=run.id)
    assert r"**How much does \*A\* \[tiny\] one depend" in markdown(app)
    assert start_of(app, run).label.endswith(r"ask \*A\* \[tiny\] one")
    do(settings, job_of(run))
    assert r":violet-badge[\*A\* \[tiny\] one]" in markdown(app.run())
