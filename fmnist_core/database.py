"""The database that everything is kept in: where it is, and how it is reached."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from fmnist_core.errors import RunError
from fmnist_core.files import DISK_FULL
from fmnist_core.settings import Settings

METADATA = sa.MetaData()
"""The tables as this code knows them, each in the module that reads it; `migrations` makes them."""

Value = TypeVar("Value")

BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up."""

AWAY_SECONDS = 60.0
"""How long a database server that is being restarted is waited for."""

LOOK_SECONDS = 0.5
"""How often it is looked for meanwhile."""

# The classes of SQLSTATE that speak of the connection, and of an operator who ends it.
_AWAY = ("08", "57")

# What SQLite says of a file that is not as it left it.
_DAMAGED = ("malformed", "not a database")


def database_url(settings: Settings) -> sa.URL:
    """Where the run store is, with the driver that it is reached by.

    Raises:
        RunError: when the settings do not name a database that can be used.
    """
    if not settings.database_url:
        return sa.URL.create("sqlite", database=str(settings.home / "studio.sqlite"))
    try:
        url = sa.make_url(settings.database_url)
        known = url.get_backend_name() in ("sqlite", "postgresql") and "@" not in (url.host or "")
        # Each process has a working folder of its own.
        known &= url.get_backend_name() != "sqlite" or Path(url.database or "").is_absolute()
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
        synchronous = "FULL" if durable else "NORMAL"
        pragmas = ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON")
        setup = [f"PRAGMA {pragma}" for pragma in pragmas]
    else:
        setup = [f"SET synchronous_commit = {'on' if durable else 'off'}"]
    engine = sa.create_engine(url, **engine_options(url))

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        for statement in setup:
            connection.execute(statement)
        connection.commit()
        if url.get_backend_name() == "postgresql":
            _take_every_text(connection)

    return engine


def engine_options(url: sa.URL) -> dict[str, Any]:
    """How SQLAlchemy is to reach the database, as keywords for `create_engine`."""
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS}}
    # Text is UTF-8 whatever the server's own encoding is.
    arguments = {"connect_timeout": BUSY_SECONDS, "client_encoding": "utf8"}
    return {"pool_pre_ping": True, "connect_args": arguments}


def is_away(error: sa.exc.SQLAlchemyError) -> bool:
    """Whether a database server could not be reached or was ended, which may be over in a moment."""
    if not isinstance(error, sa.exc.OperationalError) or not hasattr(error.orig, "sqlstate"):
        return False  # SQLite has no server.
    return error.orig.sqlstate is None or error.orig.sqlstate.startswith(_AWAY)


def cause(error: BaseException) -> str:
    """What the database itself said, on one line."""
    return str(getattr(error, "orig", error)).partition("\n")[0]


def in_words(error: sa.exc.SQLAlchemyError) -> str:
    """Why the run store could not be read or written, and the way out, in one sentence."""
    if is_away(error):
        return "The run store does not answer: look at its database server, then load the page again."
    if isinstance(error, sa.exc.TimeoutError):
        return "Too many ask the run store at once: try again in a moment."
    said = cause(error)
    if "full" in said or "No space left" in said:
        return DISK_FULL
    if any(sign in said for sign in _DAMAGED):
        return f"The run store is damaged ({said}): bring it back from a copy, or move it away to begin anew."
    return f"The run store could not be used ({said}): look at the studio's home folder, then try again."


def patiently(work: Callable[[], Value]) -> Value:
    """What `work` gives, tried again while the database server is away.

    Raises:
        RunError: when it has been away for `AWAY_SECONDS`.
    """
    deadline = time.monotonic() + AWAY_SECONDS
    while True:
        try:
            return work()
        except sa.exc.OperationalError as error:
            if not is_away(error):
                raise
            if time.monotonic() > deadline:
                raise RunError("The run store does not answer: look at its database server.") from error
            time.sleep(LOOK_SECONDS)


def _take_every_text(connection: Any) -> None:
    """Has PostgreSQL, which knows no NUL in a text, be given the sign for what cannot be shown instead."""
    from psycopg.types.string import StrDumper

    class Dumper(StrDumper):
        def dump(self, text: str) -> Any:
            return super().dump(text.replace("\0", "\ufffd"))

    connection.adapters.register_dumper(str, Dumper)
