"""What cannot go on is said in a sentence, on whatever page."""

from pathlib import Path

import pytest

from fmnist_core.errors import EngineError
from fmnist_core.settings import Settings


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
    assert said == r"It says !\[x](https://example.org/x) and \[sign in](https://example.org)."
