"""What the telephone must not forget when it restarts: wrong PINs, locks, calls placed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "telephone_note",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("figure", sa.Double, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_telephone_note"),
    )
    op.create_table(
        "placed_call",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("conference", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_placed_call"),
    )
    op.create_index("ix_placed_call_at", "placed_call", ["at"])
