"""The store's schema, step by step: each file in `versions/` takes it one step further.

To change the schema, add the next step, name it in `HEAD`, and change the table in the
module that reads it to match.
"""

from pathlib import Path

import sqlalchemy as sa

from fmnist_core.errors import RunError

HEAD = "0006"
"""The newest step."""

VERSION_TABLE = "studio_version"
"""Where a database says which step it is at. Not Alembic's own name for it: Optuna, whose tables are in the
same database, uses that one."""

_EARLIER_TABLE = "alembic_version"
_STEPS_OF_EARLIER_TABLE = ("0001", "0002", "0003")
"""Up to here the step was kept under Alembic's own name."""

_BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(70000)"}
"""What keeps others from upgrading the same database meanwhile, until the transaction ends."""


def upgrade(engine: sa.Engine) -> None:
    """Takes the schema to `HEAD`: all of the way, or, when something fails, not at all.

    Several may call it at once, from several machines too.

    Raises:
        RunError: when the database comes from a newer studio.
    """
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return

    # Alembic takes longer to import than a store to open, and is needed once.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    with engine.begin() as connection:
        connection.exec_driver_sql(_BEGIN[engine.dialect.name])
        config.attributes["connection"] = connection
        if earlier := _earlier_version(connection):
            connection.exec_driver_sql(f"DROP TABLE {_EARLIER_TABLE}")
            command.stamp(config, earlier)
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise RunError(
                f"The run store was written by a newer studio (its schema is {_version(connection)}, this "
                f"studio's is {HEAD}): update the studio, or set FMNIST_DATABASE_URL to another database."
            ) from error


def _version(connection: sa.Connection, table: str = VERSION_TABLE) -> str | None:
    if not sa.inspect(connection).has_table(table):
        return None
    return connection.execute(sa.text(f"SELECT version_num FROM {table}")).scalar()


def _earlier_version(connection: sa.Connection) -> str | None:
    """The step of a database that keeps it where earlier studios did."""
    if _version(connection) is not None:
        return None
    step = _version(connection, _EARLIER_TABLE)
    return step if step in _STEPS_OF_EARLIER_TABLE else None
