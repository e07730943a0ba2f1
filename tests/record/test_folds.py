"""The folds by given events: a conference is held, and the record says what happened in it."""

from __future__ import annotations

from datetime import timedelta

from tests.support.conferences import (
    BEIJING,
    CHAIR,
    DEPLOYMENT,
    HENAN,
    NOON,
    OFFICE,
    SUMMARY,
    SYSTEM,
    XINJIANG,
    ZHEJIANG,
    Story,
    connected,
    in_session,
    opened,
    rehearsing,
    scheduled,
    venue_actor,
)

from podium.conference import commands as c
from podium.conference.calls import CallId
from podium.conference.commands import Actor, Role
from podium.conference.state import Connection, Program, Slot, Text, VenueId
from podium.record.folds.attendance import Standing, VenueAttendance
from podium.record.folds.incidents import IncidentKind
from podium.record.folds.record import Record, record_of
from podium.record.folds.timeline import Topic

HALL = Actor(Role.SYSTEM, "hall")


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def later(story: Story, by: int) -> Story:
    """Nothing happens for some minutes."""
    return Story(story.state, story.entries, story.now + minutes(by))


def lost(venue: VenueId, reason: str = "network") -> c.ReportConnection:
    return c.ReportConnection(venue, Connection.LOST, reason)


def recorded(story: Story) -> Record:
    record = record_of(story.entries, story.now)
    assert record is not None
    return record


def of(record: Record, venue: VenueId) -> VenueAttendance:
    return next(a for a in record.attendance if a.venue.id == venue)


def test_nothing_recorded_is_no_record() -> None:
    assert record_of((), NOON) is None


def test_before_the_session_everybody_is_pending() -> None:
    record = recorded(opened())
    assert {a.standing for a in record.attendance} == {Standing.PENDING}
    assert record.totals.present == 0


def test_who_was_there_is_present_and_who_never_came_is_absent() -> None:
    record = recorded(later(in_session(), 30).do(CHAIR, c.CloseConference()))
    standings = {a.venue.id: a.standing for a in record.attendance}
    assert standings == {
        BEIJING: Standing.PRESENT,
        ZHEJIANG: Standing.PRESENT,
        HENAN: Standing.PRESENT,
        XINJIANG: Standing.ABSENT,
    }
    assert list(standings) == [BEIJING, ZHEJIANG, HENAN, XINJIANG], "protocol order"
    assert of(record, HENAN).video == of(record, HENAN).attended == minutes(31)
    assert of(record, HENAN).telephone == timedelta(0)
    assert record.totals.in_session == minutes(31)


def test_five_minutes_are_not_late_and_six_are() -> None:
    on_time = later(in_session(), 4).do(SYSTEM, connected(XINJIANG))
    assert of(recorded(on_time), XINJIANG).late is None
    late = later(in_session(), 5).do(SYSTEM, connected(XINJIANG))
    assert of(recorded(late), XINJIANG).late == minutes(6)


def test_whoever_leaves_and_does_not_come_back_left_early() -> None:
    gone = later(in_session(), 10).do(SYSTEM, lost(HENAN))
    assert of(recorded(gone), HENAN).left_early is None, "the session still goes on"
    over = later(gone, 20).do(CHAIR, c.CloseConference())
    assert of(recorded(over), HENAN).left_early == minutes(21)
    back = later(gone, 2).do(SYSTEM, connected(HENAN))
    back = later(back, 20).do(CHAIR, c.CloseConference())
    assert of(recorded(back), HENAN).left_early is None
    assert of(recorded(back), HENAN).attended == minutes(11) + minutes(21)


def test_an_adjournment_and_a_rehearsal_do_not_count() -> None:
    story = rehearsing().do(SYSTEM, connected(XINJIANG), lost(XINJIANG))
    story = story.do(OFFICE, c.EndRehearsal()).do(CHAIR, c.OpenConference(), c.StartSession())
    story = later(story, 10).do(CHAIR, c.Adjourn())
    story = later(story, 60).do(CHAIR, c.StartSession())
    story = later(story, 10).do(CHAIR, c.CloseConference())
    record = recorded(story)
    assert of(record, HENAN).attended == minutes(11) + minutes(11)
    assert of(record, XINJIANG).standing is Standing.ABSENT
    assert record.incidents == ()
    assert [line.rehearsal for line in record.timeline].count(True) == 6


def test_a_venue_that_was_withdrawn_unseen_is_not_absent() -> None:
    record = recorded(in_session().do(CHAIR, c.WithdrawVenue(XINJIANG)))
    assert of(record, XINJIANG).standing is Standing.WITHDRAWN
    assert record.totals.invited == 3


def test_facts_name_the_entries_that_they_rest_on() -> None:
    story = in_session().do(SYSTEM, lost(HENAN)).do(CHAIR, c.CloseConference())
    record = recorded(story)
    by_seq = {entry.seq: entry.event for entry in story.entries}
    kinds = [by_seq[seq].type for seq in of(record, HENAN).entries]
    assert kinds == [
        "conference_scheduled",
        "venue_connection_changed",
        "venue_connection_changed",
    ]


def test_the_floor_from_asking_to_giving_back() -> None:
    story = in_session().do(venue_actor(HENAN), c.RequestFloor(HENAN))
    story = story.do(CHAIR, c.GrantFloor(HENAN, Slot.MAIN), c.GrantFloor(ZHEJIANG))
    story = later(story, 5).do(CHAIR, c.ReleaseFloor(HENAN))
    henan, zhejiang = recorded(story).floor
    assert henan.asked is not None
    assert zhejiang.asked is None
    assert henan.span.length(story.now) == minutes(7)
    assert zhejiang.span.ended is None
    totals = recorded(story).totals
    assert (totals.speeches, totals.speakers, totals.spoke) == (2, 2, minutes(8))


def test_a_request_that_was_withdrawn_is_forgotten() -> None:
    story = in_session().do(venue_actor(HENAN), c.RequestFloor(HENAN), c.WithdrawRequest(HENAN))
    (held,) = recorded(story.do(CHAIR, c.GrantFloor(HENAN))).floor
    assert held.asked is None


def test_microphones_are_open_while_chair_and_venue_agree() -> None:
    story = in_session().do(CHAIR, c.OpenMicrophone(HENAN))
    story = story.do(venue_actor(HENAN), c.SwitchOwnMicrophone(HENAN, closed=True))
    story = story.do(venue_actor(HENAN), c.SwitchOwnMicrophone(HENAN, closed=False))
    spans = [m.span for m in recorded(story).microphones if m.venue == HENAN]
    assert [span.ended is None for span in spans] == [False, True]


def test_what_was_on_air() -> None:
    story = in_session().do(
        CHAIR,
        c.SetPreview(Program(main=HENAN, second=ZHEJIANG)),
        c.Take(),
        c.CutToMain(),
        c.CloseConference(),
    )
    shown = [(a.slot, a.venue) for a in recorded(story).aired]
    assert shown == [
        (Slot.MAIN, BEIJING),
        (Slot.MAIN, HENAN),
        (Slot.SECOND, ZHEJIANG),
        (Slot.MAIN, BEIJING),
    ]
    assert all(a.span.ended is not None for a in recorded(story).aired)


def test_the_agenda_as_planned_and_as_it_went() -> None:
    story = in_session().do(CHAIR, c.StartItem(SUMMARY))
    story = later(story, 24).do(CHAIR, c.StartItem(DEPLOYMENT))
    first, second = recorded(story).agenda
    assert first.planned_at == NOON
    assert second.planned_at == NOON + minutes(20)
    assert first.over(story.now) == minutes(5)
    assert second.ran is not None
    assert second.ran.ended is None


def test_an_item_that_never_began_says_so() -> None:
    _, second = recorded(in_session().do(CHAIR, c.StartItem(SUMMARY))).agenda
    assert second.ran is None
    assert second.over(NOON) is None


def test_incidents_begin_and_end() -> None:
    story = in_session().do(SYSTEM, lost(HENAN))
    story = later(story, 3).do(SYSTEM, connected(HENAN))
    story = story.do(SYSTEM, c.ReportBlind(ZHEJIANG, frozenset({Slot.MAIN})))
    loss, blind = recorded(story).incidents
    assert (loss.kind, loss.venue, loss.reason) == (IncidentKind.LOST, HENAN, "network")
    assert loss.span.length(story.now) == minutes(4)
    assert (blind.kind, blind.reason, blind.span.ended) == (IncidentKind.BLIND, "main", None)


def test_a_restart_is_one_incident_however_many_venues_it_lost() -> None:
    story = in_session()
    at = story.now
    for venue in (BEIJING, ZHEJIANG, HENAN):
        story = Story(story.state, story.entries, at).do(HALL, lost(venue, "server"))
    kinds = [i.kind for i in recorded(story).incidents]
    assert kinds.count(IncidentKind.RESTART) == 1
    assert kinds.count(IncidentKind.LOST) == 3
    assert recorded(story).totals.restarts == 1


def test_the_timeline_says_everything_in_both_languages() -> None:
    story = in_session().do(CHAIR, c.StartItem(SUMMARY)).do(SYSTEM, lost(HENAN))
    story = story.do(CHAIR, c.Adjourn(), c.StartSession())
    record = recorded(story)
    assert [line.seq for line in record.timeline] == [entry.seq for entry in story.entries]
    words = {line.words.zh: line.words.en for line in record.timeline}
    assert words["会议开始"] == "The session began"
    assert words["会议继续"] == "The session went on"
    assert words["议程开始：总结"] == "Agenda item began: Summary"
    assert words["henan：掉线（网络无应答）"] == "henan was lost (the network does not answer)"
    item = next(line for line in record.timeline if line.topic is Topic.VENUE and line.item)
    assert item.item == SUMMARY
    assert item.elapsed == minutes(2)


def test_names_are_those_last_written() -> None:
    story = scheduled().do(OFFICE, c.Reschedule(Text("新", "New"), NOON + minutes(5)))
    record = recorded(story)
    assert record.cast.title == Text("新", "New")
    assert record.agenda[0].planned_at == NOON + minutes(5)


CALL = CallId("call-1")


def test_a_venue_on_the_telephone_attends_by_telephone() -> None:
    story = in_session().do(SYSTEM, c.JoinByTelephone(XINJIANG, CALL))
    story = later(story, 20).do(CHAIR, c.CloseConference())
    attended = of(recorded(story), XINJIANG)
    assert (attended.standing, attended.late) == (Standing.PRESENT, None)
    assert (attended.video, attended.telephone) == (timedelta(0), minutes(21))
    assert recorded(story).totals.by_telephone == 1


def test_picture_and_telephone_at_once_count_once() -> None:
    story = in_session().do(SYSTEM, c.JoinByTelephone(HENAN, CALL))
    story = later(story, 9).do(CHAIR, c.CloseConference())
    attended = of(recorded(story), HENAN)
    assert (attended.video, attended.telephone) == (minutes(11), minutes(10))
    assert attended.attended == minutes(11)


def test_a_guest_that_turned_out_to_be_a_venue_was_that_venue() -> None:
    guest = VenueId("guest-1")
    story = in_session().do(SYSTEM, c.GuestArrives(guest, CALL))
    story = story.do(CHAIR, c.GrantFloor(guest))
    unknown = recorded(story)
    assert unknown.totals.guests == 1
    assert [h.venue for h in unknown.floor] == [guest]
    story = story.do(CHAIR, c.AssignGuest(guest, XINJIANG), c.CloseConference())
    record = recorded(story)
    assert record.totals.guests == 0
    assert of(record, XINJIANG).telephone == minutes(3)
    assert [h.venue for h in record.floor] == [XINJIANG]
    assert guest not in {a.venue.id for a in record.attendance}


def test_an_excused_venue_that_stays_away_is_excused_and_one_that_comes_is_present() -> None:
    story = in_session().do(CHAIR, c.ExcuseVenue(XINJIANG), c.ExcuseVenue(HENAN))
    record = recorded(story.do(CHAIR, c.CloseConference()))
    assert of(record, XINJIANG).standing is Standing.EXCUSED
    assert of(record, HENAN).standing is Standing.PRESENT
    assert (record.totals.excused, record.totals.absent) == (1, 0)
    back = story.do(CHAIR, c.ExcuseVenue(XINJIANG, excused=False), c.CloseConference())
    assert of(recorded(back), XINJIANG).standing is Standing.ABSENT
