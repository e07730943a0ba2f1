"""The tables as the newest migration leaves them; a test holds the two together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC on both databases; SQLite itself knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone must not be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def event_table(name: str, key: str) -> Table:
    """A log. ``body`` is the whole entry as its codec writes it; the other columns repeat parts
    of it for queries. The first column names the stream, ``hash`` chains the entries."""
    return Table(
        name,
        metadata,
        Column(key, String(64), nullable=False),
        Column("seq", Integer, nullable=False),
        Column("at", UtcDateTime, nullable=False),
        Column("type", String(64), nullable=False),
        Column("body", Text, nullable=False),
        Column("hash", String(64), nullable=False, server_default=""),
        PrimaryKeyConstraint(key, "seq"),
    )


conference_event = event_table("conference_event", "conference")
communique_event = event_table("communique_event", "conference")

conference = Table(
    "conference",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("title_zh", String(200), nullable=False),
    Column("title_en", String(200), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("phase", String(32), nullable=False),
)
"""A fold over the log, written with it, so that a list needs no replay."""

conference_venue = Table(
    "conference_venue",
    metadata,
    Column("conference", String(64), ForeignKey("conference.id"), nullable=False),
    Column("venue", String(64), nullable=False),
    PrimaryKeyConstraint("conference", "venue"),
)
"""Who is invited; likewise a fold."""

organisation = Table(
    "organisation",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("parent", String(64), ForeignKey("organisation.id")),
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("level", String(32), nullable=False),
    Column("protocol_order", Integer, nullable=False),
)

venue = Table(
    "venue",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisation.id"), nullable=False),
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("protocol_order", Integer, nullable=False),
    Column("pinyin", Text, nullable=False),
    Column("initials", Text, nullable=False),
    Column("telephones", Text, nullable=False, server_default=""),
)
"""``telephones``: first to last, with semicolons between them."""

account = Table(
    "account",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("name_key", String(400), nullable=False, unique=True),
    Column("password", String(255), nullable=False),
    Column("role", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("organisation", String(64)),
)
"""``name_key`` is the name without regard to case or width; ``password`` an argon2id hash."""

_ACCOUNT = "account.id"

login_session = Table(
    "login_session",
    metadata,
    Column("secret_hash", String(64), primary_key=True),
    Column("account", String(64), ForeignKey(_ACCOUNT, ondelete="CASCADE"), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
    Index("ix_login_session_account", "account"),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("account", String(64), ForeignKey(_ACCOUNT, ondelete="CASCADE"), nullable=False),
    Column("label", String(200), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Index("ix_api_token_account", "account"),
)

link = Table(
    "link",
    metadata,
    Column("secret_hash", String(64), primary_key=True),
    Column("conference", String(64), nullable=False),
    Column("venue", String(64), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Index("ix_link_conference", "conference", "venue", unique=True),
)
"""Links of stations, and of walls, whose ``venue`` is empty."""

pin = Table(
    "pin",
    metadata,
    Column("pin_hash", String(64), primary_key=True),
    Column("conference", String(64), nullable=False),
    Column("venue", String(64), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Index("ix_pin_conference", "conference", "venue", unique=True),
)
"""PINs of telephones, and the general one, whose ``venue`` is empty. Neither column tells it."""

telephone_note = Table(
    "telephone_note",
    metadata,
    Column("kind", String(16), nullable=False),
    Column("key", String(64), nullable=False),
    Column("figure", Double, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("kind", "key"),
)
"""Wrong PINs and locks, by pseudonyms of callers and sources."""

placed_call = Table(
    "placed_call",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conference", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_placed_call_at", "at"),
)
"""Calls that were dialled in the last day, for the caps on them."""

programme_event = event_table("programme_event", "programme")

programme = Table(
    "programme",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("title_zh", String(200), nullable=False),
    Column("title_en", String(200), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
)
"""A fold over the programmes' log, for the list alone; pages fold the log itself."""

programme_snapshot = Table(
    "programme_snapshot",
    metadata,
    Column("programme", String(64), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("seal", String(64), nullable=False),
)
"""The state after entry ``seq``, whose hash in the log's chain is ``hash``."""

contact = Table(
    "contact",
    metadata,
    Column("organisation", String(64), primary_key=True),
    Column("email", String(254), nullable=False),
    Column("language", String(2), nullable=False),
)

notice_place = Table(
    "notice_place",
    metadata,
    Column("programme", String(64), primary_key=True),
    Column("seq", Integer, nullable=False),
)
"""Up to which entry of a programme's log messages have been made."""

notice = Table(
    "notice",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("recipient", String(254), nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Index("ix_notice_due_at", "due_at"),
)
"""``due_at`` is empty for what was sent, and for what was given up (``sent_at`` empty too)."""

feed = Table(
    "feed",
    metadata,
    Column("secret_hash", String(64), primary_key=True),
    Column("programme", String(64), nullable=False),
    Column("organisation", String(64), nullable=False),
    Column("account", String(64), ForeignKey(_ACCOUNT, ondelete="CASCADE"), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Index("ix_feed_account", "account", "programme", "organisation", unique=True),
)
"""Addresses of calendar feeds; ``organisation`` is empty for a whole programme."""

figure_source = Table(
    "figure_source",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
)
"""Who publishes statistics, besides those that the catalogue knows."""

figure_batch = Table(
    "figure_batch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("imported_by", String(200), nullable=False),
    Column("new", Integer, nullable=False),
    Column("revised", Integer, nullable=False),
)
"""Figures come in batches, numbered from 1: the newest number is the version of all figures.
``digest``: SHA-256 of the file; ``imported_by`` is empty for figures that ship with Podium."""

figure = Table(
    "figure",
    metadata,
    Column("series", String(64), nullable=False),
    Column("measure", String(16), nullable=False),
    Column("period_end", Date, nullable=False),
    Column("months", Integer, nullable=False),
    Column("published", Date, nullable=False),
    Column("value", Double, nullable=False),
    Column("source", String(64), nullable=False),
    Column("batch", Integer, ForeignKey("figure_batch.id"), nullable=False),
    PrimaryKeyConstraint("series", "measure", "period_end", "months", "published", "batch"),
)
"""Every vintage of every figure; never changed and never removed. Of one day the last batch counts.
``period_end``: the first day of the period's last month, as in
``podium.situation.figures.SCHEMA``."""
