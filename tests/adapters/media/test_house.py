"""The media room between hall, web and engine: what is asked of it, and what it tells whom."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import ClassVar

import pytest
from tests.support.engine import FakeEngine

from podium.conference import effects as fx
from podium.conference.commands import ReportBlind, ReportConnection
from podium.conference.state import ConferenceId, Connection, Slot, VenueId
from podium.hall import ports as hall_ports
from podium.hall.sessions import (
    DemandChanged,
    EngineDown,
    FragmentRefused,
    MediaSessionId,
    NoSuchSession,
    Notice,
    OfferMalformed,
    OfferRefused,
    PublishDemand,
    PublisherSuperseded,
    QualityFigures,
    QualityMeasured,
    RestartUnsupported,
    RoomClosed,
    SessionInfo,
    Size,
    Source,
    Speaking,
    TooManySessions,
    Video,
    View,
)
from podium.media import engine as e
from podium.media.adapter import MediaHouse
from podium.media.sdp.fragment import parse_fragment
from podium.media.sessions import MOST_OF_ONE_OWNER, MOST_PROGRAMS_OF_A_VENUE
from podium.web import ports as web_ports

VECTORS = Path(__file__).parents[2] / "vectors" / "sdp"
WATCH = (VECTORS / "chromium_whep.sdp").read_bytes().decode()
SEND = WATCH.replace("a=recvonly", "a=sendonly")
SPRING = ConferenceId("spring")
BEIJING, HAINAN, ZHEJIANG = VenueId("beijing"), VenueId("hainan"), VenueId("zhejiang")
GRACE = 0.05

Report = ReportConnection | ReportBlind


class Hearing:
    """What was reported and told, in order; waits for what is still to come."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.notices: list[Notice] = []
        self._changed = asyncio.Event()

    def report(self, conference: ConferenceId, command: Report) -> None:
        assert conference == SPRING
        self.reports.append(command)
        self._changed.set()

    def tell(self, notice: Notice) -> None:
        self.notices.append(notice)
        self._changed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def reported(self, report: Report) -> None:
        await self.until(lambda: report in self.reports)

    @property
    def connections(self) -> list[tuple[VenueId, Connection, str | None]]:
        return [
            (r.venue, r.connection, r.reason)
            for r in self.reports
            if isinstance(r, ReportConnection)
        ]

    def demands(self, venue: VenueId) -> list[PublishDemand]:
        found = [
            n.demand for n in self.notices if isinstance(n, DemandChanged) and n.venue == venue
        ]
        self.notices = [n for n in self.notices if not isinstance(n, DemandChanged)]
        return found


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def hearing() -> Hearing:
    return Hearing()


@pytest.fixture
async def house(engine: FakeEngine, hearing: Hearing) -> AsyncIterator[MediaHouse]:
    made = MediaHouse(engine, hearing.report, grace=GRACE)
    made.listen(SPRING, hearing.tell)
    made.apply(SPRING, [fx.OpenRoom()])
    yield made
    made.close()


async def publish(house: MediaHouse, venue: VenueId, source: Source = Source.CAMERA) -> SessionInfo:
    answer = await house.publish(SPRING, venue, source, SEND, owner=f"station {venue}")
    return answer.session


async def watch(
    house: MediaHouse, venue: VenueId | None = None, view: View = View.PROGRAM
) -> SessionInfo:
    owner = f"station {venue}" if venue else "console"
    return (await house.view(SPRING, view, WATCH, owner=owner, venue=venue)).session


def last_number(engine: FakeEngine) -> e.SessionNumber:
    return max(engine.sessions)


def test_fits_hall_and_web(house: MediaHouse) -> None:
    media: hall_ports.Media = house
    sessions: web_ports.MediaSessions = house
    health: web_ports.Engine = house
    assert all((media, sessions, health))


# --- the plan meets the sessions, in either order


async def test_a_slot_waits_for_its_venue(house: MediaHouse, engine: FakeEngine) -> None:
    [room] = [command.room for command in engine.take(e.OpenRoom)]
    house.apply(SPRING, [fx.ShowInSlot(Slot.MAIN, BEIJING)])
    assert engine.take(e.SetSlot) == [e.SetSlot(room, "main", None)]
    await publish(house, BEIJING)
    number = last_number(engine)
    assert engine.take(e.SetSlot) == [e.SetSlot(room, "main", number)]
    house.apply(SPRING, [fx.ShowInSlot(Slot.SECOND, BEIJING), fx.ShowInSlot(Slot.MAIN, None)])
    assert engine.take(e.SetSlot) == [
        e.SetSlot(room, "second", number),
        e.SetSlot(room, "main", None),
    ]


async def test_content_is_the_shared_screen(house: MediaHouse, engine: FakeEngine) -> None:
    house.apply(SPRING, [fx.ShowInSlot(Slot.CONTENT, BEIJING), fx.ShowInSlot(Slot.MAIN, BEIJING)])
    engine.take(e.SetSlot)
    await publish(house, BEIJING)
    assert [c.slot for c in engine.take(e.SetSlot)] == ["main"]
    await publish(house, BEIJING, Source.CONTENT)
    assert [(c.slot, c.source) for c in engine.take(e.SetSlot)] == [
        ("content", last_number(engine))
    ]
    house.apply(SPRING, [fx.SwitchMicrophone(BEIJING, True)])
    assert len(engine.take(e.SetMicrophone)) == 1


async def test_a_microphone_opens_when_its_venue_comes(
    house: MediaHouse, engine: FakeEngine
) -> None:
    house.apply(SPRING, [fx.SwitchMicrophone(HAINAN, True)])
    assert engine.take(e.SetMicrophone) == []
    await publish(house, HAINAN)
    first = last_number(engine)
    assert engine.take(e.SetMicrophone) == [e.SetMicrophone(first, True)]
    house.apply(SPRING, [fx.SwitchMicrophone(HAINAN, False)])
    assert engine.take(e.SetMicrophone) == [e.SetMicrophone(first, False)]
    await publish(house, HAINAN)
    assert engine.take(e.SetMicrophone) == []


async def test_a_venue_does_not_hear_itself(house: MediaHouse, engine: FakeEngine) -> None:
    await watch(house, HAINAN)
    viewer = last_number(engine)
    await watch(house, ZHEJIANG)
    assert engine.take(e.SetSelf) == []
    publisher = await publish(house, HAINAN)
    number = last_number(engine)
    assert engine.take(e.SetSelf) == [e.SetSelf(viewer, number)]
    await watch(house, HAINAN)
    assert engine.take(e.SetSelf) == [e.SetSelf(last_number(engine), number)]
    await house.delete(publisher.id)
    assert [c.source for c in engine.take(e.SetSelf)] == [None, None]


async def test_a_newer_publisher_takes_every_place_of_the_older(
    house: MediaHouse, engine: FakeEngine, hearing: Hearing
) -> None:
    house.apply(SPRING, [fx.ShowInSlot(Slot.MAIN, HAINAN), fx.SwitchMicrophone(HAINAN, True)])
    older = await publish(house, HAINAN)
    old = last_number(engine)
    engine.commands.clear()
    newer = await publish(house, HAINAN)
    new = last_number(engine)
    assert [c.source for c in engine.take(e.SetSlot)] == [new]
    assert engine.take(e.SetMicrophone) == [e.SetMicrophone(new, True)]
    assert engine.take(e.Close) == [e.Close(old)]
    assert PublisherSuperseded(HAINAN, older.id, newer.id) in hearing.notices
    assert house.find(older.id) is None
    assert house.find(newer.id) == newer
    assert engine.take(e.SetSlot) == []


async def test_a_publisher_that_goes_leaves_its_slot_empty(
    house: MediaHouse, engine: FakeEngine, hearing: Hearing
) -> None:
    house.apply(SPRING, [fx.ShowInSlot(Slot.MAIN, HAINAN)])
    session = await publish(house, HAINAN)
    number = last_number(engine)
    engine.say(e.Connected(number, "AEAD_AES_128_GCM"))
    await hearing.reported(ReportConnection(HAINAN, Connection.CONNECTED))
    engine.take(e.SetSlot)
    engine.say(e.Disconnected(number, "peer_closed"))
    await hearing.reported(ReportConnection(HAINAN, Connection.LOST, "left"))
    assert [c.source for c in engine.take(e.SetSlot)] == [None]
    assert house.find(session.id) is None


async def test_preview_and_wall_have_private_slots(house: MediaHouse, engine: FakeEngine) -> None:
    await publish(house, HAINAN)
    hainan = last_number(engine)
    house.apply(SPRING, [fx.ShowInPreview(Slot.MAIN, HAINAN)])
    await watch(house, view=View.PREVIEW)
    preview = last_number(engine)
    assert engine.take(e.SetPrivateSlot) == [e.SetPrivateSlot(preview, 0, hainan, "high")]
    house.apply(SPRING, [fx.ShowInPreview(Slot.SECOND, HAINAN), fx.ShowInPreview(Slot.MAIN, None)])
    assert engine.take(e.SetPrivateSlot) == [
        e.SetPrivateSlot(preview, 1, hainan, "high"),
        e.SetPrivateSlot(preview, 0, None, "high"),
    ]
    wall = await watch(house, view=View.WALL)
    number = last_number(engine)
    await house.set_slots(wall.id, [ZHEJIANG, HAINAN], Size.LOW)
    assert engine.take(e.SetPrivateSlot) == [
        e.SetPrivateSlot(number, index, source, "low")
        for index, source in enumerate([None, hainan])
    ]
    await publish(house, ZHEJIANG)
    assert engine.take(e.SetPrivateSlot) == [
        e.SetPrivateSlot(number, 0, last_number(engine), "low")
    ]
    await house.set_slots(wall.id, [HAINAN] * 9, Size.LOW)
    assert [c.index for c in engine.take(e.SetPrivateSlot)] == [0, 2]
    streams = [s.slot for c in engine.take(e.View) for s in c.streams]
    assert streams == ["sound", "0", "1", "2"] * 2


async def test_only_walls_choose(house: MediaHouse) -> None:
    program = await watch(house, HAINAN)
    for session in (program.id, MediaSessionId("nothing")):
        with pytest.raises(NoSuchSession):
            await house.set_slots(session, [HAINAN], Size.LOW)


# --- the room's life


async def test_a_closed_room_takes_nobody(house: MediaHouse, engine: FakeEngine) -> None:
    session = await watch(house, HAINAN)
    house.apply(SPRING, [fx.CloseRoom()])
    assert house.find(session.id) is None
    assert engine.sessions == {}
    for attempt in (watch(house, HAINAN), publish(house, HAINAN)):
        with pytest.raises(RoomClosed):
            await attempt
    house.apply(SPRING, [fx.ShowInSlot(Slot.MAIN, HAINAN), fx.CloseRoom(), fx.OpenRoom()])
    assert house.find((await watch(house, HAINAN)).id) is not None


async def test_a_room_that_opens_again_is_new(house: MediaHouse, engine: FakeEngine) -> None:
    house.apply(SPRING, [fx.ShowInSlot(Slot.MAIN, HAINAN), fx.SwitchMicrophone(HAINAN, True)])
    house.apply(SPRING, [fx.OpenRoom()])
    await publish(house, HAINAN)
    engine.commands = [c for c in engine.commands if isinstance(c, e.SetSlot | e.SetMicrophone)]
    assert engine.take(e.SetMicrophone) == []
    assert all(c.source is None for c in engine.take(e.SetSlot))


async def test_a_detached_venue_is_ended(house: MediaHouse, engine: FakeEngine) -> None:
    await publish(house, HAINAN)
    await publish(house, HAINAN, Source.CONTENT)
    await watch(house, HAINAN)
    other = await watch(house, ZHEJIANG)
    house.apply(SPRING, [fx.DetachVenue(HAINAN)])
    assert len(engine.take(e.Close)) == 3
    assert house.find(other.id) == other


# --- demand


async def test_a_venue_sends_what_is_looked_at(house: MediaHouse, hearing: Hearing) -> None:
    assert house.demand(SPRING, HAINAN) == PublishDemand()
    house.apply(SPRING, [fx.ShowInPreview(Slot.MAIN, HAINAN)])
    house.apply(SPRING, [fx.ShowInSlot(Slot.MAIN, HAINAN)])
    house.apply(SPRING, [fx.ShowInPreview(Slot.MAIN, None)])
    assert hearing.demands(HAINAN) == [PublishDemand(Video.HIGH)]
    house.apply(SPRING, [fx.SwitchMicrophone(HAINAN, True)])
    house.apply(SPRING, [fx.ShowInSlot(Slot.CONTENT, HAINAN)])
    assert hearing.demands(HAINAN)[-1] == PublishDemand(Video.HIGH, sound=True, content=True)
    assert house.demand(SPRING, HAINAN) == PublishDemand(Video.HIGH, sound=True, content=True)
    house.apply(SPRING, [fx.CloseRoom()])
    assert hearing.demands(HAINAN) == [PublishDemand()]
    assert house.demand(SPRING, HAINAN) == PublishDemand()


async def test_the_largest_look_counts(house: MediaHouse, hearing: Hearing) -> None:
    small, large = await watch(house, view=View.WALL), await watch(house, view=View.WALL)
    await house.set_slots(small.id, [HAINAN], Size.LOW)
    await house.set_slots(large.id, [None, HAINAN], Size.MID)
    assert [d.video for d in hearing.demands(HAINAN)] == [Video.LOW, Video.MID]
    await house.delete(large.id)
    await house.set_slots(small.id, [ZHEJIANG], Size.LOW)
    assert [d.video for d in hearing.demands(HAINAN)] == [Video.LOW, Video.OFF]


# --- who attends


async def test_a_station_connects_and_leaves(
    house: MediaHouse, engine: FakeEngine, hearing: Hearing
) -> None:
    house.station_here(SPRING, HAINAN, True)
    session = await watch(house, HAINAN)
    engine.say(e.Connected(last_number(engine), "AEAD_AES_128_GCM"))
    await hearing.until(lambda: len(hearing.connections) == 2)
    await house.delete(session.id)
    house.station_here(SPRING, HAINAN, False)
    await hearing.until(lambda: len(hearing.connections) == 3)
    assert hearing.connections == [
        (HAINAN, Connection.CONNECTING, None),
        (HAINAN, Connection.CONNECTED, None),
        (HAINAN, Connection.LOST, "left"),
    ]


async def test_a_reload_is_not_reported(
    house: MediaHouse, engine: FakeEngine, hearing: Hearing
) -> None:
    house.station_here(SPRING, HAINAN, True)
    await watch(house, HAINAN)
    old = last_number(engine)
    engine.say(e.Connected(old, "x"))
    await hearing.reported(ReportConnection(HAINAN, Connection.CONNECTED))
    house.station_here(SPRING, HAINAN, False)
    house.station_here(SPRING, HAINAN, True)
    await watch(house, HAINAN)
    engine.say(e.Disconnected(old, "peer_closed"), e.Connected(last_number(engine), "x"))
    house.station_here(SPRING, ZHEJIANG, True)
    house.station_here(SPRING, ZHEJIANG, False)
    await hearing.until(lambda: (ZHEJIANG, Connection.LOST, "network") in hearing.connections)
    assert [c for v, c, _ in hearing.connections if v == HAINAN] == [
        Connection.CONNECTING,
        Connection.CONNECTED,
    ]


async def test_a_shared_screen_or_a_preview_attends_nothing(
    house: MediaHouse, engine: FakeEngine, hearing: Hearing
) -> None:
    await publish(house, HAINAN, Source.CONTENT)
    engine.say(e.Connected(last_number(engine), "x"))
    await watch(house, None, View.PREVIEW)
    engine.say(e.Connected(last_number(engine), "x"))
    await watch(house, ZHEJIANG)
    engine.say(e.Connected(last_number(engine), "x"))
    await hearing.until(lambda: bool(hearing.connections))
    assert [venue for venue, _, _ in hearing.connections] == [ZHEJIANG]


async def test_blind_venues_are_reported_together(
    house: MediaHouse, engine: FakeEngine, hearing: Hearing
) -> None:
    await watch(house, HAINAN)
    viewer = last_number(engine)
    engine.say(
        e.Connected(viewer, "x"),
        e.CannotDecode(viewer, "main", "H264"),
        e.CannotDecode(viewer, "content", "H264"),
    )
    await hearing.reported(ReportBlind(HAINAN, frozenset({Slot.MAIN, Slot.CONTENT})))
    engine.say(e.CannotDecode(viewer, "main", None))
    await hearing.reported(ReportBlind(HAINAN, frozenset({Slot.CONTENT})))
    assert sum(isinstance(report, ReportBlind) for report in hearing.reports) == 2


async def test_speakers_and_quality_are_told(
    house: MediaHouse, engine: FakeEngine, hearing: Hearing
) -> None:
    [room] = [command.room for command in engine.take(e.OpenRoom)]
    await publish(house, HAINAN)
    speaker = last_number(engine)
    await watch(house, HAINAN)
    viewer = last_number(engine)
    engine.say(e.Connected(speaker, "x"), e.Connected(viewer, "x"))
    engine.say(
        e.Levels(room, ((speaker, 20), (e.SessionNumber(999), 30))),
        e.Levels(e.RoomNumber(999), ((speaker, 1),)),
        e.Quality(speaker, 0.02, None, 900_000, None),
        e.Quality(viewer, 0.08, 0.04, 2_000_000, 1),
        e.Quality(speaker, 0.01, 0.02, 900_000, None),
    )
    measured = QualityMeasured({HAINAN: QualityFigures(0.08, 0.04, 2_000_000)})
    await hearing.until(lambda: measured in hearing.notices)
    assert Speaking(((HAINAN, 20),)) in hearing.notices
    assert sum(isinstance(n, Speaking | QualityMeasured) for n in hearing.notices) == 2


async def test_a_listener_that_is_gone_hears_nothing(house: MediaHouse) -> None:
    heard: list[Notice] = []
    stop = house.listen(SPRING, heard.append)
    house.apply(SPRING, [fx.SwitchMicrophone(HAINAN, True)])
    stop()
    stop()
    house.apply(SPRING, [fx.SwitchMicrophone(HAINAN, False)])
    assert len(heard) == 1


# --- bad input


async def test_wrong_offers(house: MediaHouse, engine: FakeEngine) -> None:
    for offer, error in (
        ("nonsense", OfferMalformed),
        (WATCH.replace("a=ice-pwd", "a=x"), OfferMalformed),
        (WATCH.replace("a=rtcp-mux", "a=x"), OfferRefused),
    ):
        with pytest.raises(error):
            await house.view(SPRING, View.PROGRAM, offer, owner="x", venue=HAINAN)
    for offer, error in (
        ("nonsense", OfferMalformed),
        ("v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:" + "x" * 22, OfferRefused),
    ):
        with pytest.raises(error):
            await house.publish(SPRING, HAINAN, Source.CAMERA, offer, owner="x")
    assert engine.sessions == {}


async def test_an_owner_has_so_many_sessions(house: MediaHouse) -> None:
    for _ in range(MOST_OF_ONE_OWNER):
        await watch(house, view=View.WALL)
    with pytest.raises(TooManySessions):
        await watch(house, view=View.WALL)
    assert house.find((await watch(house, HAINAN)).id) is not None


async def test_a_venue_that_reloads_and_reloads(house: MediaHouse) -> None:
    sessions = [await watch(house, HAINAN) for _ in range(MOST_PROGRAMS_OF_A_VENUE + 2)]
    left = [session for session in sessions if house.find(session.id) is not None]
    assert left == sessions[-MOST_PROGRAMS_OF_A_VENUE:]


async def test_a_revoked_owner_is_out(house: MediaHouse, engine: FakeEngine) -> None:
    mine = [await publish(house, HAINAN), await watch(house, HAINAN)]
    other = await watch(house, ZHEJIANG)
    await house.end_all_of(f"station {HAINAN}")
    assert [house.find(session.id) for session in mine] == [None, None]
    assert house.find(other.id) == other
    assert len(engine.take(e.Close)) == 2


# --- trickle and restart


FRAGMENT = "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\na=candidate:1 1 udp 1 192.0.2.9 5000 typ host\r\n"
NEW = FRAGMENT.format("newufrag", "n" * 24)


async def test_candidates_are_accepted(house: MediaHouse) -> None:
    session = await watch(house, HAINAN)
    ufrag = WATCH.split("a=ice-ufrag:")[1].split("\r\n")[0]
    pwd = WATCH.split("a=ice-pwd:")[1].split("\r\n")[0]
    await house.trickle(session.id, FRAGMENT.format(ufrag, pwd))
    await house.trickle(session.id, "a=end-of-candidates")
    for wrong in (NEW, "", "x"):
        with pytest.raises(FragmentRefused):
            await house.trickle(session.id, wrong)
    with pytest.raises(NoSuchSession):
        await house.trickle(MediaSessionId("none"), NEW)


async def test_a_viewer_restarts_ice(house: MediaHouse, engine: FakeEngine) -> None:
    session = await watch(house, HAINAN)
    restarted = await house.restart(session.id, NEW)
    [command] = engine.take(e.RestartViewer)
    local = parse_fragment(restarted.fragment).credentials
    assert local is not None
    assert (command.local_ufrag, command.local_pwd) == (local.ufrag, local.pwd)
    assert (command.remote_ufrag, command.remote_pwd) == ("newufrag", "n" * 24)
    found = house.find(session.id)
    assert found is not None
    assert found.etag == restarted.etag != session.etag
    await house.trickle(session.id, NEW)
    for again in (NEW, "a=end-of-candidates"):
        with pytest.raises(FragmentRefused):
            await house.restart(session.id, again)


async def test_a_publisher_makes_a_new_session_instead(house: MediaHouse) -> None:
    session = await publish(house, HAINAN)
    with pytest.raises(RestartUnsupported):
        await house.restart(session.id, NEW)


async def test_deleting_twice_is_said(house: MediaHouse, engine: FakeEngine) -> None:
    session = await watch(house, HAINAN)
    await house.delete(session.id)
    assert len(engine.take(e.Close)) == 1
    with pytest.raises(NoSuchSession):
        await house.delete(session.id)


# --- the engine fails


class Bell(logging.Handler):
    """Rings when something critical is logged."""

    def __init__(self) -> None:
        super().__init__(logging.CRITICAL)
        self.records: list[logging.LogRecord] = []
        self.rung = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.rung.set()


@pytest.fixture
async def bell() -> AsyncIterator[Bell]:
    made = Bell()
    logger = logging.getLogger("podium.media")
    logger.addHandler(made)
    yield made
    logger.removeHandler(made)


async def test_an_engine_that_breaks_down_is_said(
    house: MediaHouse, engine: FakeEngine, bell: Bell
) -> None:
    session = await watch(house, HAINAN)
    assert house.figures().viewers == 1
    engine.break_down()
    async with asyncio.timeout(5):
        await bell.rung.wait()
    with pytest.raises(EngineDown):
        house.figures()
    for attempt in (watch(house, ZHEJIANG), publish(house, ZHEJIANG)):
        with pytest.raises(EngineDown):
            await attempt
    house.apply(SPRING, [fx.ShowInSlot(Slot.MAIN, HAINAN), fx.CloseRoom()])
    assert house.find(session.id) is None
    assert len(bell.records) == 1


async def test_a_recording_gets_the_rooms_tap_and_loses_it(
    engine: FakeEngine, hearing: Hearing
) -> None:
    class Recordings:
        begun: ClassVar[list[ConferenceId]] = []
        full = False

        def begin(self, conference: ConferenceId) -> int | None:
            self.begun.append(conference)
            return None if self.full else 77

    recordings = Recordings()
    made = MediaHouse(engine, hearing.report, recordings, grace=GRACE)
    made.apply(SPRING, [fx.OpenRoom(), fx.RecordProgram(True)])
    [room] = [command.room for command in engine.take(e.OpenRoom)]
    assert engine.take(e.StartTap) == [e.StartTap(room, 77)]
    made.apply(SPRING, [fx.RecordProgram(False)])
    assert engine.take(e.StopTap) == [e.StopTap(room)]
    recordings.full = True
    made.apply(SPRING, [fx.RecordProgram(True)])
    assert engine.take(e.StartTap) == [], "nothing can be kept: nothing is tapped"
    assert recordings.begun == [SPRING, SPRING]
    made.close()
