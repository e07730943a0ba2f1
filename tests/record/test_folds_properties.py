"""Any log gives a record: nothing raises, nothing goes back in time, nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.conferences import (
    AGENDA,
    CHAIR,
    CONFERENCE,
    NOON,
    ORGANISATIONS,
    SYSTEM,
    VENUES,
)

from podium.conference import events as e
from podium.conference.calls import CallEnd, CallId, CallPurpose, CallStage
from podium.conference.documents import Document, DocumentId, FileKind
from podium.conference.events import Event, Recorded
from podium.conference.state import (
    Connection,
    ItemId,
    Phase,
    Program,
    Slot,
    Text,
    VenueId,
)
from podium.record.folds.record import record_of
from podium.record.folds.spans import Span, total
from podium.record.folds.timeline import Topic, topic_of
from podium.record.folds.words import SAYINGS

GUEST = VenueId("guest")
VENUE_IDS = st.sampled_from([*(v.id for v in VENUES), VenueId("stranger"), GUEST])
CALLS = st.sampled_from([CallId("one"), CallId("two")])
ITEM_IDS = st.sampled_from([*(i.id for i in AGENDA), ItemId("stranger")])
SOME_VENUE = st.none() | VENUE_IDS
PROGRAMS = st.builds(Program, SOME_VENUE, SOME_VENUE, SOME_VENUE)
DOCUMENTS = st.builds(
    Document,
    st.sampled_from([DocumentId("paper"), DocumentId("table")]),
    st.just("paper.pdf"),
    st.just(FileKind.PDF),
    st.just("0" * 64),
    st.just(1),
    st.none() | ITEM_IDS,
    st.booleans(),
)

EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.just(
        e.ConferenceScheduled(CONFERENCE, Text("题", "T"), NOON, AGENDA, ORGANISATIONS, VENUES)
    ),
    st.builds(e.PhaseChanged, st.sampled_from(Phase)),
    st.builds(e.ItemStarted, ITEM_IDS),
    st.builds(e.ItemFinished, ITEM_IDS),
    st.just(e.AgendaRevised(AGENDA[:1])),
    st.builds(e.VenueWithdrawn, VENUE_IDS),
    st.builds(
        e.VenueConnectionChanged,
        VENUE_IDS,
        st.sampled_from(Connection),
        st.sampled_from([None, "network", "server", "unheard-of"]),
    ),
    st.builds(e.VenueBlindnessChanged, VENUE_IDS, st.frozensets(st.sampled_from(Slot))),
    st.builds(e.ProgramChanged, PROGRAMS),
    st.builds(e.PreviewSet, PROGRAMS),
    st.builds(e.MicrophoneOpened, VENUE_IDS),
    st.builds(e.MicrophoneClosed, VENUE_IDS),
    st.builds(e.OwnMicrophoneSwitched, VENUE_IDS, st.booleans()),
    st.builds(e.FloorRequested, VENUE_IDS),
    st.builds(e.FloorRequestWithdrawn, VENUE_IDS),
    st.builds(e.FloorGranted, VENUE_IDS),
    st.builds(e.FloorReleased, VENUE_IDS),
    st.builds(e.VenueExcused, VENUE_IDS, st.booleans()),
    st.builds(e.PeopleSignedIn, VENUE_IDS, st.just(())),
    st.builds(e.RecordingSwitched, st.booleans()),
    st.builds(e.PlaceSet, st.just(Text("地", "Place"))),
    st.builds(e.PointsNoted, ITEM_IDS, st.just((Text("点", "Point"),))),
    st.builds(e.DocumentAttached, DOCUMENTS),
    st.builds(e.DocumentShared, DOCUMENTS.map(lambda d: d.id), st.booleans()),
    st.builds(e.DocumentRemoved, DOCUMENTS.map(lambda d: d.id)),
    st.builds(e.CallBegan, VENUE_IDS, CALLS, st.sampled_from(CallPurpose)),
    st.builds(e.CallProgressed, VENUE_IDS, CALLS, st.sampled_from(CallStage)),
    st.builds(e.CallEnded, VENUE_IDS, CALLS, st.sampled_from(CallEnd)),
    st.builds(e.GuestAdded, st.just(GUEST), st.just(Text("客", "Guest")), st.just(())),
    st.builds(e.GuestAssigned, st.just(GUEST), VENUE_IDS),
)


@st.composite
def logs(draw: st.DrawFn) -> tuple[Recorded, ...]:
    steps = draw(st.lists(st.tuples(EVENTS, st.integers(0, 600)), min_size=1, max_size=40))
    at, entries = NOON, []
    for seq, (event, seconds) in enumerate(steps, 1):
        at += timedelta(seconds=seconds)
        entries.append(Recorded(seq, at, draw(st.sampled_from([CHAIR, SYSTEM])), event))
    return tuple(entries)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(logs(), st.integers(-3600, 3600))
def test_folds_are_total_and_respect_the_order(entries: tuple[Recorded, ...], ahead: int) -> None:
    now = entries[-1].at + timedelta(seconds=ahead)
    record = record_of(entries, now)
    assert record is not None
    assert [line.seq for line in record.timeline] == [entry.seq for entry in entries]
    spans: list[Span] = [
        *(h.span for h in record.floor),
        *(m.span for m in record.microphones),
        *(a.span for a in record.aired),
        *(p.span for p in record.periods.periods),
        *(i.span for i in record.incidents),
        *(i.ran for i in record.agenda if i.ran is not None),
    ]
    known = {entry.seq: entry for entry in entries}
    for span in spans:
        assert span.ended is None or span.began <= span.ended <= record.as_of
        assert list(span.entries) == sorted(span.entries)
        assert known.keys() >= set(span.entries)
        assert known[span.entries[0]].at == span.began
    for each in (record.floor, record.microphones, record.aired):
        begins = [held.span.began for held in each]
        assert begins == sorted(begins)
    session = total(record.periods.session, record.as_of)
    for attended in record.attendance:
        assert timedelta(0) <= attended.attended <= session
        assert max(attended.video, attended.telephone) <= attended.attended
        assert known.keys() >= set(attended.entries)


@settings(max_examples=100, deadline=None)
@given(logs(), st.data())
def test_what_is_past_does_not_change(entries: tuple[Recorded, ...], data: st.DataObject) -> None:
    """What began and ended before some entry is the same however the log goes on."""
    cut = data.draw(st.integers(1, len(entries)))
    early = record_of(entries[:cut], entries[cut - 1].at)
    whole = record_of(entries, entries[-1].at)
    assert early is not None
    assert whole is not None
    for then, after in (
        ([h.span for h in early.floor], [h.span for h in whole.floor]),
        ([a.span for a in early.aired], [a.span for a in whole.aired]),
        ([m.span for m in early.microphones], [m.span for m in whole.microphones]),
    ):
        for before, now in zip(then, after, strict=False):
            assert before.began == now.began
            assert before.ended in (None, now.ended)


def test_every_kind_of_event_has_words_and_a_topic() -> None:
    kinds = set(get_args(Event))
    assert kinds == SAYINGS.keys()
    blank = e.PhaseChanged(Phase.OPEN)
    assert topic_of(blank) is not Topic.OTHER
