"""The databases that the run store works on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Cluster, bin_folder

from fmnist_core.settings import Settings


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of the tests' own."""
    folder = bin_folder()
    if folder is None:
        pytest.skip("needs PostgreSQL: install its server")
    with Cluster(folder) as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """A home of its own for one test, with its runs in an empty SQLite file or PostgreSQL database."""
    home = tmp_path / "home"
    if request.param == "sqlite":
        yield Settings(home=home, database_url=f"sqlite:///{home / 'studio.sqlite'}")
    else:
        with request.getfixturevalue("cluster").database() as url:
            yield Settings(home=home, database_url=url)
