"""Alembic runs this for every upgrade: the steps go into the transaction of whoever called it."""

from alembic import context

from fmnist_core.migrations import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
context.run_migrations()
