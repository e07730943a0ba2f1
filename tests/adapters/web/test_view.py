"""What clients see, and that a snapshot with deltas is a fresh snapshot, for any two states."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.conferences import (
    AGENDA,
    BEIJING,
    CHAIR,
    HENAN,
    MINISTRY,
    NOON,
    OFFICE,
    OPERATOR,
    ORGANISATIONS,
    SCHEDULE,
    SUMMARY,
    SYSTEM,
    XINJIANG,
    ZHEJIANG,
    Story,
    in_session,
    scheduled,
    venue_actor,
)

from podium.conference import commands as c
from podium.conference.calls import CallEnd, CallId, CallStage
from podium.conference.codec import recorded_to_json
from podium.conference.commands import Actor, Command, Invitation
from podium.conference.documents import Document, DocumentId, FileKind
from podium.conference.people import Attendee
from podium.conference.state import (
    Conference,
    Connection,
    Device,
    Microphone,
    Organisation,
    OrganisationId,
    Program,
    Slot,
    Text,
    Venue,
    VenueId,
    VenueKind,
)
from podium.web.frames import Moment, Step, delta_text, snapshot_text
from podium.web.shapes_live import SERVER, ConsoleView, StationView
from podium.web.view import AnyStation, Audience, Console, Station, affected, delta, view
from podium.web.view_telephone import without_numbers

VENUES = (BEIJING, ZHEJIANG, HENAN, XINJIANG, VenueId("hainan"))
AUDIENCES: tuple[Audience, ...] = (
    Console(),
    Console(numbers=False),
    AnyStation(),
    *(Station(v) for v in VENUES),
)
HAINAN = Invitation(
    VENUES[-1],
    OrganisationId("hainan-department"),
    Text("海南", "Hainan"),
    VenueKind.BRANCH,
    9,
)
NEW_ORGANISATION = Organisation(
    OrganisationId("hainan-department"), Text("海南省", "Hainan"), MINISTRY, 9
)
PAPER = Document(DocumentId("paper"), "议程.pdf", FileKind.PDF, "0" * 64, 9, SUMMARY)


def apply(seen: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    """What a client does with a delta."""
    venues = {**seen["venues"], **message["venues"]}
    for gone in message["gone"]:
        del venues[gone]
    return {**seen, **message["set"], "venues": venues}


# --- any conference


def venue_commands(venue: VenueId) -> st.SearchStrategy[tuple[Actor, Command]]:
    by_chair: list[Command] = [
        c.GrantFloor(venue),
        c.GrantFloor(venue, Slot.SECOND),
        c.ReleaseFloor(venue),
        c.OpenMicrophone(venue),
        c.CloseMicrophone(venue),
        c.WithdrawRequest(venue),
        c.PutOnAir(Slot.MAIN, venue),
        c.PutOnAir(Slot.CONTENT, venue),
        c.SetPreview(Program(venue)),
        c.WithdrawVenue(venue),
        c.SignPeopleIn(
            venue, (Attendee(Text("甲", "A"), Text("长", "Head"), Text("厅", "Office")),)
        ),
        c.ExcuseVenue(venue),
        c.SetPlace(Text("北京", "Beijing")),
        c.SwitchRecording(True),
        c.SwitchRecording(False),
        c.NotePoints(SUMMARY, (Text("点", "Point"),)),
        c.AttachDocument(PAPER),
        c.ShareDocument(PAPER.id),
        c.ShareDocument(PAPER.id, shared=False),
        c.RemoveDocument(PAPER.id),
    ]
    by_itself: list[Command] = [
        c.RequestFloor(venue),
        c.SwitchOwnMicrophone(venue, True),
        c.SwitchOwnMicrophone(venue, False),
        c.ReportDevices(venue, Device.WORKING, Device.DENIED),
    ]
    call = CallId("out-1")
    by_chair += [c.PlaceCall(venue), c.HangUp(venue), c.CallUnconnected()]
    by_parts: list[Command] = [
        c.JoinByTelephone(venue, CallId(f"in-{venue}")),
        c.ReportCall(venue, call, CallStage.RINGING, 1, CallEnd.BUSY),
        c.ReportCall(venue, call, CallStage.JOINED),
        c.ReportCallEnded(venue, call, CallEnd.NO_ANSWER),
        c.ReportNoise(venue, noisy=True),
        c.ReportBlind(venue, frozenset({Slot.MAIN})),
        *(c.ReportConnection(venue, to) for to in Connection if to is not Connection.ABSENT),
    ]
    return (
        st.sampled_from(by_chair).map(lambda command: (CHAIR, command))
        | st.sampled_from(by_itself).map(lambda command: (venue_actor(venue), command))
        | st.sampled_from(by_parts).map(lambda command: (SYSTEM, command))
    )


GUEST = VenueId("guest-a")
NUMBERED = tuple(replace(i, telephones=("8001", "+86991123456")) for i in SCHEDULE.venues[1:])
GENERAL: list[tuple[Actor, Command]] = [
    (CHAIR, c.InviteVenues((), NUMBERED)),
    (SYSTEM, c.GuestArrives(GUEST, CallId("in-g"), ("13900000000",))),
    (CHAIR, c.AssignGuest(GUEST, XINJIANG)),
    (CHAIR, c.GrantFloor(GUEST, Slot.SECOND)),
    (OFFICE, c.Reschedule(Text("新会议", "New title"), NOON)),
    (OFFICE, c.InviteVenues((*ORGANISATIONS, NEW_ORGANISATION), (HAINAN,))),
    (OFFICE, c.InviteVenues(ORGANISATIONS, (replace(HAINAN, organisation=MINISTRY),))),
    (OFFICE, c.ReviseAgenda(AGENDA[:1])),
    (OFFICE, c.BeginRehearsal()),
    (OFFICE, c.EndRehearsal()),
    (CHAIR, c.OpenConference()),
    (CHAIR, c.StartSession()),
    (CHAIR, c.Adjourn()),
    (CHAIR, c.StartItem(SUMMARY)),
    (CHAIR, c.FinishItem(SUMMARY)),
    (OPERATOR, c.Take()),
    (OPERATOR, c.CutToMain()),
    (OPERATOR, c.CloseAllMicrophones()),
]
ASKED = st.lists(
    st.sampled_from(GENERAL) | st.sampled_from(VENUES).flatmap(venue_commands),
    min_size=1,
    max_size=30,
)


def states(begin: Story, asked: list[tuple[Actor, Command]]) -> list[Conference]:
    """Refused commands change nothing."""
    story, found = begin, [begin.conference]
    for actor, command in asked:
        if isinstance(story.ask(command, actor), tuple):
            story = story.do(actor, command)
            found.append(story.conference)
    return found


@pytest.mark.parametrize("begin", [scheduled(), in_session()], ids=["scheduled", "in session"])
@settings(max_examples=150, deadline=None)
@given(asked=ASKED, data=st.data())
def test_a_snapshot_and_deltas_are_a_fresh_snapshot(
    begin: Story, asked: list[tuple[Actor, Command]], data: st.DataObject
) -> None:
    every = states(begin, asked)
    first = data.draw(st.integers(0, len(every) - 1))
    second = data.draw(st.integers(first, len(every) - 1))
    path = [every[first], every[second], every[-1]]
    for audience in AUDIENCES:
        seen = view(path[0], audience)
        for before, after in pairwise(path):
            change = delta(before, after, audience)
            seen = apply(seen, {"set": change.set, "venues": change.venues, "gone": change.gone})
            assert seen == view(after, audience)


@settings(max_examples=150, deadline=None)
@given(asked=ASKED, data=st.data())
def test_stations_that_are_not_affected_share_one_delta(
    asked: list[tuple[Actor, Command]], data: st.DataObject
) -> None:
    every = states(in_session(), asked)
    before, after = every[data.draw(st.integers(0, len(every) - 1))], every[-1]
    named = affected(before, after)
    shared = delta(before, after, AnyStation())
    for venue in VENUES:
        if named is not None and venue not in named:
            assert delta(before, after, Station(venue)) == shared


@settings(max_examples=50, deadline=None)
@given(asked=ASKED)
def test_every_message_has_its_declared_shape(asked: list[tuple[Actor, Command]]) -> None:
    every = states(in_session(), asked)
    before = Moment(1, NOON, every[0])
    after = Moment(9, NOON, every[-1])
    for audience in AUDIENCES:
        whole = view(every[-1], audience)
        (ConsoleView if isinstance(audience, Console) else StationView).model_validate(whole)
        snapshot = snapshot_text(after, audience, {"role": "operator"}, NOON)
        SERVER.validate_json(snapshot)
        tail = Step(before, after).tail(audience)
        if tail is not None:
            message = json.loads(delta_text(3, tail))
            SERVER.validate_python(message)
            assert (message["base"], message["seq"]) == (3, 9)
            assert apply(view(every[0], audience), message) == whole


# --- what is in it


def test_a_station_sees_others_by_name_alone() -> None:
    state = in_session().do(venue_actor(HENAN), c.RequestFloor(HENAN)).conference
    seen = view(state, Station(HENAN))
    assert set(seen["venues"]) == {HENAN, BEIJING}
    assert seen["venues"][HENAN]["floor"] == 1
    assert seen["venues"][HENAN]["connection"] == "connected"
    assert seen["venues"][BEIJING]["on_air"] == ["main"]
    assert "connection" not in seen["venues"][BEIJING]
    assert [o["id"] for o in seen["organisations"]] == ["henan-department", MINISTRY]


def test_a_station_sees_its_own_place_in_the_queue_alone() -> None:
    story = in_session()
    for venue in (HENAN, ZHEJIANG):
        story = story.do(venue_actor(venue), c.RequestFloor(venue))
    seen = view(story.conference, Station(ZHEJIANG))
    assert [entry["venue"] for entry in seen["floor"]["queue"]] == [ZHEJIANG]
    assert seen["venues"][ZHEJIANG]["floor"] == 2
    queue = view(story.conference, Console())["floor"]["queue"]
    assert [entry["venue"] for entry in queue] == [HENAN, ZHEJIANG]


@pytest.mark.parametrize(
    ("microphone", "word"),
    [
        (Microphone(opened_by_chair=True), "open"),
        (Microphone(opened_by_chair=True, closed_at_venue=True), "closed_at_venue"),
        (Microphone(), "closed_by_chair"),
        (Microphone(closed_at_venue=True), "closed_by_chair"),
    ],
)
def test_microphone_words(microphone: Microphone, word: str) -> None:
    state = scheduled().conference
    venues = {**state.venues, HENAN: replace(state.venues[HENAN], microphone=microphone)}
    state = replace(state, venues=MappingProxyType(venues))
    assert view(state, Console())["venues"][HENAN]["microphone"] == word


def many(count: int) -> Conference:
    state = scheduled().conference
    venues = {
        VenueId(f"v{n}"): Venue(
            VenueId(f"v{n}"), MINISTRY, Text(f"会场{n}", f"Venue {n}"), VenueKind.BRANCH, n
        )
        for n in range(count)
    }
    return replace(state, venues=MappingProxyType(venues))


def test_a_change_of_one_venue_among_thousands_is_small_and_quick() -> None:
    before = many(3000)
    one = VenueId("v1500")
    venues = {**before.venues, one: replace(before.venues[one], connection=Connection.CONNECTED)}
    after = replace(before, venues=MappingProxyType(venues))
    change = delta(before, after, Console())
    assert set(change.venues) == {one}
    assert set(change.set) == {"counts"}
    assert not delta(before, after, AnyStation())
    assert affected(before, after) == frozenset({one})
    times = []
    for _ in range(20):
        began = time.perf_counter()
        delta(before, after, Console())
        times.append(time.perf_counter() - began)
    assert min(times) < 0.01, "a console's delta of 3,000 venues takes less than 10 ms"


# --- the telephone


def test_numbers_are_for_consoles_alone() -> None:
    story = in_session().do(CHAIR, c.InviteVenues((), NUMBERED), c.PlaceCall(HENAN))
    story = story.do(SYSTEM, c.GuestArrives(GUEST, CallId("in-g"), ("13900000000",)))
    story = story.do(CHAIR, c.GrantFloor(GUEST))
    told = {a: json.dumps(view(story.conference, a)) for a in AUDIENCES}
    digits = ("8001", "86991123456", "13900000000")
    assert all(number in told[Console()] for number in digits)
    for audience in AUDIENCES[1:]:
        assert not any(number in told[audience] for number in digits), audience
    for entry in story.entries:
        wire = recorded_to_json(without_numbers(entry))
        assert not any(number in wire for number in digits)
        assert without_numbers(entry).event.type == entry.event.type


def test_a_call_is_shown_stage_by_stage() -> None:
    story = in_session().do(CHAIR, c.InviteVenues((), NUMBERED), c.PlaceCall(HENAN))
    second = c.ReportCall(HENAN, CallId("out-1"), CallStage.RINGING, 1, CallEnd.BUSY)
    story = story.do(SYSTEM, second)
    shown = view(story.conference, Console())["venues"][HENAN]
    assert shown["telephones"] == ["8001", "+86991123456"]
    assert shown["call"] == {
        "stage": "ringing",
        "purpose": "called",
        "since": "2023-03-01T12:08:00.000Z",
        "number": "+86991123456",
        "reason": "busy",
        "noisy": False,
    }
    own = view(story.conference, Station(HENAN))["venues"][HENAN]
    assert (own["telephones"], own["call"]) == ([], shown["call"] | {"number": None})
    ended = story.do(SYSTEM, c.ReportCallEnded(HENAN, CallId("out-1"), CallEnd.WRONG_NUMBER))
    call = view(ended.conference, Console())["venues"][HENAN]["call"]
    assert (call["stage"], call["reason"]) == ("ended", "wrong_number")
    assert view(story.conference, Console())["venues"][ZHEJIANG]["call"] is None


def test_counts_tell_who_is_here_by_telephone_and_leave_guests_apart() -> None:
    story = in_session().do(SYSTEM, c.JoinByTelephone(XINJIANG, CallId("in-x")))
    story = story.do(SYSTEM, c.JoinByTelephone(HENAN, CallId("in-h")))
    counts = view(story.do(SYSTEM, c.GuestArrives(GUEST, CallId("in-g"))).conference, Console())
    wanted = {"invited": 4, "present": 4, "connected": 3, "absent": 1, "telephone": 2, "guests": 1}
    assert counts["counts"] | wanted == counts["counts"]
