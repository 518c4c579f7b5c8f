"""The database that everything is kept in: where it is, and how it is reached."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fmnist_core.errors import RunError
from fmnist_core.settings import Settings

METADATA = sa.MetaData()
"""The tables as this code knows them, each in the module that reads it; `migrations` makes them."""

BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up."""


def database_url(settings: Settings) -> sa.URL:
    """Where the run store is, with the driver that it is reached by.

    Raises:
        RunError: when the settings do not name a database that can be used.
    """
    try:
        url = sa.make_url(settings.database_url)
        known = url.get_backend_name() in ("sqlite", "postgresql") and "@" not in (url.host or "")
    except (ValueError, sa.exc.SQLAlchemyError):
        known = False
    if not known:
        # The URL itself stays out of the message: it may hold a password.
        raise RunError(
            "FMNIST_DATABASE_URL is not understood: write sqlite:////folder/studio.sqlite or "
            "postgresql://user:password@host/database, with %40 for an @ in the password."
        )
    return url if url.get_backend_name() == "sqlite" else url.set(drivername="postgresql+psycopg")


def connect(url: sa.URL, *, durable: bool) -> sa.Engine:
    """Connections to the database, set up as the store needs them.

    Args:
        url: As `database_url` gives it; the folder of an SQLite file is made.
        durable: Whether what was written is on the disk before a call returns; else a power cut may take the
            last of it.
    """
    if url.get_backend_name() == "sqlite":
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        synchronous = "FULL" if durable else "NORMAL"
        pragmas = ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON")
        setup = [f"PRAGMA {pragma}" for pragma in pragmas]
    else:
        engine = sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": BUSY_SECONDS})
        setup = [f"SET synchronous_commit = {'on' if durable else 'off'}"]

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        for statement in setup:
            connection.execute(statement)
        connection.commit()

    return engine
