"""The first tables.

A migration that has been released is never changed; a change of the tables is a further file.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _conferences()
    _directory()
    _access()


def _conferences() -> None:
    op.create_table(
        "conference_event",
        sa.Column("conference", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("conference", "seq", name="pk_conference_event"),
    )
    op.create_table(
        "conference",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("title_zh", sa.String(200), nullable=False),
        sa.Column("title_en", sa.String(200), nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("phase", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conference"),
    )
    op.create_table(
        "conference_venue",
        sa.Column("conference", sa.String(64), nullable=False),
        sa.Column("venue", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("conference", "venue", name="pk_conference_venue"),
        sa.ForeignKeyConstraint(
            ["conference"], ["conference.id"], name="fk_conference_venue_conference"
        ),
    )


def _directory() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("parent", sa.String(64)),
        sa.Column("name_zh", sa.String(200), nullable=False),
        sa.Column("name_en", sa.String(200), nullable=False),
        sa.Column("level", sa.String(32), nullable=False),
        sa.Column("protocol_order", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.ForeignKeyConstraint(["parent"], ["organisation.id"], name="fk_organisation_parent"),
    )
    op.create_table(
        "venue",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("name_zh", sa.String(200), nullable=False),
        sa.Column("name_en", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("protocol_order", sa.Integer, nullable=False),
        sa.Column("pinyin", sa.Text, nullable=False),
        sa.Column("initials", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_venue"),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_venue_organisation"
        ),
    )


def _access() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_key", sa.String(400), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("name_key", name="uq_account_name_key"),
    )
    op.create_table(
        "login_session",
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_login_session"),
        _belongs_to_account("login_session"),
    )
    op.create_index("ix_login_session_account", "login_session", ["account"])
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("secret_hash", name="uq_api_token_secret_hash"),
        _belongs_to_account("api_token"),
    )
    op.create_index("ix_api_token_account", "api_token", ["account"])
    op.create_table(
        "link",
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("conference", sa.String(64), nullable=False),
        sa.Column("venue", sa.String(64), nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_link"),
    )
    op.create_index("ix_link_conference", "link", ["conference", "venue"], unique=True)


def _belongs_to_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account"], ["account.id"], name=f"fk_{table}_account", ondelete="CASCADE"
    )
