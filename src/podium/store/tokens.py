"""Keys of programs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from podium.hall.access import (
    Account,
    AccountId,
    ApiToken,
    IssuedToken,
    TokenId,
    UnknownAccount,
    UnknownToken,
)
from podium.hall.ports import Clock
from podium.store.accounts import account_of
from podium.store.database import Database
from podium.store.secrets import API_TOKEN, new_id, new_secret, secret_hash
from podium.store.tables import account, api_token
from podium.store.uses import UseNotes


class TokenStore:
    """A token acts for its account and dies with it."""

    def __init__(self, database: Database, clock: Clock, uses: UseNotes) -> None:
        self._database = database
        self._clock = clock
        self._uses = uses

    async def of(self, id_: AccountId) -> Sequence[ApiToken]:
        """The oldest first."""
        query = (
            select(api_token)
            .where(api_token.c.account == id_)
            .order_by(api_token.c.created_at, api_token.c.id)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [
            ApiToken(TokenId(row.id), id_, row.label, row.created_at, row.last_used_at)
            for row in rows
        ]

    async def issue(self, id_: AccountId, label: str) -> IssuedToken:
        """Raises ``UnknownAccount``."""
        secret = new_secret(API_TOKEN)
        token = ApiToken(TokenId(new_id()), id_, label, self._clock.now(), None)
        try:
            async with self._database.write() as connection:
                await connection.execute(
                    api_token.insert().values(
                        id=token.id,
                        account=id_,
                        label=label,
                        secret_hash=secret_hash(secret),
                        created_at=token.created_at,
                    )
                )
        except IntegrityError as error:
            raise UnknownAccount(id_) from error
        return IssuedToken(token, secret)

    async def revoke(self, id_: AccountId, token: TokenId) -> None:
        """Raises ``UnknownToken``, also for another account's token."""
        this = api_token.c.id == token, api_token.c.account == id_
        async with self._database.write() as connection:
            if not (await connection.execute(delete(api_token).where(*this))).rowcount:
                raise UnknownToken(token)

    async def find(self, secret: str) -> Account | None:
        """The account that the token acts for; notes the use. ``None`` if not valid."""
        if not secret.startswith(API_TOKEN):
            return None
        hashed = secret_hash(secret)
        query = (
            select(account)
            .join(api_token, api_token.c.account == account.c.id)
            .where(api_token.c.secret_hash == hashed)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        self._uses.note(api_token, hashed, self._clock.now())
        return account_of(row)
