"""People who sign in."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from podium.hall.access import (
    Account,
    AccountChange,
    AccountId,
    AccountRole,
    LastAdministrator,
    NameTaken,
    OrganisationNeeded,
    TooManyAttempts,
    UnknownAccount,
)
from podium.hall.ports import Clock
from podium.store.database import Database
from podium.store.passwords import Passwords
from podium.store.secrets import new_id
from podium.store.tables import account, login_session
from podium.store.throttle import SignInThrottle
from podium.values.text import OrganisationId


class AccountStore:
    """Names are unique without regard to case and width; a password is never kept."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._passwords = Passwords()
        self._throttle = SignInThrottle()

    async def all(self) -> Sequence[Account]:
        """By name."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(account).order_by(account.c.name_key))
            return [account_of(row) for row in rows]

    async def create(
        self,
        name: str,
        password: str,
        role: AccountRole,
        organisation: OrganisationId | None = None,
    ) -> Account:
        """Raises ``NameTaken``, ``OrganisationNeeded``."""
        whose = _whose(role, organisation)
        values = {
            "id": new_id(),
            "name": _tidy(name),
            "name_key": _key(name),
            "password": await self._passwords.hash(password),
            "role": role.value,
            "created_at": self._clock.now(),
            "organisation": whose,
        }
        try:
            async with self._database.write() as connection:
                await connection.execute(account.insert().values(values))
        except IntegrityError as error:
            raise NameTaken(_tidy(name)) from error
        return Account(
            AccountId(str(values["id"])),
            _tidy(name),
            role,
            created_at=self._clock.now(),
            organisation=whose,
        )

    async def change(self, id_: AccountId, change: AccountChange) -> Account:
        """Raises ``UnknownAccount``, ``NameTaken``, ``LastAdministrator``,
        ``OrganisationNeeded``."""
        values: dict[str, Any] = {}
        if change.name is not None:
            values |= {"name": _tidy(change.name), "name_key": _key(change.name)}
        if change.password is not None:
            values["password"] = await self._passwords.hash(change.password)
        if change.role is not None:
            values["role"] = change.role.value
        try:
            async with self._database.write() as connection:
                found = await _expect(connection, id_)
                role = change.role or found.role
                whose = _whose(role, change.organisation or found.organisation)
                if whose != found.organisation:
                    values["organisation"] = whose
                if change.role not in (None, found.role):
                    await _keep_an_administrator(connection, found)
                if values:
                    await connection.execute(
                        update(account).where(account.c.id == id_).values(values)
                    )
                if (
                    change.password is not None
                    or role is not found.role
                    or "organisation" in values
                ):
                    await connection.execute(
                        delete(login_session).where(login_session.c.account == id_)
                    )
                return await _expect(connection, id_)
        except IntegrityError as error:
            raise NameTaken(change.name) from error

    async def remove(self, id_: AccountId) -> None:
        """Ends its sessions and tokens. Raises ``UnknownAccount``, ``LastAdministrator``."""
        async with self._database.write() as connection:
            found = await _expect(connection, id_)
            await _keep_an_administrator(connection, found)
            await connection.execute(delete(account).where(account.c.id == id_))

    async def verify(self, name: str, password: str) -> Account | None:
        """Takes as long for an unknown name as for a wrong password. Raises ``TooManyAttempts``
        when this name, known or not, has failed too often of late."""
        key = _key(name)
        wait = self._throttle.attempt(key, self._clock.now())
        if wait is not None:
            raise TooManyAttempts(wait)
        async with self._database.read() as connection:
            query = select(account).where(account.c.name_key == key)
            row = (await connection.execute(query)).one_or_none()
        hashed = row.password if row is not None else None
        if not await self._passwords.matches(hashed, password) or row is None:
            return None
        self._throttle.succeeded(key)
        if self._passwords.outdated(row.password):
            await self._rehash(row.id, row.password, password)
        return account_of(row)

    async def _rehash(self, id_: str, old: str, password: str) -> None:
        hashed = await self._passwords.hash(password)
        async with self._database.write() as connection:
            same = account.c.id == id_, account.c.password == old
            await connection.execute(update(account).where(*same).values(password=hashed))


def account_of(row: Row[Any]) -> Account:
    """From a row that has the columns of ``account``."""
    whose = None if row.organisation is None else OrganisationId(row.organisation)
    return Account(AccountId(row.id), row.name, AccountRole(row.role), row.created_at, whose)


def _whose(role: AccountRole, organisation: OrganisationId | None) -> OrganisationId | None:
    """Raises ``OrganisationNeeded``."""
    if role is not AccountRole.LIAISON:
        return None
    if organisation is None:
        raise OrganisationNeeded
    return organisation


async def _expect(connection: AsyncConnection, id_: AccountId) -> Account:
    row = (await connection.execute(select(account).where(account.c.id == id_))).one_or_none()
    if row is None:
        raise UnknownAccount(id_)
    return account_of(row)


async def _keep_an_administrator(connection: AsyncConnection, leaving: Account) -> None:
    """Locks the administrators, lest two leave at the same time."""
    if leaving.role is not AccountRole.ADMINISTRATOR:
        return
    query = select(account.c.id).where(account.c.role == AccountRole.ADMINISTRATOR.value)
    if len((await connection.execute(query.with_for_update())).all()) < 2:
        raise LastAdministrator(leaving.id)


def _tidy(name: str) -> str:
    return " ".join(name.split())


def _key(name: str) -> str:
    return _tidy(unicodedata.normalize("NFKC", name).casefold())


async def count_accounts(database: Database) -> int:
    """Zero on the first start."""
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(account))).scalar_one()
