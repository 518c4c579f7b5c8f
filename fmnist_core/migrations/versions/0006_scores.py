"""What players reached in the games."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "scores",
        sa.Column("game_id", sa.String(32), primary_key=True),
        sa.Column("player", sa.String(160), nullable=False, index=True),
        sa.Column("game", sa.String(16), nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("most", sa.Integer, nullable=False),
        sa.Column("ended", sa.Float, nullable=False),
    )
