"""Addresses of calendar feeds: a secret each, because calendar programs send no other."""

from __future__ import annotations

from sqlalchemy import delete, select

from podium.hall.access import Account, AccountId
from podium.hall.ports import Clock
from podium.store.accounts import account_of
from podium.store.database import Database
from podium.store.secrets import new_secret, secret_hash
from podium.store.tables import account, feed
from podium.store.uses import UseNotes
from podium.values.text import OrganisationId
from podium.work.values import ProgrammeId

CALENDAR_FEED = "pdc_"


class FeedStore:
    """One feed for each account, programme and organisation; it dies with the account."""

    def __init__(self, database: Database, clock: Clock, uses: UseNotes) -> None:
        self._database = database
        self._clock = clock
        self._uses = uses

    async def issue(
        self, owner: AccountId, programme: ProgrammeId, organisation: OrganisationId | None
    ) -> str:
        """A new secret; the older one of the same feed is revoked."""
        secret = new_secret(CALENDAR_FEED)
        key = {"account": owner, "programme": programme, "organisation": organisation or ""}
        async with self._database.write() as connection:
            same = [feed.c[name] == value for name, value in key.items()]
            await connection.execute(delete(feed).where(*same))
            await connection.execute(
                feed.insert().values(
                    secret_hash=secret_hash(secret), issued_at=self._clock.now(), **key
                )
            )
        return secret

    async def find(self, secret: str) -> tuple[Account, ProgrammeId, OrganisationId | None] | None:
        """Whose feed it is, and of what; notes the use. ``None`` if not valid."""
        if not secret.startswith(CALENDAR_FEED):
            return None
        hashed = secret_hash(secret)
        query = (
            select(account, feed.c.programme, feed.c.organisation.label("whose"))
            .join(feed, feed.c.account == account.c.id)
            .where(feed.c.secret_hash == hashed)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        self._uses.note(feed, hashed, self._clock.now())
        whose = OrganisationId(row.whose) if row.whose else None
        return account_of(row), ProgrammeId(row.programme), whose
