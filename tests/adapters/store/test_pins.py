"""PINs: of a venue or of a conference, found while it lasts, told by nothing that is kept."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.conferences import OFFICE, SCHEDULE

from podium.conference.events import ConferenceScheduled, PhaseChanged, Recorded
from podium.conference.state import ConferenceId, Phase, VenueId
from podium.hall.pins import PinHolder
from podium.store.opening import Store
from podium.store.pins import PinStore
from podium.store.server_key import server_key

SPRING, AUTUMN = ConferenceId("spring"), ConferenceId("autumn")
HAINAN, TIBET = VenueId("hainan"), VenueId("tibet")
KEY = b"k" * 32
AT = datetime(2023, 3, 1, tzinfo=UTC)


class StillClock:
    def now(self) -> datetime:
        return AT


@pytest.fixture
async def pins(store: Store) -> PinStore:
    for conference in (SPRING, AUTUMN):
        scheduled = ConferenceScheduled(conference, SCHEDULE.title, AT, (), (), ())
        await store.log.append(conference, [Recorded(1, AT, OFFICE, scheduled)])
    return PinStore(store.database, StillClock(), KEY)


async def test_a_pin_stands_for_its_venue_or_for_the_conference(pins: PinStore) -> None:
    issued = await pins.issue(SPRING, [HAINAN, TIBET], general=True)
    assert list(issued.venues) == [HAINAN, TIBET]
    assert issued.general is not None
    every = [*issued.venues.values(), issued.general]
    assert all(len(pin) == 8 and pin.isdigit() for pin in every)
    assert len(set(every)) == 3
    assert await pins.find(issued.venues[HAINAN]) == PinHolder(SPRING, HAINAN)
    assert await pins.find(issued.general) == PinHolder(SPRING, None)


@pytest.mark.parametrize("digits", ["", "1234567", "123456789", "12a45678", "１２３４５６７８"])
async def test_what_is_no_pin_is_not_found(pins: PinStore, digits: str) -> None:
    assert await pins.find(digits) is None


async def test_issuing_again_and_revoking_end_the_older_pin(pins: PinStore) -> None:
    old = await pins.issue(SPRING, [HAINAN, TIBET], general=True)
    new = await pins.issue(SPRING, [HAINAN])
    assert new.general is None
    assert await pins.find(old.venues[HAINAN]) is None
    assert await pins.find(new.venues[HAINAN]) == PinHolder(SPRING, HAINAN)
    assert await pins.find(old.venues[TIBET]) == PinHolder(SPRING, TIBET)
    assert old.general is not None
    for venue in (TIBET, None, None):
        await pins.revoke(SPRING, venue)
    assert await pins.find(old.venues[TIBET]) is None
    assert await pins.find(old.general) is None


async def test_a_venue_may_be_told_its_own(pins: PinStore) -> None:
    issued = await pins.issue(SPRING, [HAINAN])
    assert await pins.of(SPRING, HAINAN) == issued.venues[HAINAN]
    assert await pins.of(SPRING, TIBET) is None
    assert await pins.of(AUTUMN, HAINAN) is None


async def test_no_two_conferences_share_a_pin(
    pins: PinStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ten PINs in the world, the tenth is still found, whoever asks for it."""
    monkeypatch.setattr("podium.store.pins.PinStore._digits", few_digits(pins._digits))
    first = await pins.issue(SPRING, [VenueId(f"v{n}") for n in range(5)])
    second = await pins.issue(AUTUMN, [VenueId(f"v{n}") for n in range(4)], general=True)
    every = [*first.venues.values(), *second.venues.values(), second.general]
    assert len(set(every)) == 10


def few_digits(digits: Callable[..., str]) -> Callable[..., str]:
    return lambda _self, *what: "0000000" + digits(*what)[-1]


async def test_thousands_are_issued_at_once(pins: PinStore) -> None:
    venues = [VenueId(f"v{n}") for n in range(1200)]
    issued = await pins.issue(SPRING, venues)
    assert len(set(issued.venues.values())) == 1200


async def test_a_finished_conference_gives_its_pins_back(pins: PinStore, store: Store) -> None:
    digits = (await pins.issue(SPRING, [HAINAN])).venues[HAINAN]
    closed = Recorded(2, AT, OFFICE, PhaseChanged(Phase.CLOSED))
    await store.log.append(SPRING, [closed])
    assert await pins.find(digits) is None
    await pins.issue(AUTUMN, [HAINAN])
    assert await pins.of(SPRING, HAINAN) is None


async def test_nothing_at_rest_tells_a_pin(pins: PinStore, store: Store) -> None:
    issued = await pins.issue(SPRING, [HAINAN], general=True)
    async with store.database.read() as connection:
        kept = str((await connection.execute(text("SELECT * FROM pin"))).all())
    assert issued.venues[HAINAN] not in kept
    assert str(issued.general) not in kept
    other = PinStore(store.database, StillClock(), b"x" * 32)
    assert await other.find(issued.venues[HAINAN]) is None
    assert await other.of(SPRING, HAINAN) != issued.venues[HAINAN]


def test_the_servers_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    key = server_key(tmp_path)
    assert len(key) == 32
    assert server_key(tmp_path) == key
    path = tmp_path / "server.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(OSError, match="chmod 600"):
        server_key(tmp_path)


def test_a_damaged_key_is_said_so(tmp_path: Path) -> None:
    server_key(tmp_path)
    (tmp_path / "server.key").write_bytes(b"short")
    with pytest.raises(OSError, match="damaged"):
        server_key(tmp_path)
