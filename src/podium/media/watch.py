"""What the engine's events mean for a conference: who attends, who is blind, who speaks, how
well it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from podium.conference.state import ConferenceId, Slot, VenueId
from podium.hall.sessions import QualityFigures, Source, Speaking
from podium.media import engine as e
from podium.media.attendance import Attendance
from podium.media.notices import Notices
from podium.media.ports import Reports
from podium.media.room import Room
from podium.media.sessions import Publisher, Session, SessionTable, Viewer

_SLOTS: Final = frozenset(slot.value for slot in Slot)


class Watch:
    """Reads the sessions and rooms that the house keeps; never changes them but for what the
    engine says about a session itself."""

    def __init__(
        self,
        sessions: SessionTable,
        rooms: Mapping[ConferenceId, Room],
        notices: Notices,
        reports: Reports,
        grace: float,
        caller: Callable[[e.SessionNumber], VenueId | None],
    ) -> None:
        """``caller`` tells for which venue a leg speaks."""
        self._caller = caller
        self._sessions = sessions
        self._rooms = rooms
        self._notices = notices
        self._reports = reports
        self._grace = grace
        self._loop = asyncio.get_running_loop()
        self._attendance: dict[ConferenceId, Attendance] = {}

    def page(self, conference: ConferenceId, venue: VenueId, here: bool) -> None:
        """The venue's page is open, or is no longer."""
        attendance = self._attending(conference)
        attendance.of(venue).page(here)
        self._settle(attendance, conference, venue)

    def forget(self, conference: ConferenceId, venue: VenueId) -> None:
        """It is not invited any more."""
        attendance = self._attendance.get(conference)
        if attendance is not None:
            attendance.forget(venue)

    def close(self) -> None:
        """Reports nothing any more."""
        for attendance in self._attendance.values():
            attendance.close()

    def connected(self, number: e.SessionNumber) -> None:
        session = self._sessions.by_number(number)
        if session is None or session.connected:
            return
        session.connected = True
        venue = session.venue
        if venue is None or not _counts(session):
            return
        attendance = self._attending(session.conference)
        presence = attendance.of(venue)
        if isinstance(session, Publisher):
            presence.sending()
        else:
            presence.watching()
            self._see_again(attendance, session.conference, venue)
        attendance.settle(venue)

    def blinded(self, event: e.CannotDecode) -> None:
        viewer = self._sessions.by_number(event.viewer)
        if not isinstance(viewer, Viewer) or event.slot not in _SLOTS:
            return
        slot = Slot(event.slot)
        if event.codec is None:
            viewer.blind.discard(slot)
        else:
            viewer.blind.add(slot)
        if viewer.venue is not None:
            attendance = self._attending(viewer.conference)
            self._see_again(attendance, viewer.conference, viewer.venue)

    def _see_again(self, attendance: Attendance, conference: ConferenceId, venue: VenueId) -> None:
        room = self._rooms.get(conference)
        viewers = [v for v in room.seated(venue) if v.connected] if room is not None else []
        if viewers:
            attendance.blind(venue, frozenset.intersection(*(frozenset(v.blind) for v in viewers)))

    def speaking(self, event: e.Levels) -> None:
        room = next((r for r in self._rooms.values() if r.number == event.room), None)
        if room is None:
            return
        spoken: dict[VenueId, int] = {}
        for source, level in event.levels:
            session = self._sessions.by_number(source)
            venue = session.venue if isinstance(session, Publisher) else self._caller(source)
            if venue is not None:
                # Louder first: where station and call of a venue both speak, that is the louder.
                spoken.setdefault(venue, level)
        self._notices.tell(room.conference, Speaking(tuple(spoken.items())))

    def measured(self, event: e.Quality) -> None:
        session = self._sessions.by_number(event.session)
        if session is None or session.venue is None:
            return
        session.quality = QualityFigures(event.loss, event.rtt, event.bitrate)
        if not session.connected or not _counts(session):
            return
        attendance = self._attending(session.conference)
        worst = self._worst_quality(session.conference, session.venue) or session.quality
        attendance.of(session.venue).measured(worst.loss, self._loop.time())
        attendance.settle(session.venue)
        self._notices.measured(session.conference, session.venue, worst)

    def _worst_quality(self, conference: ConferenceId, venue: VenueId) -> QualityFigures | None:
        room = self._rooms.get(conference)
        if room is None:
            return None
        publisher = room.publisher(venue, Source.CAMERA)
        sessions: list[Session] = [*room.seated(venue)]
        if publisher is not None:
            sessions.append(publisher)
        known = (s.quality for s in sessions if s.quality is not None and s.connected)
        return max(known, key=lambda figures: figures.loss, default=None)

    def ended(self, session: Session, reason: str) -> None:
        venue, attendance = session.venue, self._attendance.get(session.conference)
        if venue is None or attendance is None or not _counts(session):
            return
        presence = attendance.of(venue)
        if not session.connected:
            presence.never_connected(reason)
        elif isinstance(session, Publisher):
            presence.sending_ended(reason)
        else:
            presence.watching_ended(reason)
            self._see_again(attendance, session.conference, venue)
        self._settle(attendance, session.conference, venue)

    def _attending(self, conference: ConferenceId) -> Attendance:
        attendance = self._attendance.get(conference)
        if attendance is None:
            attendance = Attendance(conference, self._reports, self._loop, self._grace)
            self._attendance[conference] = attendance
        return attendance

    def _settle(self, attendance: Attendance, conference: ConferenceId, venue: VenueId) -> None:
        attendance.settle(venue)
        if attendance.empty and conference not in self._rooms:
            self._attendance.pop(conference, None)


def _counts(session: Session) -> bool:
    """Whether it makes its venue attend: a shared screen alone does not."""
    return isinstance(session, Viewer) or session.source is Source.CAMERA
