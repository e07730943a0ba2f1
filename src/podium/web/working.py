"""From a principal to whom it acts for in a programme, and from outcomes to answers."""

from __future__ import annotations

from collections.abc import Collection

from podium.desk.programmes import Accepted, DeskBusy, Outcome, Programmes, Refused
from podium.hall.access import Account, AccountRole
from podium.values.codec import CodecError
from podium.values.text import OrganisationId
from podium.web import errors
from podium.web.errors import ApiError
from podium.web.principal import AccountPrincipal, Principal, TokenPrincipal
from podium.work.board import Board
from podium.work.codec import command_from_json
from podium.work.commands import Actor, Command, Role
from podium.work.policy import acts_for
from podium.work.state import Programme
from podium.work.tree import above, subtree
from podium.work.values import ProgrammeId

_OFFICES = frozenset({AccountRole.ADMINISTRATOR, AccountRole.OFFICE})


def parse_work_command(data: bytes) -> Command:
    """Raises ``invalid`` with at most five places."""
    try:
        return command_from_json(data)
    except CodecError as error:
        problems = [{"where": p.where, "what": p.what} for p in error.problems]
        raise ApiError("invalid", problems) from None


def actor_of(principal: Principal) -> Actor:
    """The rules let accounts alone in."""
    assert isinstance(principal, AccountPrincipal | TokenPrincipal)
    return account_actor(principal.account)


def account_actor(account: Account) -> Actor:
    if account.role in _OFFICES:
        return Actor(Role.OFFICE, account.id)
    if account.role is AccountRole.LIAISON:
        return Actor(Role.LIAISON, account.id, account.organisation)
    return Actor(Role.OBSERVER, account.id)


def may_see(state: Programme, actor: Actor) -> Collection[OrganisationId]:
    """Whose assignments the actor may look at. A liaison officer sees what is below the own
    organisation; the department whose programme it is sees everything, as do those who follow
    the whole."""
    here = acts_for(state, actor)
    if actor.role is not Role.LIAISON or here == state.owner:
        return state.bodies
    if here is None or here not in state.bodies:
        return frozenset()
    return frozenset(subtree(state.bodies, here))


def may_name(state: Programme, actor: Actor) -> Collection[OrganisationId]:
    """Whose name the actor may know: also those above, the owner, and whom the plan names."""
    seen = may_see(state, actor)
    here = acts_for(state, actor)
    if seen is state.bodies or here is None or not seen:
        return seen
    measures, activities = state.measures.values(), state.activities.values()
    named = {body for m in measures for body in (*m.lead, *m.cooperating)}
    named |= {body for a in activities for body in (*a.lead, *a.cooperating)}
    return frozenset({*seen, *above(state.bodies, here), state.owner, *named})


async def open_board(programmes: Programmes, programme: str) -> Board:
    """Raises ``unknown_programme``."""
    found = await programmes.board(ProgrammeId(programme))
    if found is None:
        raise ApiError("unknown_programme")
    return found


async def carry_out_work(
    programmes: Programmes, programme: str, commands: tuple[Command, ...], actor: Actor
) -> Accepted:
    """Raises ``Refused``, ``unknown_programme``, ``desk_busy``."""
    try:
        outcome = await programmes.act(ProgrammeId(programme), commands, actor)
    except DeskBusy:
        raise ApiError(DeskBusy.code) from None
    if outcome is None:
        raise ApiError("unknown_programme")
    return accepted(outcome)


def accepted(outcome: Outcome) -> Accepted:
    """Raises ``Refused``."""
    if isinstance(outcome, Refused):
        raise errors.Refused(outcome.refusal)
    return outcome
