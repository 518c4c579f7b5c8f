"""How often a run was put back into the queue."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the column; of the runs that are there, none was."""
    op.add_column("runs", sa.Column("resumes", sa.Integer, nullable=False, server_default="0"))
