"""Alembic runs this for every upgrade: the steps go into the transaction of whoever called it."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
