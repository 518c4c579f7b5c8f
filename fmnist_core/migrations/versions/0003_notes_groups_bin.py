"""What owners add to their runs: a note, tags, a group they belong to, and the bin."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds the columns; the runs that are there have nothing in them."""
    op.add_column("runs", sa.Column("note", sa.Text, nullable=False, server_default=""))
    op.add_column("runs", sa.Column("tags", sa.Text, nullable=False, server_default="[]"))
    op.add_column("runs", sa.Column("group_id", sa.String(64)))
    op.add_column("runs", sa.Column("deleted", sa.Float))
    op.create_index("ix_runs_group_id", "runs", ["group_id"])
