"""Commands and events as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.conferences import (
    AGENDA,
    HENAN,
    NOON,
    SCHEDULE,
    in_session,
    venue_actor,
)

from podium.conference import codec
from podium.conference import commands as c
from podium.conference import events as e
from podium.conference.calls import CallEnd
from podium.conference.codec import CodecError
from podium.conference.commands import Actor, Command
from podium.conference.documents import Document, FileKind
from podium.conference.events import Event, Recorded
from podium.conference.people import Attendee
from podium.conference.slides import SLIDES_MOST
from podium.conference.state import ItemId, Program, Slot, Text, VenueId
from podium.values.fields import LONGEST_ITEM

MOMENTS = st.datetimes(timezones=st.just(NOON.tzinfo))
IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64)
TEXTS = st.builds(Text, *[st.text(st.characters(codec="utf-8"), min_size=1, max_size=200)] * 2)


NUMBERS = st.from_regex(r"\+?[0-9]{2,20}", fullmatch=True)
PLANS = st.builds(
    c.AgendaPlan,
    id=IDS,
    title=TEXTS,
    planned=st.timedeltas(timedelta(0), LONGEST_ITEM),
    speaker=st.none() | IDS,
)
DOCUMENTS = st.builds(
    Document,
    id=IDS,
    name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=200),
    kind=st.sampled_from(FileKind),
    digest=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    size=st.integers(1, 2**40),
    item=st.none() | IDS,
    shared=st.booleans(),
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "conference": IDS,
    "document": DOCUMENTS,
    "id": IDS,
    "venue": IDS,
    "item": IDS,
    "guest": IDS,
    "call": IDS,
    "name": TEXTS,
    "number": NUMBERS,
    "telephones": st.lists(NUMBERS, max_size=5).map(tuple),
    "caller": st.lists(NUMBERS, max_size=5).map(tuple),
    "starts_at": MOMENTS,
    "reason": st.none() | st.sampled_from(["network", "left", "server"]),
    "title": TEXTS,
    "agenda": st.lists(PLANS, max_size=3).map(tuple),
    "organisations": st.sampled_from([(), SCHEDULE.organisations]),
    "venues": st.sampled_from([(), SCHEDULE.venues]),
    "place": TEXTS,
    "points": st.lists(TEXTS, max_size=3).map(tuple),
    "people": st.lists(st.builds(Attendee, TEXTS, TEXTS, TEXTS), max_size=3).map(tuple),
    "program": st.builds(Program, *[st.none() | IDS] * 3),
    "day": st.dates(),
    "language": st.sampled_from(["zh", "en"]),
    "pages": st.lists(IDS, min_size=1, max_size=3).map(tuple),
    "page": st.integers(1, SLIDES_MOST),
    "slots": st.frozensets(st.sampled_from(Slot)),
}


def built(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Values of any command or event; the fields not in ``FIELDS`` by their annotation."""
    names = [name for name in kind.__dataclass_fields__ if name != "type"]
    fields = FIELDS | ({"reason": st.sampled_from(CallEnd)} if "call" in names else {})
    return st.builds(kind, **{name: fields[name] for name in names if name in fields})


EVENTS: st.SearchStrategy[Event] = st.one_of(*(built(k) for k in get_args(Event)))
COMMANDS: st.SearchStrategy[Command] = st.one_of(*(built(k) for k in get_args(Command)))
ACTORS = st.builds(Actor, role=st.sampled_from(c.Role), id=IDS, venue=st.none() | IDS)


@settings(max_examples=400)
@given(EVENTS, ACTORS, MOMENTS, st.integers(1, 2**53))
def test_every_entry_comes_back_as_it_was(event: Event, by: Actor, at: Any, seq: int) -> None:
    entry = Recorded(seq, at, by, event)
    assert codec.recorded_from_json(codec.recorded_to_json(entry)) == entry
    assert codec.event_from_json(codec.event_to_json(event)) == event
    assert codec.event_from_json(json.dumps(codec.event_to_wire(event))) == event
    assert json.loads(codec.recorded_to_json(entry)) == codec.recorded_to_wire(entry)
    assert codec.actor_from_json(codec.actor_to_json(by)) == by


@settings(max_examples=400)
@given(COMMANDS)
def test_every_command_comes_back_as_it_was(command: Command) -> None:
    wire = codec.command_to_wire(command)
    assert codec.command_from_wire(wire) == command
    assert codec.command_from_json(json.dumps(wire)) == command


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=9))
def test_any_other_json_is_an_error_of_ours(value: Any) -> None:
    with pytest.raises(CodecError):
        codec.command_from_json(json.dumps(value))


@given(st.binary())
def test_any_bytes_are_an_error_of_ours(data: bytes) -> None:
    with pytest.raises(CodecError):
        codec.command_from_json(data)


def test_what_the_wire_looks_like() -> None:
    assert codec.command_to_wire(replace(SCHEDULE, organisations=(), venues=())) == {
        "type": "schedule_conference",
        "conference": "conference-1",
        "title": {"zh": "全国促消费工作会议", "en": "Consumption Promotion Conference"},
        "starts_at": "2023-03-01T12:00:00Z",
        "agenda": [
            {
                "id": "summary",
                "kind": "summary",
                "title": {"zh": "总结", "en": "Summary"},
                "planned": 1200.0,
                "speaker": "beijing",
            },
            {
                "id": "deployment",
                "kind": "deployment",
                "title": {"zh": "部署", "en": "Deployment"},
                "planned": 1800.0,
                "speaker": "beijing",
            },
        ],
        "organisations": [],
        "venues": [],
        "records": False,
        "notes": [],
    }
    blind = e.VenueBlindnessChanged(HENAN, frozenset(Slot))
    assert codec.event_to_wire(blind)["slots"] == ["content", "main", "second"]


def test_other_offsets_become_utc() -> None:
    wire = codec.command_to_wire(SCHEDULE) | {"starts_at": "2023-03-01T20:00:00+08:00"}
    assert codec.command_from_wire(wire) == SCHEDULE


@pytest.mark.parametrize(
    ("wire", "where"),
    [
        ({}, ""),
        ({"type": "launch"}, ""),
        ({"type": "grant_floor"}, "grant_floor.venue"),
        ({"type": "grant_floor", "venue": 7}, "grant_floor.venue"),
        ({"type": "grant_floor", "venue": ""}, "grant_floor.venue"),
        ({"type": "grant_floor", "venue": "v" * 65}, "grant_floor.venue"),
        ({"type": "grant_floor", "venue": "v", "slots": "main"}, "grant_floor.slots"),
        ({"type": "grant_floor", "venue": "v", "slot": "third"}, "grant_floor.slot"),
        (
            {"type": "switch_own_microphone", "venue": "v", "closed": "yes"},
            "switch_own_microphone.closed",
        ),
        (
            {
                "type": "reschedule",
                "title": {"zh": "会", "en": "x" * 201},
                "starts_at": "2023-03-01T12:00:00Z",
            },
            "reschedule.title.en",
        ),
        (
            {
                "type": "reschedule",
                "title": {"zh": "会", "en": "x"},
                "starts_at": "2023-03-01T12:00:00",
            },
            "reschedule.starts_at",
        ),
    ],
)
def test_what_is_wrong_is_named(wire: dict[str, Any], where: str) -> None:
    with pytest.raises(CodecError) as error:
        codec.command_from_wire(wire)
    assert error.value.problems[0].where == where
    assert error.value.problems[0].what


@pytest.mark.parametrize("planned", [-1, 86401, True, "PT5M", None])
def test_a_length_is_a_number_of_seconds(planned: object) -> None:
    plan = {
        "id": "a",
        "kind": "other",
        "title": {"zh": "项", "en": "Item"},
        "planned": planned,
        "speaker": None,
    }
    with pytest.raises(CodecError, match=r"agenda\.0\.planned"):
        codec.command_from_wire({"type": "revise_agenda", "agenda": [plan]})
    parsed = codec.command_from_wire({"type": "revise_agenda", "agenda": [plan | {"planned": 90}]})
    assert isinstance(parsed, c.ReviseAgenda)
    assert parsed.agenda[0].planned == timedelta(seconds=90)


def test_a_value_that_is_no_json_is_an_error_of_ours() -> None:
    deep: dict[str, Any] = {}
    deep["type"] = deep
    for value in ({"type": object()}, deep):
        with pytest.raises(CodecError):
            codec.command_from_wire(value)


def test_a_whole_record_comes_back() -> None:
    entries = (
        in_session()
        .do(venue_actor(HENAN), c.RequestFloor(HENAN))
        .do(c_chair(), c.ReviseAgenda((replace(AGENDA[0], id=ItemId("more")),)))
        .entries
    )
    assert entries == tuple(codec.recorded_from_json(codec.recorded_to_json(x)) for x in entries)


def c_chair() -> Actor:
    return Actor(c.Role.CHAIR, "chair", None)


def test_identifiers_stay_plain_strings() -> None:
    parsed = codec.command_from_wire({"type": "request_floor", "venue": "v"})
    assert parsed == c.RequestFloor(VenueId("v"))
