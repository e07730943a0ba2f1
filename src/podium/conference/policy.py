"""Who may do what. What is not in the table is forbidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from podium.conference import commands as c
from podium.conference.commands import Actor, Command, Role
from podium.conference.refusals import NOT_ALLOWED, NOT_YOUR_VENUE, Refusal

_PREPARATION: Final[frozenset[type[Command]]] = frozenset(
    {
        c.ScheduleConference,
        c.Reschedule,
        c.ReviseAgenda,
        c.InviteVenues,
        c.WithdrawVenue,
        c.BeginRehearsal,
        c.EndRehearsal,
        c.OpenConference,
        c.CloseConference,
        c.SignPeopleIn,
        c.ExcuseVenue,
        c.SetPlace,
        c.NotePoints,
        c.AttachDocument,
        c.ShareDocument,
        c.RemoveDocument,
    }
)

_CONSOLE: Final[frozenset[type[Command]]] = frozenset(
    {
        c.ReviseAgenda,
        c.InviteVenues,
        c.WithdrawVenue,
        c.BeginRehearsal,
        c.EndRehearsal,
        c.OpenConference,
        c.StartSession,
        c.Adjourn,
        c.CloseConference,
        c.StartItem,
        c.FinishItem,
        c.SetPreview,
        c.Take,
        c.PutOnAir,
        c.CutToMain,
        c.ShowSlides,
        c.TurnSlide,
        c.HideSlides,
        c.OpenMicrophone,
        c.CloseMicrophone,
        c.CloseAllMicrophones,
        c.RequestFloor,
        c.WithdrawRequest,
        c.GrantFloor,
        c.ReleaseFloor,
        c.SignPeopleIn,
        c.ExcuseVenue,
        c.SetPlace,
        c.NotePoints,
        c.AttachDocument,
        c.ShareDocument,
        c.RemoveDocument,
        c.SwitchRecording,
        c.PlaceCall,
        c.CallUnconnected,
        c.DialNumber,
        c.HangUp,
        c.AssignGuest,
        c.RenameGuest,
    }
)

_STATION: Final[frozenset[type[Command]]] = frozenset(
    {
        c.ReportDevices,
        c.SwitchOwnMicrophone,
        c.SignPeopleIn,
        c.RequestFloor,
        c.WithdrawRequest,
        c.ReleaseFloor,
    }
)

_PARTS: Final[frozenset[type[Command]]] = frozenset(
    {
        c.ReportConnection,
        c.ReportDevices,
        c.ReportBlind,
        c.ReportCall,
        c.ReportCallEnded,
        c.ReportNoise,
        c.JoinByTelephone,
        c.GuestArrives,
        c.FallBack,
        c.ReleaseFallback,
        c.LoseCalls,
    }
)

ALLOWED: Final[Mapping[Role, frozenset[type[Command]]]] = {
    Role.OFFICE: _PREPARATION,
    Role.CHAIR: _CONSOLE,
    Role.OPERATOR: _CONSOLE,
    Role.VENUE: _STATION,
    Role.OBSERVER: frozenset(),
    Role.SYSTEM: _PARTS,
}


def objection(actor: Actor, command: Command) -> Refusal | None:
    """Why ``actor`` may not ask for ``command``; ``None`` where they may."""
    if type(command) not in ALLOWED.get(actor.role, frozenset()):
        return NOT_ALLOWED
    if actor.role is not Role.VENUE:
        return None
    venue = getattr(command, "venue", None)
    return None if venue is not None and venue == actor.venue else NOT_YOUR_VENUE
