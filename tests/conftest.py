"""Fixtures that every kind of test shares."""

import shutil
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
from needs import missing

from fmnist_core.data.dataset import locate
from fmnist_core.data.wardrobe import draw_dataset
from fmnist_core.settings import Settings

# How long one example takes says more about the machine than about the code.
hypothesis.settings.register_profile("unhurried", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the four real IDX files."""
    folder = locate(Settings.from_environment()).folder
    if folder is None:
        missing("needs the real Fashion-MNIST files: `fmnist data download` brings them")
    return folder


def _home(folder: Path) -> Settings:
    return Settings(home=folder, database_url=f"sqlite:///{folder / 'studio.sqlite'}")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of its own for one test, with no data set in it."""
    return _home(tmp_path / "home")


@pytest.fixture(scope="session")
def wardrobe_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose cache holds the drawn wardrobe. Tests leave it as it is: `new_home` makes copies."""
    settings = _home(tmp_path_factory.mktemp("wardrobe-home"))
    draw_dataset(settings.cache_dir)
    return settings


@pytest.fixture(scope="session")
def new_home(wardrobe_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Settings]:
    """Makes new homes that have the drawn wardrobe and nothing else."""

    def make() -> Settings:
        settings = _home(tmp_path_factory.mktemp("home"))
        shutil.copytree(wardrobe_home.cache_dir, settings.cache_dir)
        return settings

    return make
