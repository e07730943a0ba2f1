"""Figures of the situation with their vintages, sources, and how they came in."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "figure_source",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name_zh", sa.String(200), nullable=False),
        sa.Column("name_en", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_figure_source"),
    )
    op.create_table(
        "figure_batch",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("imported_by", sa.String(200), nullable=False),
        sa.Column("new", sa.Integer, nullable=False),
        sa.Column("revised", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_figure_batch"),
    )
    op.create_table(
        "figure",
        sa.Column("series", sa.String(64), nullable=False),
        sa.Column("measure", sa.String(16), nullable=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("months", sa.Integer, nullable=False),
        sa.Column("published", sa.Date, nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("batch", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint(
            "series", "measure", "period_end", "months", "published", name="pk_figure"
        ),
        sa.ForeignKeyConstraint(["batch"], ["figure_batch.id"], name="fk_figure_batch"),
    )
