"""What cannot go on is said in a sentence, on whatever page."""

from pathlib import Path

import pytest
from damage import damage_runs
from jobs_done import do

from app.components.run_name import WORD_JOINER
from fmnist_core.analysis import robustness
from fmnist_core.errors import EngineError
from fmnist_core.jobs import Job
from fmnist_core.runs import Run, RunStore
from fmnist_core.settings import Settings
from fmnist_core.shipped import PHOTO

ROOT = Path(__file__).parents[2]


def test_a_run_store_that_cannot_be_opened(open_page, empty_home: Settings):
    home = empty_home.home
    (home / "taken").mkdir()
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'taken'}")

    app = open_page(settings, "runs")

    assert not app.exception
    (said,) = (error.value for error in app.error)
    assert "run store" in said


def test_a_setting_that_is_no_number(open_page, empty_home: Settings, monkeypatch: pytest.MonkeyPatch):
    app = open_page(empty_home, "overview")
    monkeypatch.setenv("FMNIST_RUN_HOURS", "abc")
    from app import resources

    resources.settings.clear()
    app.run()

    assert not app.exception
    assert any("FMNIST_RUN_HOURS" in error.value for error in app.error)


@pytest.mark.parametrize("page", ["overview", "train", "runs"])
def test_a_damaged_store(page: str, open_page, empty_home: Settings):
    RunStore(empty_home)
    damage_runs(empty_home)

    app = open_page(empty_home, page)

    assert not app.exception
    assert [error.value for error in app.error] == [
        "The run store is damaged (database disk image is malformed): bring it back from a copy, or move it "
        "away to begin anew."
    ]


def test_an_engine_that_cannot_be_started(open_page, empty_home: Settings, monkeypatch: pytest.MonkeyPatch):
    reason = "The training engine cannot be started: too many processes."

    def refuse(settings: Settings) -> None:
        raise EngineError(reason)

    monkeypatch.setattr("app.work.ensure_engine", refuse)

    app = open_page(empty_home, "overview")

    assert not app.exception
    assert [error.value for error in app.error] == [reason]
    assert app.title[0].value == "Fashion-MNIST Studio"


def test_a_home_that_cannot_be_written(tmp_path: Path):
    from fmnist_core.training.engine import ensure_engine

    (tmp_path / "file").write_text("")

    with pytest.raises(EngineError, match="cannot be started"):
        ensure_engine(Settings(home=tmp_path / "file" / "home", database_url="sqlite://"))


def test_what_an_error_quotes_makes_no_link(open_page, empty_home: Settings, monkeypatch: pytest.MonkeyPatch):
    def refuse(settings: Settings) -> None:
        raise EngineError("It says ![x](https://example.org/x) and [sign in](https://example.org).")

    monkeypatch.setattr("app.work.ensure_engine", refuse)

    said = open_page(empty_home, "overview").error[0].value
    assert said.replace(WORD_JOINER, "") == (
        r"It says !\[x](https://example.org/x) and \[sign in](https://example.org)."
    )


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("classify", {"input": ""}),
        ("classify", {"input": "Known image", "of": ""}),
        ("compare", {"view": ""}),
        ("compare", {"by": "", "curves": ""}),
        ("evaluate", {"look": ""}),
        ("evaluate", {"look": "Mistakes", "order": ""}),
        ("evaluate", {"look": "Robustness", "change": ""}),
        ("explain", {"why": ""}),
        ("explore", {"split": "", "normalisation": ""}),
        ("map", {"space": "", "method": ""}),
        ("play", {"game": ""}),
        ("quality", {"findings": ""}),
    ],
)
def test_an_address_that_names_nothing_means_what_is_chosen_at_first(
    finished_run: tuple[Settings, Run],
    open_page,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    address: dict[str, str],
):
    settings, run = finished_run
    monkeypatch.setattr(robustness, "IMAGES", 10)
    do(settings, Job("fmnist_core.analysis.robustness:measure", robustness.parameters(run), run.id))
    monkeypatch.setattr("fmnist_core.jobs.start", lambda settings, job: None)
    app = open_page(settings, page, run=run.id, runs=f"{run.id},{PHOTO}", **address)
    assert not app.exception
    assert not app.error
    controls = {control.key: control.value for control in app.button_group}
    assert not any(controls[name] for name, value in address.items() if not value), "Streamlit has mended it"


def test_a_link_that_names_a_default_means_it(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    app = open_page(settings, "classify", run=run.id, input="Known image", of="Training", number="7")
    assert (app.button_group(key="of").value, app.number_input(key="number").value) == ("Training", 7)
    app.switch_page(str(ROOT / "pages" / "overview.py"))
    app.run()
    app.switch_page(str(ROOT / "pages" / "classify.py"))
    for name, value in {"run": run.id, "input": "Known image", "of": "Test", "number": "0"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert (app.button_group(key="of").value, app.number_input(key="number").value) == ("Test", 0)
    app.number_input(key="number").set_value(3).run()
    assert app.number_input(key="number").value == 3
