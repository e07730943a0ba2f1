"""Who asks, once the credential is known: one kind per credential, never a bag of optionals."""

from __future__ import annotations

from dataclasses import dataclass

from podium.conference.state import ConferenceId, VenueId
from podium.hall.access import Account, AccountRole


@dataclass(frozen=True, slots=True)
class Stranger:
    """No credential at all."""


@dataclass(frozen=True, slots=True)
class AccountPrincipal:
    """A person in a browser. ``session`` is the cookie's secret: never log it."""

    account: Account
    session: str

    def __repr__(self) -> str:
        return f"AccountPrincipal({self.account.name!r})"


@dataclass(frozen=True, slots=True)
class TokenPrincipal:
    """A program that acts for an account."""

    account: Account


@dataclass(frozen=True, slots=True)
class StationPrincipal:
    """One venue of one conference."""

    conference: ConferenceId
    venue: VenueId


@dataclass(frozen=True, slots=True)
class WallPrincipal:
    """The wall of one conference."""

    conference: ConferenceId


Principal = Stranger | AccountPrincipal | TokenPrincipal | StationPrincipal | WallPrincipal


def owner_of(principal: Principal) -> str:
    """The name under which media sessions and rate limits are kept. A browser and the programs
    of one account share it; a stranger has none."""
    match principal:
        case AccountPrincipal(account, _) | TokenPrincipal(account):
            return account_owner(account.id)
        case StationPrincipal(conference, venue):
            return station_owner(conference, venue)
        case WallPrincipal(conference):
            return wall_owner(conference)
        case Stranger():
            return "stranger"


def account_owner(account: str) -> str:
    return f"account/{account}"


def station_owner(conference: ConferenceId, venue: VenueId) -> str:
    return f"station/{conference}/{venue}"


def wall_owner(conference: ConferenceId) -> str:
    return f"wall/{conference}"


def role_of(principal: Principal) -> AccountRole | None:
    match principal:
        case AccountPrincipal(account, _) | TokenPrincipal(account):
            return account.role
        case _:
            return None
