"""The store's schema, step by step: each file in `versions/` takes it one step further.

To change the schema, add the next step, name it in `HEAD`, and change the tables in `runs.py` to match.
"""

from pathlib import Path

import sqlalchemy as sa

from fmnist_core.errors import RunError

HEAD = "0003"
"""The newest step."""

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
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise RunError(
                f"The run store was written by a newer studio (its schema is {_version(connection)}, this "
                f"studio's is {HEAD}): update the studio, or set FMNIST_DATABASE_URL to another database."
            ) from error


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
