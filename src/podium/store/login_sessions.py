"""Signed-in browsers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.exc import IntegrityError

from podium.hall.access import Account, AccountId, UnknownAccount
from podium.hall.ports import Clock
from podium.store.accounts import account_of
from podium.store.database import Database
from podium.store.secrets import new_secret, secret_hash
from podium.store.tables import account, login_session
from podium.store.uses import UseNotes

IDLE = timedelta(hours=24)
"""Longest time without a request; a conference and the evening before it fit in."""
LONGEST = timedelta(days=14)
"""Then one signs in again, however busy."""
_NOTE_AFTER = timedelta(minutes=5)


class LoginSessionStore:
    """The secret is the cookie; at rest only its SHA-256."""

    def __init__(self, database: Database, clock: Clock, uses: UseNotes) -> None:
        self._database = database
        self._clock = clock
        self._uses = uses

    async def open(self, id_: AccountId) -> str:
        """A new secret of 256 random bits. Raises ``UnknownAccount``."""
        secret = new_secret()
        now = self._clock.now()
        row = {"secret_hash": secret_hash(secret), "account": id_}
        try:
            async with self._database.write() as connection:
                await connection.execute(delete(login_session).where(_expired(now)))
                await connection.execute(
                    login_session.insert().values(**row, opened_at=now, last_used_at=now)
                )
        except IntegrityError as error:
            raise UnknownAccount(id_) from error
        return secret

    async def find(self, secret: str) -> Account | None:
        """``None`` when it never was, was closed, or has expired."""
        hashed, now = secret_hash(secret), self._clock.now()
        query = (
            select(account, login_session.c.last_used_at)
            .join(login_session, login_session.c.account == account.c.id)
            .where(login_session.c.secret_hash == hashed, ~_expired(now))
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        if now - row.last_used_at > _NOTE_AFTER:
            self._uses.note(login_session, hashed, now)
        return account_of(row)

    async def close(self, secret: str) -> None:
        """Quiet when there is no such session."""
        this = login_session.c.secret_hash == secret_hash(secret)
        async with self._database.write() as connection:
            await connection.execute(delete(login_session).where(this))


def _expired(now: datetime) -> ColumnElement[bool]:
    return or_(login_session.c.last_used_at < now - IDLE, login_session.c.opened_at < now - LONGEST)
