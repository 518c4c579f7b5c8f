"""Where things are, on machines as they come."""

from pathlib import Path

import pytest

from fmnist_core import settings as module
from fmnist_core.errors import ConfigError, RunError
from fmnist_core.runs import RunStore
from fmnist_core.search.optimizer import _open_storage
from fmnist_core.settings import Settings


@pytest.mark.parametrize("name", ["50%25", "what?timeout=x", "a b#ü:@"])
def test_the_database_is_in_the_home_folder_whatever_that_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path / name))
    monkeypatch.delenv("FMNIST_DATABASE_URL", raising=False)
    _open_storage(RunStore(Settings.from_environment()))
    assert [folder.name for folder in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "studio.sqlite").exists()


def test_settings_survive_the_way_to_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings = Settings(home=tmp_path / "50%25")
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    assert Settings.from_environment() == settings


@pytest.mark.parametrize("place", ["studio.sqlite", ":memory:"])
def test_a_database_that_each_process_would_look_for_elsewhere_is_refused(tmp_path: Path, place: str):
    with pytest.raises(RunError, match="write sqlite:////folder"):
        RunStore(Settings(home=tmp_path, database_url=f"sqlite:///{place}"))


def test_a_setting_of_the_database_that_is_none_is_told(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/studio.sqlite?timeout=soon"
    with pytest.raises(RunError, match="cannot be opened"):
        RunStore(Settings(home=tmp_path, database_url=url))


def test_who_has_no_home_folder_is_asked_for_one(monkeypatch: pytest.MonkeyPatch):
    def nowhere(name: str) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("FMNIST_HOME", raising=False)
    monkeypatch.setattr(module, "user_data_path", nowhere)
    with pytest.raises(ConfigError, match="set FMNIST_HOME to a folder"):
        Settings.from_environment()
