"""Telephone numbers of venues, and PINs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("venue", sa.Column("telephones", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "pin",
        sa.Column("pin_hash", sa.String(64), nullable=False),
        sa.Column("conference", sa.String(64), nullable=False),
        sa.Column("venue", sa.String(64), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pin_hash", name="pk_pin"),
    )
    op.create_index("ix_pin_conference", "pin", ["conference", "venue"], unique=True)
