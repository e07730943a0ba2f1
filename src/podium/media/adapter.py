"""Joins the media engine to the hall (:class:`podium.hall.ports.Media`) and to the web.

Effects and sessions go down to the engine; what the engine says goes up as reports to the
conference and as notices to its followers. Everything runs on one event loop, never blocks it,
and holds no lock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from podium.conference import effects as fx
from podium.conference.state import ConferenceId, VenueId
from podium.hall.sessions import (
    Answer,
    DemandChanged,
    EngineDown,
    EngineFigures,
    FragmentRefused,
    MediaSessionId,
    NoSuchSession,
    OfferMalformed,
    OfferRefused,
    PublishDemand,
    PublisherSuperseded,
    Restarted,
    RestartUnsupported,
    RoomClosed,
    SessionInfo,
    Size,
    Source,
    View,
)
from podium.media import engine as e
from podium.media.legs import LegHouse
from podium.media.notices import Listener, Notices
from podium.media.ports import Recordings, Reports
from podium.media.presence import GRACE
from podium.media.room import PROGRAM_SLOTS, Room
from podium.media.sdp import answer as answers
from podium.media.sdp.fragment import Fragment, parse_fragment, write_fragment
from podium.media.sdp.grammar import SdpError, parse
from podium.media.sdp.offer import NothingToSend, ViewerOffer, read_viewer_offer
from podium.media.sdp.transport import Credentials, offered_credentials
from podium.media.sessions import (
    MOST_PROGRAMS_OF_A_VENUE,
    Publisher,
    Session,
    SessionTable,
    Viewer,
    new_etag,
    new_session_id,
)
from podium.media.watch import Watch

_logger = logging.getLogger(__name__)

_PRIVATE_SLOTS: Final = tuple(str(index) for index in range(64))
_PICTURES: Final[dict[View, tuple[str, ...]]] = {
    View.PROGRAM: tuple(slot.value for slot in PROGRAM_SLOTS),
    View.PREVIEW: _PRIVATE_SLOTS[: len(PROGRAM_SLOTS)],
    View.WALL: _PRIVATE_SLOTS,
}


class MediaHouse:
    """All conferences' media on one engine. Made on the event loop; ``close`` before it ends."""

    def __init__(
        self,
        engine: e.EnginePort,
        reports: Reports,
        recordings: Recordings | None = None,
        *,
        grace: float = GRACE,
    ) -> None:
        """Without ``recordings`` nothing is recorded."""
        self._recordings = recordings
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._notices = Notices(self._loop)
        self._sessions = SessionTable()
        self._rooms: dict[ConferenceId, Room] = {}
        self.legs = LegHouse(engine, self._sessions.next_number, self._rooms, self._notices)
        self._watch = Watch(
            self._sessions, self._rooms, self._notices, reports, grace, self.legs.venue_of
        )
        self._last_room = 0
        self._failure: str | None = None
        self._loop.add_reader(engine.fileno(), self._read_events)

    def close(self) -> None:
        """Ends every session. Nothing is reported: after a restart everybody comes back."""
        self._loop.remove_reader(self._engine.fileno())
        self._watch.close()
        self._engine.close()

    # --- the hall's side

    def apply(self, conference: ConferenceId, effects: Sequence[fx.Effect]) -> None:
        for effect in effects:
            match effect:
                case fx.OpenRoom():
                    self._open_room(conference)
                case fx.CloseRoom():
                    self._close_room(conference)
                case _:
                    room = self._rooms.get(conference)
                    if room is not None:
                        self._direct(room, effect)

    def _direct(self, room: Room, effect: fx.Effect) -> None:
        match effect:
            case fx.RecordProgram(on=on):
                self._record(room, on=on)
            case fx.ShowInSlot():
                room.show(effect)
            case fx.ShowInPreview():
                room.preview(effect)
            case fx.SwitchMicrophone():
                room.switch_microphone(effect)
            case fx.DetachVenue(venue=venue):
                for session in room.forget(venue):
                    self._end(session)
                self._watch.forget(room.conference, venue)
            case fx.OpenRoom() | fx.CloseRoom():
                raise AssertionError("handled by apply")

    def _open_room(self, conference: ConferenceId) -> None:
        if conference in self._rooms:
            self._close_room(conference)
        self._last_room += 1
        number = e.RoomNumber(self._last_room)

        def demanded(venue: VenueId, demand: PublishDemand) -> None:
            self._notices.tell(conference, DemandChanged(venue, demand))

        room = Room(conference, number, self._submit, demanded)
        self._rooms[conference] = room
        self.legs.room_opened(conference)

    def _close_room(self, conference: ConferenceId) -> None:
        room = self._rooms.pop(conference, None)
        if room is None:
            return
        for session in room.close():
            self._sessions.discard(session)
            self._watch.ended(session, "closed")

    def _record(self, room: Room, *, on: bool) -> None:
        if not on:
            self._submit(e.StopTap(room.number))
            return
        descriptor = None
        if self._recordings is not None:
            descriptor = self._recordings.begin(room.conference)
        if descriptor is not None:
            self._submit(e.StartTap(room.number, descriptor))

    # --- the web's side: new sessions

    async def publish(
        self, conference: ConferenceId, venue: VenueId, source: Source, offer: str, *, owner: str
    ) -> Answer:
        """Raises ``OfferMalformed``, ``OfferRefused``, ``RoomClosed``, ``TooManySessions``,
        ``EngineDown``."""
        room = self._open(conference)
        older = room.publisher(venue, source)
        if older is None:
            self._sessions.check_room_for(owner)
        try:
            remote = offered_credentials(parse(offer))
        except SdpError as error:
            raise OfferMalformed(str(error)) from None
        number = self._sessions.next_number()
        label = f"{venue}/{source}"
        try:
            sdp = self._engine.publish(room.number, number, offer, label=label)
        except e.OfferUnanswerable as error:
            raise OfferRefused(str(error)) from None
        except e.EngineFailed as error:
            raise EngineDown(str(error)) from error
        publisher = Publisher(
            id=new_session_id(),
            number=number,
            conference=conference,
            venue=venue,
            owner=owner,
            source=source,
            etag=new_etag(),
            remote=remote,
        )
        self._sessions.add(publisher)
        replaced = room.add_publisher(publisher)
        if replaced is not None:
            self._end(replaced, "superseded")
            notice = PublisherSuperseded(venue, replaced.id, publisher.id)
            self._notices.tell(conference, notice)
        return Answer(publisher.info, sdp)

    async def view(
        self,
        conference: ConferenceId,
        view: View,
        offer: str,
        *,
        owner: str,
        venue: VenueId | None,
    ) -> Answer:
        """``venue`` is where the viewer sits: it does not hear itself. Raises as ``publish``."""
        room = self._open(conference)
        offered = _read_viewer_offer(offer)
        if venue is not None:
            for oldest in room.seated(venue)[: -(MOST_PROGRAMS_OF_A_VENUE - 1)]:
                self._end(oldest, "superseded")
        self._sessions.check_room_for(owner)
        streams = answers.choose_streams(offered, "sound", _PICTURES[view])
        local = answers.new_credentials()
        number = self._sessions.next_number()
        remote = offered.transport.credentials
        command = e.View(
            room=room.number,
            session=number,
            local_ufrag=local.ufrag,
            local_pwd=local.pwd,
            remote_ufrag=remote.ufrag,
            remote_pwd=remote.pwd,
            remote_fingerprint=offered.transport.fingerprint,
            dtls_client=answers.dtls_client(offered),
            streams=tuple(streams),
        )
        try:
            self._engine.submit(command)
            end = answers.ServerEnd(self._engine.fingerprint, self._engine.candidates)
        except e.EngineFailed as error:
            raise EngineDown(str(error)) from error
        videos = sum(stream.kind == "video" for stream in streams)
        viewer = Viewer(
            id=new_session_id(),
            number=number,
            conference=conference,
            venue=venue,
            owner=owner,
            view=view,
            etag=new_etag(),
            remote=remote,
            first=(streams[0].kind, streams[0].mid),
            pictures=0 if view is View.PROGRAM else videos,
        )
        self._sessions.add(viewer)
        room.add_viewer(viewer)
        return Answer(viewer.info, answers.write_answer(offered, streams, local, end))

    # --- the web's side: sessions that exist

    def find(self, session: MediaSessionId) -> SessionInfo | None:
        found = self._sessions.by_id(session)
        return found.info if found is not None else None

    async def trickle(self, session: MediaSessionId, fragment: str) -> None:
        """The engine is ICE-lite and learns addresses from the peer's checks, so candidates are
        only read for errors. Raises ``NoSuchSession``, ``FragmentRefused``."""
        found = self._expect(session)
        given = _read_fragment(fragment)
        if given.credentials is not None and given.credentials != found.remote:
            raise FragmentRefused(
                "the fragment has other ICE credentials than the session; "
                "for an ICE restart send If-Match: *"
            )

    async def restart(self, session: MediaSessionId, fragment: str) -> Restarted:
        """ICE restart. Raises ``NoSuchSession``, ``FragmentRefused``, ``RestartUnsupported``."""
        found = self._expect(session)
        if isinstance(found, Publisher):
            raise RestartUnsupported(
                "a publishing session cannot restart ICE: DELETE it and POST a new offer"
            )
        given = _read_fragment(fragment)
        if given.credentials is None:
            raise FragmentRefused("the fragment has no ICE credentials (a=ice-ufrag, a=ice-pwd)")
        if given.credentials == found.remote:
            raise FragmentRefused("an ICE restart needs new ICE credentials")
        local = answers.new_credentials()
        self._restart_viewer(found, local, given.credentials)
        kind, mid = found.first
        text = write_fragment(local, mid, kind, self._engine.candidates)
        return Restarted(text, found.etag)

    def _restart_viewer(self, viewer: Viewer, local: Credentials, remote: Credentials) -> None:
        command = e.RestartViewer(viewer.number, local.ufrag, local.pwd, remote.ufrag, remote.pwd)
        try:
            self._engine.submit(command)
        except e.EngineFailed as error:
            raise EngineDown(str(error)) from error
        viewer.remote, viewer.etag = remote, new_etag()

    async def delete(self, session: MediaSessionId) -> None:
        """Raises ``NoSuchSession``."""
        self._end(self._expect(session), "deleted")

    async def end_all_of(self, owner: str) -> None:
        """Ends every session of this owner: its link or account is no longer valid."""
        for session in self._sessions.of_owner(owner):
            self._end(session)

    async def set_slots(
        self, session: MediaSessionId, venues: Sequence[VenueId | None], size: Size
    ) -> None:
        """Raises ``NoSuchSession``, also for a session that is no wall."""
        found = self._expect(session)
        room = self._rooms.get(found.conference)
        if room is None or not isinstance(found, Viewer) or found.view is not View.WALL:
            raise NoSuchSession("this session has no pictures to choose")
        room.choose(found, venues, size)

    def demand(self, conference: ConferenceId, venue: VenueId) -> PublishDemand:
        """What is wanted of this venue now."""
        room = self._rooms.get(conference)
        return PublishDemand() if room is None else room.demand(venue)

    def listen(self, conference: ConferenceId, listener: Listener) -> Callable[[], None]:
        """Until the returned function is called."""
        return self._notices.listen(conference, listener)

    def station_here(self, conference: ConferenceId, venue: VenueId, here: bool) -> None:
        """The venue's page is open, or is no longer."""
        self._watch.page(conference, venue, here)

    def figures(self) -> EngineFigures:
        """Raises ``EngineDown``."""
        if self._failure is not None:
            raise EngineDown(self._failure)
        try:
            return self._engine.figures()
        except e.EngineFailed as error:
            raise EngineDown(str(error)) from error

    # --- the engine's side

    def _read_events(self) -> None:
        try:
            events = self._engine.poll()
        except e.EngineFailed as error:
            # Told once; from now on every request is answered that the engine is down, and the
            # health check says so. What is running is left alone: other threads may still serve.
            _logger.critical("the media engine has failed: %s; restart Podium", error)
            self._failure = str(error)
            self._loop.remove_reader(self._engine.fileno())
            return
        for event in events:
            try:
                self._take(event)
            except Exception:
                _logger.exception("media could not take %s", type(event).__name__)

    def _take(self, event: e.Event) -> None:
        match event:
            case e.Connected(session=number):
                self._watch.connected(number)
            case e.Disconnected(session=number, reason=reason):
                session = self._sessions.by_number(number)
                if session is not None:
                    self._forget(session, reason)
            case e.CannotDecode():
                self._watch.blinded(event)
            case e.Levels():
                self._watch.speaking(event)
            case e.Quality():
                self._watch.measured(event)
                self.legs.take(event)
            case e.Digit() | e.Played() | e.LegNoisy():
                self.legs.take(event)
            case _:
                pass  # SourceStarted, SlotLive, LegHeard and others: nobody asks yet

    # --- ends

    def _end(self, session: Session, reason: str = "closed") -> None:
        self._submit(e.Close(session.number))
        self._forget(session, reason)

    def _forget(self, session: Session, reason: str) -> None:
        """The engine has ended it, or was told to."""
        if not self._sessions.discard(session):
            return
        room = self._rooms.get(session.conference)
        if room is not None:
            room.remove(session)
        self._watch.ended(session, reason)

    # --- helpers

    def _open(self, conference: ConferenceId) -> Room:
        room = self._rooms.get(conference)
        if room is None:
            raise RoomClosed("the conference is not open: nothing is sent or received yet")
        return room

    def _expect(self, id_: MediaSessionId) -> Session:
        session = self._sessions.by_id(id_)
        if session is None:
            raise NoSuchSession("this session never was, or has ended")
        return session

    def _submit(self, command: e.Command) -> None:
        """For what must not fail: a session that the engine has just ended by itself is still
        known here until its event is read."""
        try:
            self._engine.submit(command)
        except e.EngineFailed as error:
            _logger.warning("the engine refused %s: %s", type(command).__name__, error)


def _read_viewer_offer(offer: str) -> ViewerOffer:
    try:
        return read_viewer_offer(offer)
    except SdpError as error:
        raise OfferMalformed(str(error)) from None
    except NothingToSend as error:
        raise OfferRefused(str(error)) from None


def _read_fragment(text: str) -> Fragment:
    try:
        return parse_fragment(text)
    except SdpError as error:
        raise FragmentRefused(str(error)) from None
