"""One conference's media: what it wants shown and heard, and who is there to do it.

The two come together here in any order: a slot may name a venue that has no session yet, and a
session may come for a venue that nothing wants yet. Whenever either changes, the engine is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from podium.conference.effects import ShowInPreview, ShowInSlot, SwitchMicrophone
from podium.conference.state import ConferenceId, Program, Slot, VenueId
from podium.hall.sessions import PublishDemand, Size, Source, View
from podium.media import engine as e
from podium.media.demand import demand_of
from podium.media.sessions import Publisher, Session, Viewer

PROGRAM_SLOTS: Final = tuple(Slot)
_IDLE: Final = PublishDemand()


class Room:
    """Exists while the conference takes media. ``submit`` tells the engine; ``demanded`` is
    called when what is wanted of a venue has changed."""

    def __init__(
        self,
        conference: ConferenceId,
        number: e.RoomNumber,
        submit: Callable[[e.Command], None],
        demanded: Callable[[VenueId, PublishDemand], None],
    ) -> None:
        self.conference = conference
        self.number = number
        self._submit = submit
        self._demanded = demanded
        self._program = Program()
        self._preview = Program()
        self._microphones: set[VenueId] = set()
        self._publishers: dict[tuple[VenueId, Source], Publisher] = {}
        self._viewers: dict[e.SessionNumber, Viewer] = {}
        self._private: dict[e.SessionNumber, Viewer] = {}
        """Those of them that have private slots: previews and walls, a handful."""
        self._seats: dict[VenueId, dict[e.SessionNumber, Viewer]] = {}
        """Viewers by the venue that they sit in."""
        self._legs: dict[VenueId, list[e.SessionNumber]] = {}
        """Telephone calls by the venue that they speak for, the oldest first."""
        self._demands: dict[VenueId, PublishDemand] = {}
        """What stations were told; idle ones are left out."""
        submit(e.OpenRoom(number))

    # --- what is wanted

    def show(self, effect: ShowInSlot) -> None:
        before = self._program.source(effect.slot)
        self._program = _with(self._program, effect.slot, effect.venue)
        self._fill_slot(effect.slot)
        self._demand_again((before, effect.venue))

    def preview(self, effect: ShowInPreview) -> None:
        before = self._preview.source(effect.slot)
        self._preview = _with(self._preview, effect.slot, effect.venue)
        for viewer in self._of_view(View.PREVIEW):
            self._fill_private(viewer, PROGRAM_SLOTS.index(effect.slot))
        self._demand_again((before, effect.venue))

    def switch_microphone(self, effect: SwitchMicrophone) -> None:
        if effect.live:
            self._microphones.add(effect.venue)
        else:
            self._microphones.discard(effect.venue)
        publisher = self._publishers.get((effect.venue, Source.CAMERA))
        if publisher is not None:
            self._submit(e.SetMicrophone(publisher.number, effect.live))
        for leg in self._legs.get(effect.venue, ()):
            self._submit(e.SetMicrophone(leg, effect.live))
        self._demand_again((effect.venue,))

    def choose(self, viewer: Viewer, venues: Sequence[VenueId | None], size: Size) -> None:
        """What a wall shows from now on; venues beyond its slots are ignored."""
        before, old_size = viewer.shown, viewer.size
        padded = (*venues, *[None] * viewer.pictures)[: viewer.pictures]
        viewer.shown, viewer.size = padded, size
        for index in range(viewer.pictures):
            was = before[index] if index < len(before) else None
            if padded[index] != was or size != old_size:
                self._fill_private(viewer, index)
        self._demand_again({*before, *padded})

    def forget(self, venue: VenueId) -> list[Session]:
        """The venue is not invited any more: its sessions, for the caller to end. Its calls are
        the telephone's to end; they hear nothing from now on."""
        self._microphones.discard(venue)
        for leg in tuple(self._legs.get(venue, ())):
            self.remove_leg(venue, leg)
        publishers = [p for (v, _), p in self._publishers.items() if v == venue]
        self._demand_again((venue,))
        return [*publishers, *self._seats.get(venue, {}).values()]

    # --- who is there

    def sessions(self) -> list[Session]:
        return [*self._publishers.values(), *self._viewers.values()]

    def seated(self, venue: VenueId) -> list[Viewer]:
        """The venue's viewers, the oldest first."""
        return list(self._seats.get(venue, {}).values())

    def publisher(self, venue: VenueId, source: Source) -> Publisher | None:
        return self._publishers.get((venue, source))

    def add_publisher(self, publisher: Publisher) -> Publisher | None:
        """The one that it replaces, for the caller to end."""
        key = publisher.venue, publisher.source
        older = self._publishers.get(key)
        self._publishers[key] = publisher
        if publisher.source is Source.CAMERA and publisher.venue in self._microphones:
            self._submit(e.SetMicrophone(publisher.number, True))
        self._source_changed(*key)
        return older

    def add_viewer(self, viewer: Viewer) -> None:
        """The engine knows it already."""
        self._viewers[viewer.number] = viewer
        if viewer.pictures:
            self._private[viewer.number] = viewer
        for index in range(viewer.pictures):
            if self._wanted_in(viewer, index)[0] is not None:
                self._fill_private(viewer, index)
        if viewer.venue is not None:
            self._seats.setdefault(viewer.venue, {})[viewer.number] = viewer
            source = self._voice(viewer.venue)
            if source is not None:
                self._submit(e.SetSelf(viewer.number, source))

    def add_leg(self, venue: VenueId, leg: e.SessionNumber) -> None:
        """The call hears this room, and speaks for the venue."""
        self._legs.setdefault(venue, []).append(leg)
        self._submit(e.AttachLeg(leg, self.number))
        self._submit(e.SetMicrophone(leg, venue in self._microphones))
        self._seat(venue)

    def remove_leg(self, venue: VenueId, leg: e.SessionNumber) -> None:
        """The call is in no room any more."""
        legs = self._legs.get(venue, [])
        if leg not in legs:
            return
        legs.remove(leg)
        if not legs:
            del self._legs[venue]
        self._submit(e.SetMicrophone(leg, False))
        self._submit(e.AttachLeg(leg, None))
        self._submit(e.SetSelf(leg, None))
        self._seat(venue)

    def remove(self, session: Session) -> None:
        """It has ended, or is about to be."""
        match session:
            case Publisher(venue=venue, source=source):
                if self._publishers.get((venue, source)) is session:
                    del self._publishers[venue, source]
                    self._source_changed(venue, source)
            case Viewer(number=number, venue=seat, shown=shown):
                self._viewers.pop(number, None)
                self._private.pop(number, None)
                if seat is not None and seat in self._seats:
                    self._seats[seat].pop(number, None)
                    if not self._seats[seat]:
                        del self._seats[seat]
                self._demand_again(shown)

    def close(self) -> list[Session]:
        """Ends the room in the engine; the sessions that end with it."""
        self._submit(e.CloseRoom(self.number))
        for venue in tuple(self._demands):
            self._demanded(venue, _IDLE)
        self._demands.clear()
        return self.sessions()

    # --- demand

    def demand(self, venue: VenueId) -> PublishDemand:
        return self._demands.get(venue, _IDLE)

    def _demand_again(self, venues: Iterable[VenueId | None]) -> None:
        for venue in {v for v in venues if v is not None}:
            wanted = demand_of(
                venue,
                self._program,
                self._preview,
                venue in self._microphones,
                self._walls_showing(venue),
            )
            if wanted == self._demands.get(venue, _IDLE):
                continue
            if wanted == _IDLE:
                del self._demands[venue]
            else:
                self._demands[venue] = wanted
            self._demanded(venue, wanted)

    def _walls_showing(self, venue: VenueId) -> Iterator[Size]:
        return (v.size for v in self._of_view(View.WALL) if venue in v.shown)

    # --- telling the engine

    def _source_changed(self, venue: VenueId, source: Source) -> None:
        for slot in PROGRAM_SLOTS:
            if _source_of(slot) is source and self._program.source(slot) == venue:
                self._fill_slot(slot)
        for viewer in self._private.values():
            for index in range(viewer.pictures):
                if self._wanted_in(viewer, index) == (venue, source):
                    self._fill_private(viewer, index)
        if source is Source.CAMERA:
            self._seat(venue)

    def _voice(self, venue: VenueId) -> e.SessionNumber | None:
        """What stands for the venue in the mix: its station, else its oldest call."""
        station = self._number(venue, Source.CAMERA)
        return station if station is not None else next(iter(self._legs.get(venue, ())), None)

    def _seat(self, venue: VenueId) -> None:
        """A venue hears neither its station nor its calls."""
        voice = self._voice(venue)
        for viewer in self.seated(venue):
            self._submit(e.SetSelf(viewer.number, voice))
        for leg in self._legs.get(venue, ()):
            self._submit(e.SetSelf(leg, voice if voice != leg else None))

    def _fill_slot(self, slot: Slot) -> None:
        number = self._number(self._program.source(slot), _source_of(slot))
        self._submit(e.SetSlot(self.number, slot.value, number))

    def _fill_private(self, viewer: Viewer, index: int) -> None:
        number = self._number(*self._wanted_in(viewer, index))
        size = viewer.size if viewer.view is View.WALL else Size.HIGH
        self._submit(e.SetPrivateSlot(viewer.number, index, number, size.value))

    def _wanted_in(self, viewer: Viewer, index: int) -> tuple[VenueId | None, Source]:
        """Which venue's which source belongs into a private slot."""
        if viewer.view is View.PREVIEW:
            slot = PROGRAM_SLOTS[index]
            return self._preview.source(slot), _source_of(slot)
        return (viewer.shown[index] if index < len(viewer.shown) else None), Source.CAMERA

    def _number(self, venue: VenueId | None, source: Source) -> e.SessionNumber | None:
        publisher = self._publishers.get((venue, source)) if venue is not None else None
        return publisher.number if publisher is not None else None

    def _of_view(self, view: View) -> Iterator[Viewer]:
        return (viewer for viewer in self._private.values() if viewer.view is view)


def _source_of(slot: Slot) -> Source:
    """The content slot shows a venue's shared screen, the others its camera."""
    return Source.CONTENT if slot is Slot.CONTENT else Source.CAMERA


def _with(program: Program, slot: Slot, venue: VenueId | None) -> Program:
    match slot:
        case Slot.MAIN:
            return replace(program, main=venue)
        case Slot.SECOND:
            return replace(program, second=venue)
        case Slot.CONTENT:
            return replace(program, content=venue)
