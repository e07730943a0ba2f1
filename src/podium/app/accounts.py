"""``podium account``: accounts without the web, for those who keep the machine."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from podium.app.clock import SystemClock
from podium.app.errors import StartError
from podium.app.house import open_storage
from podium.config import StoreSection
from podium.hall.access import Account, AccountChange, AccountRole, NameTaken
from podium.store.opening import Store
from podium.values.text import OrganisationId

_WRONG_ORGANISATION: Final = {
    True: "a liaison officer belongs to an organisation: name it by its code with --organisation",
    False: "--organisation is for liaison officers: add --role liaison, or leave it out",
}


async def list_accounts(section: StoreSection) -> Sequence[Account]:
    """By name. Raises ``StartError``."""
    store = await open_storage(section, SystemClock())
    try:
        return await store.accounts.all()
    finally:
        await store.close()


async def create_account(
    section: StoreSection, name: str, role: AccountRole, organisation: OrganisationId | None
) -> str:
    """Its password. ``organisation``: for a liaison officer. Raises ``StartError``."""
    if (role is AccountRole.LIAISON) != (organisation is not None):
        raise StartError(_WRONG_ORGANISATION[role is AccountRole.LIAISON])
    store = await open_storage(section, SystemClock())
    password = secrets.token_urlsafe(12)
    try:
        if organisation is not None:
            await _in_directory(store, organisation)
        await store.accounts.create(name, password, role, organisation)
    except NameTaken:
        raise StartError(f"there is an account {name!r} already: choose another name") from None
    finally:
        await store.close()
    return password


async def reset_password(section: StoreSection, name: str) -> str:
    """The new password; the account is signed out everywhere. Raises ``StartError``."""
    store = await open_storage(section, SystemClock())
    password = secrets.token_urlsafe(12)
    try:
        accounts = await store.accounts.all()
        found = [a for a in accounts if a.name.casefold() == name.strip().casefold()]
        if not found:
            raise StartError(f"there is no account {name!r}: `podium account list` shows them all")
        await store.accounts.change(found[0].id, AccountChange(password=password))
    finally:
        await store.close()
    return password


async def _in_directory(store: Store, organisation: OrganisationId) -> None:
    """Raises ``StartError``."""
    directory = await store.directory.read()
    if all(body.id != organisation for body in directory.organisations):
        raise StartError(
            f"the directory has no organisation {organisation!r}: give the code that the "
            "directory's table has for it, or import the directory first"
        )
