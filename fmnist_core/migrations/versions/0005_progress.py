"""How far each learner has come in the lessons."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "progress",
        sa.Column("learner", sa.String(160), primary_key=True),
        sa.Column("lesson", sa.String(64), primary_key=True),
        sa.Column("prediction", sa.String(64), nullable=False),
        sa.Column("predicted", sa.Float, nullable=False),
        sa.Column("answer", sa.String(64)),
        sa.Column("checked", sa.Float),
    )
