"""From a principal and a command to the conference's answer; for HTTP and the WebSocket alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podium.conference.codec import CodecError, command_from_json, command_from_wire
from podium.conference.commands import Actor, AttachDocument, Command, Role
from podium.conference.policy import objection
from podium.conference.refusals import NOT_ALLOWED, Refusal
from podium.conference.state import ConferenceId
from podium.hall.access import Account, AccountRole
from podium.hall.loop import CommandFailed, Hall, HallBusy, HallStopped, Outcome
from podium.hall.registry import Halls
from podium.web.errors import ApiError, Refused
from podium.web.principal import (
    AccountPrincipal,
    Principal,
    StationPrincipal,
    TokenPrincipal,
)

_ROLES: Mapping[AccountRole, tuple[Role, ...]] = {
    AccountRole.ADMINISTRATOR: (Role.OPERATOR, Role.OFFICE),
    AccountRole.OFFICE: (Role.OFFICE,),
    AccountRole.CHAIR: (Role.CHAIR,),
    AccountRole.OPERATOR: (Role.OPERATOR,),
    AccountRole.OBSERVER: (Role.OBSERVER,),
    AccountRole.LIAISON: (Role.OBSERVER,),
}
"""What an account may act as, the usual first."""


def parse_command(data: bytes | Mapping[str, Any]) -> Command:
    """Raises ``invalid`` with at most five places."""
    try:
        command = command_from_json(data) if isinstance(data, bytes) else command_from_wire(data)
    except CodecError as error:
        problems = [{"where": p.where, "what": p.what} for p in error.problems]
        raise ApiError("invalid", problems) from None
    if isinstance(command, AttachDocument):
        # Who names a digest must have sent the file: documents have a route of their own.
        raise ApiError("invalid", [{"where": "type", "what": "documents come as files"}])
    return command


def actor_for(principal: Principal, command: Command) -> Actor:
    """Raises ``Refused`` for those who cannot act at all."""
    match principal:
        case StationPrincipal(_, venue):
            return Actor(Role.VENUE, venue, venue)
        case AccountPrincipal(account, _) | TokenPrincipal(account):
            return _account_actor(account, command)
        case _:
            raise Refused(NOT_ALLOWED)


def _account_actor(account: Account, command: Command) -> Actor:
    roles = _ROLES[account.role]
    actors = [Actor(role, account.id) for role in roles]
    return next((actor for actor in actors if objection(actor, command) is None), actors[0])


async def open_hall(halls: Halls, conference: ConferenceId) -> Hall:
    """Raises ``unknown_conference`` and hall errors."""
    with hall_errors():
        hall = await halls.get(conference)
    if hall is None:
        raise ApiError("unknown_conference")
    return hall


async def carry_out(hall: Hall, command: Command, principal: Principal) -> int:
    """The log's last number when it was done. Raises ``Refused`` and hall errors."""
    actor = actor_for(principal, command)
    with hall_errors():
        return accepted(await hall.submit(command, actor))


def accepted(outcome: Outcome) -> int:
    """Raises ``Refused``."""
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return outcome.seq


class hall_errors:  # noqa: N801  # a context manager, used like a function
    """Gives the hall's own errors their HTTP kinds."""

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, HallStopped | HallBusy | CommandFailed):
            raise ApiError(error.code) from error
