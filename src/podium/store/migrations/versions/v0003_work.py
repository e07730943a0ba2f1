"""Programmes, their notices and feeds, and the organisation of a liaison officer."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("account", sa.Column("organisation", sa.String(64)))
    _programmes()
    _notices()
    op.create_table(
        "feed",
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_feed"),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name="fk_feed_account", ondelete="CASCADE"
        ),
    )
    columns = ["account", "programme", "organisation"]
    op.create_index("ix_feed_account", "feed", columns, unique=True)


def _programmes() -> None:
    op.create_table(
        "programme_event",
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("programme", "seq", name="pk_programme_event"),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("title_zh", sa.String(200), nullable=False),
        sa.Column("title_en", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_programme"),
    )


def _notices() -> None:
    op.create_table(
        "contact",
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.PrimaryKeyConstraint("organisation", name="pk_contact"),
    )
    op.create_table(
        "notice_place",
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("programme", name="pk_notice_place"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("sent_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index("ix_notice_due_at", "notice", ["due_at"])
