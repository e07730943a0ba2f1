"""The communique: every fact of the model case, links, gaps, and what may be done to it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record.model_case import MAIN, MORNING, held, scheduled
from tests.support.conferences import CHAIR, Story

from podium.conference import commands as c
from podium.conference.people import POINTS_MOST, Attendee, Part
from podium.conference.state import Text, VenueId
from podium.demo.model_facts import FACTS, Fact
from podium.record.communique import decide as d
from podium.record.communique import events as e
from podium.record.communique.decide import decide
from podium.record.communique.document import Document, document, text_hash
from podium.record.communique.draft import draft
from podium.record.communique.regions import PHRASES_MOST, Body, phrases
from podium.record.communique.values import Gap, Piece, Sentence
from podium.record.folds.record import record_of
from podium.values.refusal import Refusal

BEIJING_TIME = ZoneInfo("Asia/Shanghai")
EDITOR = e.Author("account-1", "editor")


def drafted(story: Story) -> tuple[Piece, ...]:
    record = record_of(story.entries, story.now)
    assert record is not None
    return draft(record, BEIJING_TIME)


@pytest.fixture(scope="module")
def model() -> tuple[Story, tuple[Piece, ...]]:
    story = held()
    return story, drafted(story)


def sentence(pieces: tuple[Piece, ...], id_: str) -> Sentence:
    found = next(p for p in pieces if p.id == id_)
    assert isinstance(found, Sentence), found
    return found


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.words.en)
def test_every_fact_of_the_model_case_is_stated(
    model: tuple[Story, tuple[Piece, ...]], fact: Fact
) -> None:
    found = sentence(model[1], fact.sentence)
    assert fact.stated(found.zh, found.en)


def test_all_venues_of_the_model_case_attended(model: tuple[Story, tuple[Piece, ...]]) -> None:
    record = record_of(model[0].entries, model[0].now)
    assert record is not None
    assert (record.totals.invited, record.totals.present) == (54, 54)
    numbers = sentence(model[1], "numbers")
    assert (numbers.zh, numbers.en) == ("共有53个分会场参加会议。", "53 branch venues took part.")


def test_no_fact_is_stated_that_did_not_happen(model: tuple[Story, tuple[Piece, ...]]) -> None:
    """Each fact hangs on what was recorded: without that it is not stated."""
    bare = drafted(scheduled().do(CHAIR, c.OpenConference(), c.StartSession()))
    zh, en = ("\n".join(getattr(p, of) for p in bare) for of in ("zh", "en"))
    stated = {fact.words.en for fact in FACTS if fact.stated(zh, en)}
    assert stated == {
        "On 1 March 2023",
        "National Consumption Promotion Work Video and Telephone Conference",
    }


def test_the_model_case_leaves_no_gap(model: tuple[Story, tuple[Piece, ...]]) -> None:
    assert [p for p in model[1] if isinstance(p, Gap)] == []


def test_every_sentence_rests_on_entries_of_the_right_kinds(
    model: tuple[Story, tuple[Piece, ...]],
) -> None:
    story, pieces = model
    kinds = {entry.seq: entry.event.type for entry in story.entries}
    rests = {p.id: {kinds[seq] for seq in p.entries} for p in pieces if isinstance(p, Sentence)}
    assert rests == {
        "opening": {"conference_scheduled", "place_set", "phase_changed"},
        "done": {"conference_scheduled", "item_started", "item_finished"},
        "spoke": {"people_signed_in", "conference_scheduled", "item_started", "item_finished"},
        "points-item-3": {
            "points_noted",
            "conference_scheduled",
            "item_started",
            "item_finished",
        },
        "main-venue": {"people_signed_in", "conference_scheduled", "venue_connection_changed"},
        "branch-venues": {"people_signed_in", "conference_scheduled", "venue_connection_changed"},
        "numbers": {"conference_scheduled", "venue_connection_changed"},
    }


def test_who_was_absent_is_not_said_to_have_attended() -> None:
    hainan, shanxi = VenueId("460000"), VenueId("140000")
    text = sentence(drafted(held(absent=[hainan, shanxi])), "branch-venues")
    assert "29个省、自治区、直辖市商务主管部门" in text.zh
    assert "the commerce departments of 29 provinces" in text.en
    assert "各省" not in text.zh


def test_who_did_not_sign_in_is_a_gap() -> None:
    pieces = drafted(held(unsigned=[VenueId("460000")]))
    gap = next(p for p in pieces if p.id == "branch-people")
    assert isinstance(gap, Gap)
    assert "1个分会场" in gap.zh
    unsigned = sentence(pieces, "branch-venues-unsigned")
    assert unsigned.zh == "海南省商务主管部门在分会场参加会议。"
    main = next(p for p in drafted(held(unsigned=[MAIN])) if p.id == "main-venue")
    assert isinstance(main, Gap)


def test_a_conference_that_was_not_held_is_all_gaps() -> None:
    pieces = drafted(scheduled())
    assert pieces
    assert all(isinstance(p, Gap) for p in pieces)


def test_a_bare_session_states_what_it_has_and_shows_the_rest_as_gaps() -> None:
    story = scheduled().do(CHAIR, c.OpenConference(), c.StartSession())
    gaps = {p.id for p in drafted(story) if isinstance(p, Gap)}
    assert {"place", "main-venue", "branch-venues", "not-held-item-1"} <= gaps
    assert "召开。" in sentence(drafted(story), "opening").zh


def test_the_day_is_that_of_the_place() -> None:
    late = MORNING + timedelta(hours=15)
    story = scheduled().do(CHAIR, c.OpenConference())
    story = Story(story.state, story.entries, late).do(CHAIR, c.StartSession())
    assert sentence(drafted(story), "opening").zh.startswith("2023年3月2日")


def test_a_group_is_complete_or_counted_and_one_body_keeps_its_name() -> None:
    cities = [Body(Text(f"{c}商务局", f"{c} Bureau of Commerce")) for c in ("大连市", "宁波市")]
    (two,) = phrases(cities, cities)
    assert two.zh == "2个计划单列市商务局"
    (one,) = phrases(cities[:1], cities)
    assert one == Text("大连市商务局", "the 大连市 Bureau of Commerce")
    alone = Text("某协会", "The Association")
    assert phrases([Body(alone)], [Body(alone)]) == (alone,)


def test_too_many_bodies_are_counted_by_who_is_above_them_or_at_all() -> None:
    def counties(province: int, count: int) -> list[Body]:
        above = Text(f"省{province}", f"Province {province}")
        return [
            Body(Text(f"{province}县{n}", f"County {province}.{n}"), above) for n in range(count)
        ]

    few = counties(1, PHRASES_MOST)
    assert len(phrases(few, few)) == PHRASES_MOST
    many = [*counties(1, 80), *counties(2, 7)]
    assert phrases(many, many) == (
        Text("省1以下80个单位", "80 bodies below the Province 1"),
        Text("省2以下7个单位", "7 bodies below the Province 2"),
    )
    whole = [body for province in range(PHRASES_MOST + 1) for body in counties(province, 80)]
    assert phrases(whole, whole) == (Text("2480个单位", "2480 bodies"),)
    known = Body(Text("大连市商务局", "Dalian Bureau of Commerce"))
    assert phrases([known, *whole], whole)[1] == Text("其他2480个单位", "2480 other bodies")


@given(st.lists(st.builds(Text, st.text(min_size=1), st.text(min_size=1)), max_size=8))
def test_any_names_can_be_grouped(names: list[Text]) -> None:
    bodies = [Body(name) for name in names]
    assert len(phrases(bodies, bodies)) <= len(names)


def long(number: int) -> Text:
    """As long as a name may be."""
    return Text(f"{number}".ljust(200, "字"), f"{number} ".ljust(200, "x"))


def test_the_longest_lists_make_sentences_that_can_be_kept() -> None:
    """Two hundred speakers and presidents of as many bodies, fifty points under every item."""
    people = tuple(
        Attendee(long(n), long(n), long(n), part)
        for n, part in enumerate([Part.PRESIDES, Part.SPEAKS, Part.ATTENDS, Part.ATTENDS] * 50)
    )
    points = tuple(long(n) for n in range(POINTS_MOST))
    story = held(unsigned=[MAIN]).do(CHAIR, c.SignPeopleIn(MAIN, people))
    for item in story.conference.agenda:
        story = story.do(CHAIR, c.NotePoints(item.id, points))
    pieces = drafted(story)
    entry = e.Entry(1, MORNING, EDITOR, e.Drafted(pieces, len(story.entries), "f" * 64))
    assert e.entry_from_json(e.entry_to_json(entry)) == entry
    assert len({p.id for p in pieces}) == len(pieces)
    noted = "".join(p.en for p in pieces if p.id.startswith("points-item-2"))
    assert all(point.en in noted for point in points)
    spoke = sentence(pieces, "spoke")
    assert "等50人出席会议并讲话。" in spoke.zh
    assert spoke.en.endswith("more people attended and spoke.")


# --- what may be done to it


PIECES: tuple[Piece, ...] = (
    Sentence("opening", "开会。", "It was held.", (1, 2)),
    Gap("place", "地点未记录", "No place"),
)


def written(*commands: e.Command) -> Document:
    """As if each had seen what was before it."""
    entries: list[e.Entry] = []
    for command in commands:
        doc = document(entries)
        decision = decide(doc, command, doc.seq)
        assert not isinstance(decision, Refusal), decision
        at = MORNING + timedelta(minutes=len(entries))
        entries += [
            e.Entry(len(entries) + n, at, EDITOR, event) for n, event in enumerate(decision, 1)
        ]
    for entry in entries:
        assert e.entry_from_json(e.entry_to_json(entry)) == entry
    return document(entries)


DRAFT = e.Redraft(PIECES, 9, "f" * 64)


def test_a_change_is_tracked_with_who_and_when() -> None:
    doc = written(DRAFT, e.Rewrite("opening", "召开。", "Held."))
    tracked = doc.pieces[0]
    assert tracked.piece == Sentence("opening", "召开。", "Held.", (1, 2))
    assert tracked.drafted == PIECES[0]
    assert [change.by for change in tracked.changes] == [EDITOR]


def test_a_gap_that_is_filled_is_a_sentence_without_entries() -> None:
    doc = written(DRAFT, e.Rewrite("place", "在北京。", "In Beijing."))
    assert doc.gaps == ()
    assert doc.pieces[1].piece == Sentence("place", "在北京。", "In Beijing.", ())


def test_sentences_are_inserted_and_removed() -> None:
    doc = written(DRAFT, e.Insert("首。", "First."), e.Insert("次。", "Next.", "opening"))
    assert [p.zh for p in doc.standing] == ["首。", "开会。", "次。", "地点未记录"]
    doc = written(DRAFT, e.Remove("opening"))
    assert [p.id for p in doc.standing] == ["place"]
    assert doc.pieces[0].removed


def test_approval_freezes_the_text_with_its_hash() -> None:
    doc = written(DRAFT, e.Remove("place"), e.Approve())
    assert doc.approval is not None
    assert doc.approval.hash == text_hash(doc)
    for command in (DRAFT, e.Rewrite("opening", "改。", "New."), e.Approve()):
        assert decide(doc, command, doc.seq) is d.FROZEN


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (e.Approve(), d.GAPS_LEFT),
        (e.Rewrite("nothing", "字", "words"), d.UNKNOWN_PIECE),
        (e.Rewrite("opening", " ", "words"), d.BLANK),
        (e.Remove("nothing"), d.UNKNOWN_PIECE),
        (e.Insert("字", " "), d.BLANK),
        (e.Insert("字", "words", "nothing"), d.UNKNOWN_PIECE),
    ],
)
def test_what_is_refused(command: e.Command, refusal: Refusal) -> None:
    doc = written(DRAFT)
    assert decide(doc, command, doc.seq) is refusal


def test_nothing_can_be_edited_before_the_draft_or_approved_without_text() -> None:
    assert decide(Document(), e.Approve(), 0) is d.NO_DRAFT
    doc = written(DRAFT, e.Remove("place"), e.Remove("opening"))
    assert decide(doc, e.Approve(), doc.seq) is d.EMPTY


def test_whoever_has_not_seen_the_newest_change_is_refused() -> None:
    doc = written(DRAFT, e.Remove("place"))
    assert decide(doc, e.Rewrite("opening", "改。", "New."), 1) is d.CHANGED_MEANWHILE


def test_the_same_words_again_change_nothing() -> None:
    doc = written(DRAFT)
    assert decide(doc, e.Rewrite("opening", "开会。", "It was held."), doc.seq) == ()
