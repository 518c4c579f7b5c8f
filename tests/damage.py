"""Damage that a disk does."""

import sqlite3
from contextlib import closing

from fmnist_core.settings import Settings


def damage_runs(settings: Settings) -> None:
    """Makes nonsense of the page of an SQLite file at which its runs begin."""
    path = settings.home / "studio.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'runs'").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
