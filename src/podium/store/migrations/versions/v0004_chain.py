"""Entries of the logs are chained by hash; those that exist are chained as they are.

The rule is that of :mod:`podium.store.chain` at this version, written out, because a migration
never changes.
"""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_LOGS = (("conference_event", "conference"), ("programme_event", "programme"))
"""Each table with the column that names the stream."""
_STEP = 1_000


def upgrade() -> None:
    connection = op.get_bind()
    for name, key in _LOGS:
        op.add_column(name, sa.Column("hash", sa.String(64), nullable=False, server_default=""))
        table = sa.table(
            name,
            sa.column(key, sa.String),
            sa.column("seq", sa.Integer),
            sa.column("body", sa.Text),
            sa.column("hash", sa.String),
        )
        streams = connection.execute(sa.select(table.c[key]).distinct()).scalars().all()
        for stream in streams:
            _chain(connection, table, table.c[key] == stream, stream)


def _chain(
    connection: sa.Connection, table: sa.TableClause, mine: sa.ColumnElement[bool], stream: str
) -> None:
    previous = sha256(f"podium\n{stream}".encode()).hexdigest()
    last = 0
    change = (
        sa.update(table)
        .where(mine, table.c.seq == sa.bindparam("of_seq"))
        .values(hash=sa.bindparam("new_hash"))
    )
    while True:
        query = (
            sa.select(table.c.seq, table.c.body)
            .where(mine, table.c.seq > last)
            .order_by(table.c.seq)
            .limit(_STEP)
        )
        rows = connection.execute(query).all()
        if not rows:
            return
        changes = []
        for row in rows:
            previous = sha256(f"{previous}\n{row.body}".encode()).hexdigest()
            changes.append({"of_seq": row.seq, "new_hash": previous})
        connection.execute(change, changes)
        last = rows[-1].seq
