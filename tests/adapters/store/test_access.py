"""Accounts, sign-ins, tokens and links."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Protocol

import pytest
from sqlalchemy import text

from podium.conference.state import ConferenceId, VenueId
from podium.hall.access import (
    Account,
    AccountChange,
    AccountId,
    AccountRole,
    LastAdministrator,
    NameTaken,
    StationLink,
    TokenId,
    TooManyAttempts,
    UnknownAccount,
    UnknownLink,
    UnknownToken,
    WallLink,
)
from podium.store.opening import Store
from podium.web import ports


class MovingClock(Protocol):
    def advance(self, by: timedelta) -> None: ...


PASSWORD = "correct horse battery"
SPRING = ConferenceId("spring")


def test_fits_the_web(store: Store) -> None:
    accounts: ports.Accounts = store.accounts
    sessions: ports.LoginSessions = store.login_sessions
    tokens: ports.Tokens = store.tokens
    links: ports.Links = store.links
    book: ports.DirectoryBook = store.directory
    index: ports.ConferenceIndex = store.conferences
    storage: ports.Storage = store.database
    assert all((accounts, sessions, tokens, links, book, index, storage))


@pytest.fixture
async def admin(store: Store) -> Account:
    return await store.accounts.create("Li Na", PASSWORD, AccountRole.ADMINISTRATOR)


# --- accounts


async def test_an_account_signs_in_by_any_spelling_of_its_name(
    store: Store, admin: Account
) -> None:
    assert await store.accounts.verify("  li　NA ", PASSWORD) == admin
    assert await store.accounts.verify("Li Na", PASSWORD + "!") is None
    assert await store.accounts.verify("Wang", PASSWORD) is None
    assert await store.accounts.all() == [admin]


async def test_names_are_unique(store: Store, admin: Account) -> None:
    with pytest.raises(NameTaken):
        await store.accounts.create("LI NA", PASSWORD, AccountRole.CHAIR)
    other = await store.accounts.create("Wang", PASSWORD, AccountRole.CHAIR)
    with pytest.raises(NameTaken):
        await store.accounts.change(other.id, AccountChange(name="li na"))
    assert [a.name for a in await store.accounts.all()] == ["Li Na", "Wang"]


async def test_the_password_is_kept_as_argon2id(store: Store, admin: Account) -> None:
    async with store.database.read() as connection:
        kept = (await connection.execute(text("SELECT password FROM account"))).scalar_one()
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(
    store: Store, admin: Account
) -> None:
    async def seconds(name: str) -> float:
        started = time.perf_counter()
        assert await store.accounts.verify(name, "wrong") is None
        return time.perf_counter() - started

    known = min([await seconds("Li Na") for _ in range(4)])
    unknown = min([await seconds("nobody") for _ in range(4)])
    # Without the hash an unknown name would take a hundredth.
    assert unknown > known / 3


async def test_changes(store: Store, admin: Account) -> None:
    chair = await store.accounts.create("Wang", PASSWORD, AccountRole.CHAIR)
    changed = await store.accounts.change(
        chair.id, AccountChange(name="Wang Wei", role=AccountRole.OPERATOR)
    )
    assert (changed.id, changed.name, changed.role) == (chair.id, "Wang Wei", AccountRole.OPERATOR)
    await store.accounts.change(chair.id, AccountChange(password="another one, and longer"))
    assert await store.accounts.verify("wang wei", PASSWORD) is None
    assert await store.accounts.verify("wang wei", "another one, and longer") == changed
    with pytest.raises(UnknownAccount):
        await store.accounts.change(AccountId("nobody"), AccountChange(name="x"))


async def test_the_last_administrator_stays(store: Store, admin: Account) -> None:
    with pytest.raises(LastAdministrator):
        await store.accounts.remove(admin.id)
    with pytest.raises(LastAdministrator):
        await store.accounts.change(admin.id, AccountChange(role=AccountRole.CHAIR))
    await store.accounts.change(admin.id, AccountChange(role=AccountRole.ADMINISTRATOR))
    second = await store.accounts.create("Wang", PASSWORD, AccountRole.ADMINISTRATOR)
    results = await asyncio.gather(
        store.accounts.remove(admin.id),
        store.accounts.change(second.id, AccountChange(role=AccountRole.OFFICE)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, LastAdministrator) for result in results) == 1


async def test_guessing_is_slowed_down_for_the_one_name(
    store: Store, admin: Account, clock: MovingClock
) -> None:
    await store.accounts.create("Wang", PASSWORD, AccountRole.CHAIR)
    for name in ("Li Na", "nobody"):
        for _ in range(5):
            assert await store.accounts.verify(name, "guess") is None
        with pytest.raises(TooManyAttempts) as refused:
            await store.accounts.verify(name, PASSWORD)
        assert timedelta(0) < refused.value.retry_after <= timedelta(seconds=2)
    assert await store.accounts.verify("Wang", PASSWORD) is not None
    clock.advance(timedelta(seconds=2))
    assert await store.accounts.verify("Li Na", "guess") is None
    with pytest.raises(TooManyAttempts) as refused:
        await store.accounts.verify("Li Na", PASSWORD)
    assert refused.value.retry_after == timedelta(seconds=4)
    clock.advance(timedelta(seconds=4))
    assert await store.accounts.verify("Li Na", PASSWORD) == admin
    assert await store.accounts.verify("Li Na", "guess") is None


# --- signed-in browsers


async def test_a_session_lives_until_it_is_closed(store: Store, admin: Account) -> None:
    secret = await store.login_sessions.open(admin.id)
    assert len(secret) >= 43
    assert await store.login_sessions.find(secret) == admin
    assert await store.login_sessions.find(secret[:-1]) is None
    assert await store.login_sessions.find("é" * 500) is None
    await store.login_sessions.close(secret)
    await store.login_sessions.close(secret)
    assert await store.login_sessions.find(secret) is None
    with pytest.raises(UnknownAccount):
        await store.login_sessions.open(AccountId("nobody"))


async def test_a_session_expires_when_idle(
    store: Store, admin: Account, clock: MovingClock
) -> None:
    secret = await store.login_sessions.open(admin.id)
    for _ in range(3):
        clock.advance(timedelta(hours=20))
        assert await store.login_sessions.find(secret) == admin
        await store.uses.flush()
    clock.advance(timedelta(hours=25))
    assert await store.login_sessions.find(secret) is None


async def test_a_session_expires_in_the_end(
    store: Store, admin: Account, clock: MovingClock
) -> None:
    secret = await store.login_sessions.open(admin.id)
    for _ in range(17):
        clock.advance(timedelta(hours=20))
        found = await store.login_sessions.find(secret)
        await store.uses.flush()
    assert found is None
    await store.login_sessions.open(admin.id)
    async with store.database.read() as connection:
        query = text("SELECT count(*) FROM login_session")
        assert (await connection.execute(query)).scalar_one() == 1


async def test_a_new_password_or_role_ends_the_sessions(store: Store, admin: Account) -> None:
    wang = await store.accounts.create("Wang", PASSWORD, AccountRole.CHAIR)
    kept = await store.login_sessions.open(admin.id)
    for change in (AccountChange(password=PASSWORD + "2"), AccountChange(role=AccountRole.OFFICE)):
        secret = await store.login_sessions.open(wang.id)
        await store.accounts.change(wang.id, AccountChange(name="Wang Wei"))
        assert await store.login_sessions.find(secret) is not None
        await store.accounts.change(wang.id, change)
        assert await store.login_sessions.find(secret) is None
    assert await store.login_sessions.find(kept) == admin


# --- tokens


async def test_a_token_acts_for_its_account_until_revoked(
    store: Store, admin: Account, clock: MovingClock
) -> None:
    issued = await store.tokens.issue(admin.id, "statistics")
    assert issued.secret.startswith("pdt_")
    assert await store.tokens.find(issued.secret) == admin
    clock.advance(timedelta(minutes=5))
    await store.tokens.find(issued.secret)
    await store.uses.flush()
    [kept] = await store.tokens.of(admin.id)
    assert kept.last_used_at == kept.created_at + timedelta(minutes=5)
    other = await store.accounts.create("Wang", PASSWORD, AccountRole.CHAIR)
    with pytest.raises(UnknownToken):
        await store.tokens.revoke(other.id, issued.token.id)
    await store.tokens.revoke(admin.id, issued.token.id)
    assert await store.tokens.find(issued.secret) is None
    with pytest.raises(UnknownToken):
        await store.tokens.revoke(admin.id, TokenId(issued.token.id))
    with pytest.raises(UnknownAccount):
        await store.tokens.issue(AccountId("nobody"), "x")


async def test_tokens_and_sessions_die_with_the_account(store: Store, admin: Account) -> None:
    wang = await store.accounts.create("Wang", PASSWORD, AccountRole.CHAIR)
    token = await store.tokens.issue(wang.id, "x")
    session = await store.login_sessions.open(wang.id)
    await store.accounts.remove(wang.id)
    assert await store.tokens.find(token.secret) is None
    assert await store.login_sessions.find(session) is None


async def test_no_secret_is_at_rest(store: Store, admin: Account) -> None:
    secrets = [
        (await store.tokens.issue(admin.id, "x")).secret,
        await store.login_sessions.open(admin.id),
        await store.links.issue_wall(SPRING),
        *(await store.links.issue(SPRING, [VenueId("hainan")])).values(),
    ]
    kept = ""
    async with store.database.read() as connection:
        for table in ("api_token", "login_session", "link"):
            kept += str((await connection.execute(text(f"SELECT * FROM {table}"))).all())
    assert not [secret for secret in secrets if secret in kept or secret[4:] in kept]


# --- links


async def test_links_stand_for_their_venue(store: Store, clock: MovingClock) -> None:
    venues = [VenueId(f"v{n}") for n in range(1200)]
    secrets = await store.links.issue(SPRING, venues)
    assert list(secrets) == venues
    assert all(secret.startswith("pds_") for secret in secrets.values())
    assert await store.links.find(secrets[venues[7]]) == StationLink(SPRING, venues[7])
    assert await store.links.find("pds_" + "x" * 43) is None
    assert await store.links.find("") is None
    await store.uses.flush()
    states = await store.links.states(SPRING)
    assert len(states) == 1200
    assert [state.venue for state in states if state.last_used_at] == [venues[7]]
    assert await store.links.states(ConferenceId("autumn")) == []


async def test_issuing_again_revokes(store: Store) -> None:
    both = [VenueId("a"), VenueId("b")]
    old = await store.links.issue(SPRING, both)
    new = await store.links.issue(SPRING, both[:1])
    elsewhere = await store.links.issue(ConferenceId("autumn"), both)
    assert await store.links.find(old[both[0]]) is None
    assert await store.links.find(new[both[0]]) == StationLink(SPRING, both[0])
    assert await store.links.find(old[both[1]]) == StationLink(SPRING, both[1])
    await store.links.revoke(SPRING, both[1])
    assert await store.links.find(old[both[1]]) is None
    assert await store.links.find(elsewhere[both[1]]) is not None
    with pytest.raises(UnknownLink):
        await store.links.revoke(SPRING, both[1])


async def test_a_link_that_was_just_used_is_revoked_at_once(store: Store) -> None:
    hainan = VenueId("hainan")
    first = (await store.links.issue(SPRING, [hainan]))[hainan]
    for _ in range(2):
        assert await store.links.find(first) == StationLink(SPRING, hainan)
    second = (await store.links.issue(SPRING, [hainan]))[hainan]
    assert await store.links.find(first) is None
    assert await store.links.find(second) is not None
    looking = asyncio.create_task(store.links.find(second))
    await store.links.revoke(SPRING, hainan)
    await looking
    assert await store.links.find(second) is None


async def test_the_wall_has_one_link(store: Store) -> None:
    old = await store.links.issue_wall(SPRING)
    new = await store.links.issue_wall(SPRING)
    assert new.startswith("pdw_")
    assert await store.links.find(old) is None
    assert await store.links.find(new) == WallLink(SPRING)
    assert await store.links.states(SPRING) == []
    with pytest.raises(UnknownLink):
        await store.links.revoke(SPRING, VenueId(""))
