"""The log's contract: ordered, durable, all or nothing, one writer per place."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from podium.conference.commands import Actor, AgendaPlan, Invitation, Role
from podium.conference.events import (
    ConferenceRescheduled,
    ConferenceScheduled,
    Event,
    FloorRequested,
    PhaseChanged,
    Recorded,
    VenueBlindnessChanged,
    VenuesInvited,
    VenueWithdrawn,
)
from podium.conference.state import (
    ConferenceId,
    ItemId,
    ItemKind,
    Organisation,
    OrganisationId,
    Phase,
    Slot,
    Text,
    VenueId,
    VenueKind,
)
from podium.hall.ports import Clock, Log, LogConflict
from podium.store.opening import Store, open_store

SPRING = ConferenceId("spring")
START = datetime(2023, 3, 1, 1, 30, tzinfo=UTC)
OFFICE = Actor(Role.OFFICE, "office")


def invitation(name: str, order: int = 10) -> Invitation:
    return Invitation(
        VenueId(name), OrganisationId("mofcom"), Text("会场", name), VenueKind.BRANCH, order
    )


def scheduled(id_: ConferenceId = SPRING, *, starts_at: datetime = START) -> ConferenceScheduled:
    return ConferenceScheduled(
        conference=id_,
        title=Text("促进消费工作会议", "Consumption promotion"),
        starts_at=starts_at,
        agenda=(
            AgendaPlan(
                ItemId("1"), ItemKind.SUMMARY, Text("总结", "Summary"), timedelta(minutes=5)
            ),
        ),
        organisations=(Organisation(OrganisationId("mofcom"), Text("商务部", "MOFCOM"), None, 10),),
        venues=(invitation("zhejiang"), invitation("hainan", 20)),
    )


def entries(*events: Event, first: int = 1) -> list[Recorded]:
    return [
        Recorded(first + n, START + timedelta(seconds=n, microseconds=7), OFFICE, event)
        for n, event in enumerate(events)
    ]


async def test_fits_the_hall(store: Store) -> None:
    log: Log = store.log
    assert await log.ids() == []


async def test_gives_back_what_was_appended_in_order(store: Store) -> None:
    written = entries(
        scheduled(),
        PhaseChanged(Phase.OPEN),
        FloorRequested(VenueId("zhejiang")),
        VenueBlindnessChanged(VenueId("hainan"), frozenset({Slot.MAIN, Slot.CONTENT})),
    )
    await store.log.append(SPRING, written[:1])
    await store.log.append(SPRING, written[1:])
    assert await store.log.read(SPRING) == written
    assert await store.log.read(SPRING, after=2) == written[2:]
    assert await store.log.read(SPRING, after=99) == []


async def test_streams_are_apart(store: Store) -> None:
    autumn = ConferenceId("autumn")
    await store.log.append(SPRING, entries(scheduled()))
    await store.log.append(autumn, entries(scheduled(autumn), PhaseChanged(Phase.OPEN)))
    assert sorted(await store.log.ids()) == ["autumn", "spring"]
    assert len(await store.log.read(SPRING)) == 1
    assert await store.log.read(ConferenceId("none")) == []


async def test_a_taken_place_is_a_conflict_and_leaves_nothing(store: Store) -> None:
    first = entries(scheduled(), PhaseChanged(Phase.OPEN))
    await store.log.append(SPRING, first)
    late = entries(PhaseChanged(Phase.REHEARSAL), PhaseChanged(Phase.SCHEDULED), first=2)
    with pytest.raises(LogConflict):
        await store.log.append(SPRING, late)
    assert await store.log.read(SPRING) == first
    assert (await store.conferences.all())[0].phase is Phase.OPEN


async def test_a_gap_is_refused(store: Store) -> None:
    await store.log.append(SPRING, entries(scheduled()))
    with pytest.raises(ValueError, match="gap"):
        await store.log.append(SPRING, entries(PhaseChanged(Phase.OPEN), first=3))
    assert len(await store.log.read(SPRING)) == 1


async def test_of_two_writers_at_once_one_wins(store: Store, address: str, clock: Clock) -> None:
    await store.log.append(SPRING, entries(scheduled()))
    other = await open_store(address, clock)
    try:
        results = await asyncio.gather(
            *(
                log.append(SPRING, entries(PhaseChanged(phase), first=2))
                for log, phase in ((store.log, Phase.OPEN), (other.log, Phase.REHEARSAL))
            ),
            return_exceptions=True,
        )
    finally:
        await other.close()
    assert sorted(type(result).__name__ for result in results) == ["LogConflict", "NoneType"]
    assert len(await store.log.read(SPRING)) == 2


async def test_survives_a_restart(store: Store, address: str, clock: Clock) -> None:
    written = entries(scheduled(), PhaseChanged(Phase.OPEN))
    await store.log.append(SPRING, written)
    await store.close()
    again = await open_store(address, clock)
    try:
        assert await again.log.read(SPRING) == written
    finally:
        await again.close()


async def test_many_conferences_append_at_once(store: Store) -> None:
    ids = [ConferenceId(f"c{n}") for n in range(12)]

    async def hold(id_: ConferenceId) -> None:
        await store.log.append(id_, entries(scheduled(id_)))
        for seq in range(2, 8):
            venue = FloorRequested(VenueId("zhejiang"))
            await store.log.append(id_, entries(venue, first=seq))

    await asyncio.gather(*map(hold, ids))
    for id_ in ids:
        assert [entry.seq for entry in await store.log.read(id_)] == list(range(1, 8))


async def test_the_list_follows_the_log(store: Store) -> None:
    autumn = ConferenceId("autumn")
    await store.log.append(SPRING, entries(scheduled()))
    await store.log.append(
        autumn, entries(scheduled(autumn, starts_at=START + timedelta(days=200)))
    )
    moved = START + timedelta(days=1)
    await store.log.append(
        SPRING,
        entries(
            ConferenceRescheduled(Text("新标题", "New title"), moved),
            VenuesInvited((), (invitation("hainan", 30), invitation("xinjiang", 40))),
            VenueWithdrawn(VenueId("zhejiang")),
            PhaseChanged(Phase.REHEARSAL),
            first=2,
        ),
    )
    late, early = await store.conferences.all()
    assert (late.id, late.venues, late.phase) == (autumn, 2, Phase.SCHEDULED)
    assert (early.id, early.title.en, early.starts_at) == (SPRING, "New title", moved)
    assert (early.venues, early.phase) == (2, Phase.REHEARSAL)
