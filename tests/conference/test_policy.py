"""Who may do what: every role against every command."""

from __future__ import annotations

from typing import get_args

import pytest
from tests.support.conferences import (
    HENAN,
    OBSERVER,
    OPERATOR,
    SCHEDULE,
    ZHEJIANG,
    in_session,
    venue_actor,
)

from podium.conference import commands as c
from podium.conference import refusals as r
from podium.conference.commands import Actor, Command, Role
from podium.conference.decide import PHASES, RULES
from podium.conference.policy import ALLOWED, objection
from podium.conference.state import Device

COMMANDS: frozenset[type[Command]] = frozenset(get_args(Command))
LETTERS = {
    "o": Role.OFFICE,
    "c": Role.CHAIR,
    "p": Role.OPERATOR,
    "v": Role.VENUE,
    "s": Role.SYSTEM,
}
TABLE = {
    c.ScheduleConference: "o",
    c.Reschedule: "o",
    c.ReviseAgenda: "ocp",
    c.InviteVenues: "ocp",
    c.WithdrawVenue: "ocp",
    c.BeginRehearsal: "ocp",
    c.EndRehearsal: "ocp",
    c.OpenConference: "ocp",
    c.StartSession: "cp",
    c.Adjourn: "cp",
    c.CloseConference: "ocp",
    c.StartItem: "cp",
    c.FinishItem: "cp",
    c.ReportConnection: "s",
    c.ReportDevices: "vs",
    c.ReportBlind: "s",
    c.SetPreview: "cp",
    c.Take: "cp",
    c.PutOnAir: "cp",
    c.CutToMain: "cp",
    c.ShowSlides: "cp",
    c.TurnSlide: "cp",
    c.HideSlides: "cp",
    c.OpenMicrophone: "cp",
    c.CloseMicrophone: "cp",
    c.CloseAllMicrophones: "cp",
    c.SwitchOwnMicrophone: "v",
    c.RequestFloor: "cpv",
    c.WithdrawRequest: "cpv",
    c.GrantFloor: "cp",
    c.ReleaseFloor: "cpv",
    c.SignPeopleIn: "ocpv",
    c.ExcuseVenue: "ocp",
    c.SetPlace: "ocp",
    c.NotePoints: "ocp",
    c.SwitchRecording: "cp",
    c.AttachDocument: "ocp",
    c.ShareDocument: "ocp",
    c.RemoveDocument: "ocp",
    c.PlaceCall: "cp",
    c.CallUnconnected: "cp",
    c.DialNumber: "cp",
    c.HangUp: "cp",
    c.AssignGuest: "cp",
    c.RenameGuest: "cp",
    c.ReportCall: "s",
    c.ReportCallEnded: "s",
    c.ReportNoise: "s",
    c.JoinByTelephone: "s",
    c.GuestArrives: "s",
    c.FallBack: "s",
    c.ReleaseFallback: "s",
    c.LoseCalls: "s",
}


def test_the_table_is_as_agreed() -> None:
    assert set(TABLE) == COMMANDS
    agreed = {command: {LETTERS[x] for x in who} for command, who in TABLE.items()}
    actual = {t: {role for role in Role if t in ALLOWED[role]} for t in COMMANDS}
    assert actual == agreed


def test_every_command_has_a_rule() -> None:
    assert set(RULES) | {c.ScheduleConference} == COMMANDS
    assert set(PHASES) <= COMMANDS


def test_observers_only_look() -> None:
    assert in_session().ask(c.CutToMain(), OBSERVER) is r.NOT_ALLOWED


def test_a_role_that_is_in_no_table_may_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podium.conference.policy.ALLOWED", {})
    assert objection(OPERATOR, c.CutToMain()) is r.NOT_ALLOWED


@pytest.mark.parametrize(
    "command",
    [
        c.RequestFloor(ZHEJIANG),
        c.WithdrawRequest(ZHEJIANG),
        c.ReleaseFloor(ZHEJIANG),
        c.SwitchOwnMicrophone(ZHEJIANG, closed=True),
        c.ReportDevices(ZHEJIANG, Device.WORKING, Device.WORKING),
    ],
)
def test_a_venue_acts_for_itself_only(command: Command) -> None:
    assert objection(venue_actor(HENAN), command) is r.NOT_YOUR_VENUE
    assert objection(venue_actor(ZHEJIANG), command) is None
    assert objection(Actor(Role.VENUE, "nowhere"), command) is r.NOT_YOUR_VENUE


def test_who_may_not_ask_learns_nothing_of_the_state() -> None:
    assert in_session().ask(SCHEDULE, venue_actor(HENAN)) is r.NOT_ALLOWED
