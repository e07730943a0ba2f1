"""A conference under any sequence of commands by anybody, by a hypothesis state machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.support.conferences import (
    CHAIR,
    NOON,
    OBSERVER,
    OFFICE,
    OPERATOR,
    SCHEDULE,
    SYSTEM,
    venue_actor,
)

from podium.conference import commands as c
from podium.conference import effects as f
from podium.conference import telephone as t
from podium.conference.calls import CallEnd, CallId, CallStage, StandingCall
from podium.conference.codec import recorded_from_json, recorded_to_json
from podium.conference.commands import Actor, AgendaPlan, Command, Invitation
from podium.conference.decide import decide
from podium.conference.documents import Document, DocumentId, FileKind
from podium.conference.effects import Effect, MediaPlan, effects, plan
from podium.conference.events import Recorded
from podium.conference.evolve import replay
from podium.conference.lifecycle import CONFERENCE
from podium.conference.people import Attendee, Part
from podium.conference.refusals import CATALOGUE, Refusal
from podium.conference.state import (
    Conference,
    Connection,
    Device,
    ItemId,
    ItemKind,
    OrganisationId,
    Phase,
    Program,
    Slot,
    Text,
    VenueId,
    VenueKind,
)

POOL = [VenueId(v) for v in ("beijing", "zhejiang", "henan", "xinjiang", "tibet", "nobody")]
VENUES = st.sampled_from(POOL)
SLOTS = st.sampled_from(Slot)
PROGRAMS = st.builds(Program, *[st.none() | VENUES] * 3)
GUESTS = [VenueId(v) for v in ("guest-a", "guest-b")]
ANY_VENUE = st.sampled_from([*POOL, *GUESTS])
GUEST = st.sampled_from([*GUESTS, VenueId("henan")])
CALLS = st.sampled_from([CallId(i) for i in ("out-1", "out-2", "out-3", "in-a", "in-b")])
NUMBERS = st.sampled_from(["8001", "+86991123456", "no number"])
NAMES = st.sampled_from([Text("来宾", "Guest"), Text("", "")])
ITEMS = st.sampled_from([ItemId(i) for i in ("summary", "deployment", "speech", "none")])
PLANS = st.builds(
    AgendaPlan,
    ITEMS,
    st.sampled_from(ItemKind),
    st.just(Text("项", "Item")),
    st.integers(0, 90).map(lambda m: timedelta(minutes=m)),
    st.none() | VENUES,
)
INVITATIONS = st.builds(
    Invitation,
    VENUES,
    st.sampled_from([OrganisationId("ministry"), OrganisationId("nowhere")]),
    st.just(Text("场", "Venue")),
    st.sampled_from(VenueKind),
    st.integers(0, 9),
    st.lists(NUMBERS, max_size=2).map(tuple),
)
ACTORS = st.sampled_from(
    [OFFICE, CHAIR, OPERATOR, OBSERVER, SYSTEM, *map(venue_actor, [*POOL, *GUESTS])]
)

OFFICE_COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.just(SCHEDULE),
    st.builds(
        c.Reschedule,
        st.just(Text("会", "Conference")),
        st.integers(-9, 9).map(lambda d: NOON + timedelta(days=d)),
    ),
    st.builds(c.ReviseAgenda, st.lists(PLANS, max_size=3).map(tuple)),
    st.builds(c.InviteVenues, st.just(()), st.lists(INVITATIONS, max_size=3).map(tuple)),
    st.builds(c.WithdrawVenue, VENUES),
)
PHASES: st.SearchStrategy[Command] = st.sampled_from(
    [
        c.BeginRehearsal(),
        c.EndRehearsal(),
        c.OpenConference(),
        c.StartSession(),
        c.StartSession(),
        c.Adjourn(),
    ]
)
REPORTS: st.SearchStrategy[Command] = st.one_of(
    st.builds(c.ReportConnection, VENUES, st.sampled_from(Connection), st.just("network")),
    st.builds(c.ReportBlind, VENUES, st.frozensets(SLOTS)),
    st.builds(c.ReportDevices, VENUES, st.sampled_from(Device), st.sampled_from(Device)),
)
CONSOLE: st.SearchStrategy[Command] = st.one_of(
    st.builds(c.StartItem, ITEMS),
    st.builds(c.FinishItem, ITEMS),
    st.builds(c.SetPreview, PROGRAMS),
    st.just(c.Take()),
    st.builds(c.PutOnAir, SLOTS, st.none() | VENUES),
    st.just(c.CutToMain()),
    st.builds(
        c.ShowSlides, st.just(NOON.date()), st.sampled_from([("summary", "growth"), ("map",)])
    ),
    st.builds(c.TurnSlide, st.integers(1, 3)),
    st.just(c.HideSlides()),
    st.builds(c.OpenMicrophone, VENUES),
    st.builds(c.CloseMicrophone, VENUES),
    st.builds(c.CloseAllMicrophones, st.booleans()),
    st.builds(c.SwitchOwnMicrophone, VENUES, st.booleans()),
    st.builds(c.RequestFloor, VENUES),
    st.builds(c.WithdrawRequest, VENUES),
    st.builds(c.GrantFloor, VENUES, st.none() | SLOTS),
    st.builds(c.ReleaseFloor, VENUES),
)
TELEPHONE: st.SearchStrategy[Command] = st.one_of(
    st.builds(c.PlaceCall, ANY_VENUE),
    st.just(c.CallUnconnected()),
    st.builds(c.DialNumber, GUEST, NUMBERS, NAMES),
    st.builds(c.HangUp, ANY_VENUE),
    st.builds(c.AssignGuest, GUEST, ANY_VENUE),
    st.builds(c.RenameGuest, GUEST, NAMES),
    st.builds(c.GrantFloor, GUEST, st.none() | SLOTS),
)
CALL_REPORTS: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        c.ReportCall,
        ANY_VENUE,
        CALLS,
        st.sampled_from(CallStage),
        st.integers(0, 2),
        st.none() | st.sampled_from(CallEnd),
    ),
    st.builds(c.ReportCallEnded, ANY_VENUE, CALLS, st.sampled_from(CallEnd)),
    st.builds(c.ReportNoise, ANY_VENUE, st.booleans()),
    st.builds(c.JoinByTelephone, ANY_VENUE, CALLS.filter(lambda i: i.startswith("in"))),
    st.builds(c.GuestArrives, GUEST, CALLS.filter(lambda i: i.startswith("in"))),
    st.builds(c.FallBack, ANY_VENUE),
    st.builds(c.ReleaseFallback, ANY_VENUE),
    st.just(c.LoseCalls()),
)
WORDS = st.sampled_from([Text("甲", "A"), Text("乙", "B"), Text("", "")])
PEOPLE = st.builds(Attendee, WORDS, WORDS, WORDS, st.sampled_from(Part))
MINUTES: st.SearchStrategy[Command] = st.one_of(
    st.builds(c.SignPeopleIn, ANY_VENUE, st.lists(PEOPLE, max_size=2).map(tuple)),
    st.builds(c.ExcuseVenue, ANY_VENUE, st.booleans()),
    st.builds(c.SetPlace, WORDS),
    st.builds(c.SwitchRecording, st.booleans()),
    st.builds(c.NotePoints, ITEMS, st.lists(WORDS, max_size=2).map(tuple)),
)
DOCUMENT_IDS = st.sampled_from([DocumentId("paper"), DocumentId("table")])
DOCUMENTS: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        c.AttachDocument,
        st.builds(
            Document,
            DOCUMENT_IDS,
            st.sampled_from(["paper.pdf", "a/b.pdf"]),
            st.just(FileKind.PDF),
            st.sampled_from(["0" * 64, "1" * 64]),
            st.just(1),
            st.none() | ITEMS,
            st.booleans(),
        ),
    ),
    st.builds(c.ShareDocument, DOCUMENT_IDS, st.booleans()),
    st.builds(c.RemoveDocument, DOCUMENT_IDS),
)
ANYTHING = st.one_of(
    MINUTES,
    DOCUMENTS,
    OFFICE_COMMANDS,
    PHASES,
    REPORTS,
    CONSOLE,
    TELEPHONE,
    CALL_REPORTS,
    st.just(c.CloseConference()),
)


class World:
    """What an obedient media engine shows and plays after the effects it was given."""

    def __init__(self) -> None:
        self.room = False
        self.program: dict[Slot, VenueId] = {}
        self.preview: dict[Slot, VenueId] = {}
        self.live: set[VenueId] = set()
        self.recording = False

    def obey(self, todo: tuple[Effect, ...]) -> World:
        for effect in todo:
            assert self.room or isinstance(effect, f.OpenRoom)
            match effect:
                case f.OpenRoom():
                    assert not self.room
                    self.room = True
                case f.CloseRoom():
                    self.__init__()  # type: ignore[misc]
                case f.ShowInSlot(slot, venue):
                    self._show(self.program, slot, venue)
                case f.ShowInPreview(slot, venue):
                    self._show(self.preview, slot, venue)
                case f.SwitchMicrophone(venue, live):
                    assert live is (venue not in self.live)
                    (self.live.add if live else self.live.discard)(venue)
                case f.RecordProgram(on):
                    assert on is not self.recording
                    self.recording = on
                case f.DetachVenue(venue):
                    self.live.discard(venue)
        return self

    @staticmethod
    def _show(pictures: dict[Slot, VenueId], slot: Slot, venue: VenueId | None) -> None:
        if venue is None:
            del pictures[slot]
        else:
            pictures[slot] = venue


class Exchange:
    """The calls of an obedient telephone, and as whom each is put through. Whose a call is that
    is still dialled does not matter to it: what it reports is found by the call's identifier, as
    a guest may be assigned to a venue meanwhile."""

    def __init__(self) -> None:
        self.calls: dict[CallId, VenueId | None] = {}

    def obey(self, todo: tuple[t.CallEffect, ...]) -> Exchange:
        for effect in todo:
            match effect:
                case t.DialCall(call, _, numbers, _):
                    assert numbers
                    self.calls[call] = None
                case t.ConnectCall(call, venue):
                    assert self.calls.get(call) != venue
                    self.calls[call] = venue
                case t.DropCall(call, _):
                    del self.calls[call]
        return self


class ConferenceMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state: Conference | None = None
        self.entries: list[Recorded] = []
        self.now = NOON
        self.plan: MediaPlan | None = None
        self.world = World()
        self.call_plan: t.TelephonePlan | None = None
        self.exchange = Exchange()
        self.snapshot: Conference | None = None
        self.snapshot_seq = 0

    def ask(self, command: Command, actor: Actor) -> None:
        before = replace(self.state) if self.state is not None else None
        decision = decide(self.state, command, actor, self.now)
        assert self.state == before
        if isinstance(decision, Refusal):
            assert CATALOGUE[decision.code] is decision
            return
        new = [
            Recorded(len(self.entries) + n, self.now, actor, event)
            for n, event in enumerate(decision, 1)
        ]
        for entry in new:
            assert recorded_from_json(recorded_to_json(entry)) == entry
        phase = None if self.state is None else self.state.phase
        self.state = replay(new, self.state)
        self.entries += new
        assert self.state is not None
        if phase is not None and phase is not self.state.phase:
            assert self.state.phase in CONFERENCE.targets(command.type)
        self._repeat(command, actor)
        wanted = plan(self.state)
        self.world.obey(effects(self.plan, wanted))
        self.plan = wanted
        calls = t.telephone_plan(self.state)
        self.exchange.obey(t.call_effects(self.call_plan, calls))
        self.call_plan = calls

    def _repeat(self, command: Command, actor: Actor) -> None:
        """What has just been done is done: asking again does nothing, except for a swap."""
        again = decide(self.state, command, actor, self.now)
        if not isinstance(command, c.Take) and not isinstance(again, Refusal):
            assert again == ()

    @initialize(through=st.sampled_from(["scheduled", "open", "session"]))
    def begin(self, through: str) -> None:
        self.ask(SCHEDULE, OFFICE)
        if through != "scheduled":
            self.ask(c.OpenConference(), OFFICE)
            for venue in POOL[:3]:
                self.ask(c.ReportConnection(venue, Connection.CONNECTED), SYSTEM)
            numbered = (replace(i, telephones=("8001", "8002")) for i in SCHEDULE.venues[1:])
            self.ask(c.InviteVenues((), tuple(numbered)), CHAIR)
        if through == "session":
            self.ask(c.StartSession(), CHAIR)

    @rule(command=ANYTHING, actor=ACTORS)
    def anybody_asks_anything(self, command: Command, actor: Actor) -> None:
        self.ask(command, actor)

    @rule(command=CONSOLE)
    def the_console_works(self, command: Command) -> None:
        self.ask(command, CHAIR)

    @rule(command=CONSOLE, venue=VENUES)
    def a_venue_acts(self, command: Command, venue: VenueId) -> None:
        self.ask(command, venue_actor(venue))

    @rule(command=PHASES)
    def the_conference_goes_on(self, command: Command) -> None:
        self.ask(command, CHAIR)

    @rule(command=OFFICE_COMMANDS)
    def the_office_prepares(self, command: Command) -> None:
        self.ask(command, OFFICE)

    @rule(command=REPORTS)
    def podium_reports(self, command: Command) -> None:
        self.ask(command, SYSTEM)

    @rule(command=TELEPHONE)
    def the_console_telephones(self, command: Command) -> None:
        self.ask(command, CHAIR)

    @rule(command=CALL_REPORTS)
    def the_telephone_reports(self, command: Command) -> None:
        self.ask(command, SYSTEM)

    @rule(minutes=st.integers(1, 60))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def a_client_takes_a_snapshot(self) -> None:
        self.snapshot, self.snapshot_seq = self.state, len(self.entries)

    @rule()
    def replay_equals_live(self) -> None:
        assert replay(self.entries) == self.state

    @invariant()
    def snapshot_and_later_events_equal_fresh(self) -> None:
        assert replay(self.entries[self.snapshot_seq :], self.snapshot) == self.state

    @invariant()
    def a_fresh_engine_would_do_the_same(self) -> None:
        fresh = World().obey(effects(None, plan(self.state)))
        assert vars(fresh) == vars(self.world)

    @invariant()
    @precondition(lambda self: self.state is not None)
    def calls_are_as_the_state_has_them(self) -> None:
        assert self.state is not None
        standing = [
            (v.id, v.call) for v in self.state.venues.values() if isinstance(v.call, StandingCall)
        ]
        assert len({call.id for _, call in standing}) == len(standing)
        through = {call.id: id_ if call.joined else None for id_, call in standing}
        assert self.exchange.calls == through
        fresh = Exchange().obey(t.call_effects(None, t.telephone_plan(self.state)))
        assert fresh.calls == self.exchange.calls
        if self.state.phase in (Phase.SCHEDULED, Phase.CLOSED):
            assert not standing

    @invariant()
    @precondition(lambda self: self.state is not None)
    def the_state_makes_sense(self) -> None:
        state = self.state
        assert state is not None
        known = state.venues.keys()
        holders = [h.venue for h in state.floor.holders]
        queue = [q.venue for q in state.floor.queue]
        speaking = [v.id for v in state.venues.values() if v.microphone.opened_by_chair]
        assert state.program.venues() | state.preview.venues() | {*holders, *queue} <= known
        assert len({*holders, *queue}) == len(holders) + len(queue)
        assert sum(v.kind is VenueKind.MAIN for v in state.venues.values()) <= 1
        orders = [(v.order, v.id) for v in state.venues.values()]
        assert orders == sorted(orders)
        if state.phase not in (Phase.IN_SESSION, Phase.REHEARSAL):
            assert not speaking
            assert not holders
            assert state.program == Program()
        if state.slides is not None:
            assert state.phase not in (Phase.SCHEDULED, Phase.OPEN, Phase.CLOSED)
            assert 1 <= state.slides.page <= len(state.slides.pages)
        running = [i for i in state.agenda if i.started_at and not i.finished_at]
        assert [i.id for i in running] == ([state.current_item] if state.current_item else [])


TestConference = ConferenceMachine.TestCase
TestConference.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
