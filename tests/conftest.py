"""Fixtures that every kind of test shares."""

import os
from pathlib import Path

import pytest

from fmnist_core.settings import Settings


def missing(reason: str) -> None:
    """Skips the test that needs what is not there; under CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the four real IDX files."""
    folder = os.environ.get("FMNIST_DATA_DIR")
    if not folder or not Path(folder).is_dir():
        missing("needs the real Fashion-MNIST files: set FMNIST_DATA_DIR to their folder")
    return Path(folder)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of its own for one test, with no data set in it."""
    home = tmp_path / "home"
    return Settings(home=home, database_url=f"sqlite:///{home / 'studio.sqlite'}")
