"""Legs, the sound of telephone calls, in the media room: opened and agreed by the telephone,
members of a conference's room as the voice of a venue.

What ``podium.telephone.ports.Legs`` asks for. A leg that is attached before its room opens is in
it as soon as it does, and again when it closes and reopens.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from podium.conference.state import ConferenceId, VenueId
from podium.hall.legs import (
    KeyPressed,
    LegId,
    LegMedia,
    LegNotice,
    NoiseChanged,
    NoLegFree,
    OpenLeg,
    PromptsEnded,
)
from podium.hall.sessions import EngineDown, QualityFigures
from podium.media import engine as e
from podium.media.notices import Notices
from podium.media.room import Room

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Seat:
    conference: ConferenceId
    venue: VenueId


class LegHouse:
    """All legs of one engine. A leg's id is its session number in the engine."""

    def __init__(
        self,
        engine: e.EnginePort,
        next_number: Callable[[], e.SessionNumber],
        rooms: Mapping[ConferenceId, Room],
        notices: Notices,
    ) -> None:
        self._engine = engine
        self._next_number = next_number
        self._rooms = rooms
        self._notices = notices
        self._legs: dict[e.SessionNumber, _Seat | None] = {}
        """With the seat that each is to have; None: in the menu."""
        self._listeners: list[Callable[[LegNotice], None]] = []

    # --- the telephone's side

    def load_prompt(self, name: str, pcm: bytes) -> None:
        """A text that ``play`` knows by this name: 16 kHz, mono, s16le. Raises ``EngineDown``."""
        try:
            self._engine.load_prompt(name, pcm)
        except e.EngineFailed as error:
            raise EngineDown(str(error)) from error

    def open(self) -> OpenLeg:
        """Raises ``NoLegFree``."""
        number = self._next_number()
        try:
            address, port = self._engine.open_leg(number)
        except e.EngineFailed as error:
            raise NoLegFree(str(error)) from error
        self._legs[number] = None
        return OpenLeg(LegId(number), address, port)

    def set(self, leg: LegId, media: LegMedia) -> None:
        """What was agreed, at first and whenever it changes."""
        address, port = media.remote
        keys = media.srtp
        command = e.SetLeg(
            session=e.SessionNumber(leg),
            remote_address=address,
            remote_port=port,
            remote_rtcp_port=None if media.remote_rtcp is None else media.remote_rtcp[1],
            codec=media.codec,
            payload_type=media.payload_type,
            events_payload_type=media.events_payload_type,
            ptime=media.ptime_ms,
            sends=media.sends,
            receives=media.receives,
            srtp_profile=None if keys is None else keys.profile,
            srtp_local=b"" if keys is None else keys.local,
            srtp_remote=b"" if keys is None else keys.remote,
        )
        self._tell(leg, command)

    def attach(self, leg: LegId, conference: ConferenceId, venue: VenueId) -> None:
        """It hears the conference and speaks as this venue, from now on or as soon as the
        conference's room is open."""
        number = e.SessionNumber(leg)
        seat = _Seat(conference, venue)
        if number not in self._legs or self._legs[number] == seat:
            return
        self._leave(number)
        self._legs[number] = seat
        self._enter(number, seat)

    def play(self, leg: LegId, names: Sequence[str], *, over: bool) -> None:
        """In place of what is playing; nothing: silence. ``over`` the sound of the room."""
        self._tell(leg, e.Play(e.SessionNumber(leg), tuple(names), over))

    def send_keys(self, leg: LegId, keys: str) -> None:
        """Presses keys (0-9 * # A-D) towards the peer."""
        self._tell(leg, e.SendDigits(e.SessionNumber(leg), keys))

    def close(self, leg: LegId) -> None:
        number = e.SessionNumber(leg)
        self._leave(number)
        self._tell(leg, e.Close(number))
        self._legs.pop(number, None)

    def listen(self, listener: Callable[[LegNotice], None]) -> None:
        """``listener`` is told of everything that legs bring, on the event loop."""
        self._listeners.append(listener)

    # --- the media room's side

    def venue_of(self, number: e.SessionNumber) -> VenueId | None:
        """For which venue a session speaks, if it is a leg that does."""
        seat = self._legs.get(number)
        return None if seat is None else seat.venue

    def room_opened(self, conference: ConferenceId) -> None:
        """Legs that wait for it go in."""
        for number, seat in self._legs.items():
            if seat is not None and seat.conference == conference:
                self._enter(number, seat)

    def take(self, event: e.Digit | e.Played | e.LegNoisy | e.Quality) -> None:
        """What the engine says of legs, and perhaps of others."""
        if event.session not in self._legs:
            return
        leg = LegId(event.session)
        match event:
            case e.Digit(digit=digit):
                self._notify(KeyPressed(leg, digit))
            case e.Played():
                self._notify(PromptsEnded(leg))
            case e.LegNoisy(noisy=noisy):
                self._notify(NoiseChanged(leg, noisy))
            case e.Quality():
                self._measured(event)

    # --- helpers

    def _measured(self, event: e.Quality) -> None:
        """The figures of a venue's station, where it has one, say more."""
        seat = self._legs[event.session]
        room = None if seat is None else self._rooms.get(seat.conference)
        if seat is None or room is None or room.seated(seat.venue):
            return
        figures = QualityFigures(event.loss, event.rtt, event.bitrate)
        self._notices.measured(seat.conference, seat.venue, figures)

    def _enter(self, number: e.SessionNumber, seat: _Seat) -> None:
        room = self._rooms.get(seat.conference)
        if room is not None:
            room.add_leg(seat.venue, number)

    def _leave(self, number: e.SessionNumber) -> None:
        seat = self._legs.get(number)
        room = None if seat is None else self._rooms.get(seat.conference)
        if seat is not None and room is not None:
            room.remove_leg(seat.venue, number)

    def _tell(self, leg: LegId, command: e.Command) -> None:
        if e.SessionNumber(leg) not in self._legs:
            return
        try:
            self._engine.submit(command)
        except e.EngineFailed as error:
            _logger.error("the engine refused %s: %s", type(command).__name__, error)

    def _notify(self, notice: LegNotice) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(notice)
            except Exception:
                _logger.exception("a listener failed on %s", type(notice).__name__)
