"""Who may come in: accounts, their API tokens, and the links of stations and walls.

Values and errors only. The store keeps them, the web asks for them; neither knows the other.
Secrets appear here once, in the answer that issues them; at rest there is only their SHA-256.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from podium.conference.state import ConferenceId, VenueId
from podium.values.text import OrganisationId

AccountId = NewType("AccountId", str)
TokenId = NewType("TokenId", str)


class AccountRole(StrEnum):
    """What a person is to the whole house; ``docs/protocol.md`` says what each may do."""

    ADMINISTRATOR = "administrator"
    OFFICE = "office"
    CHAIR = "chair"
    OPERATOR = "operator"
    OBSERVER = "observer"
    LIAISON = "liaison"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who signs in. ``name`` is unique without regard to case."""

    id: AccountId
    name: str
    role: AccountRole
    created_at: datetime
    organisation: OrganisationId | None = None
    """Whose liaison officer the person is; set for that role alone."""


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What to change; ``None`` leaves it. A new password or role ends the account's sessions."""

    name: str | None = None
    password: str | None = None
    role: AccountRole | None = None
    organisation: OrganisationId | None = None


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A program's key. It may do what its account may, and dies with it."""

    id: TokenId
    account: AccountId
    label: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    token: ApiToken
    secret: str
    """``pdt_`` and 256 random bits in URL-safe base 64."""


@dataclass(frozen=True, slots=True)
class StationLink:
    """A link that stands for one venue of one conference. Its secret begins with ``pds_``."""

    conference: ConferenceId
    venue: VenueId


@dataclass(frozen=True, slots=True)
class WallLink:
    """A link that stands for the wall of one conference. Its secret begins with ``pdw_``."""

    conference: ConferenceId


Link = StationLink | WallLink


@dataclass(frozen=True, slots=True)
class LinkState:
    """A link that is valid now, without its secret."""

    venue: VenueId
    issued_at: datetime
    last_used_at: datetime | None


class AccessError(Exception):
    """The caller's fault; nothing was changed."""


class NameTaken(AccessError):
    """Another account has this name."""


class UnknownAccount(AccessError):
    """No account has this id."""


class OrganisationNeeded(AccessError):
    """A liaison officer belongs to an organisation."""


class LastAdministrator(AccessError):
    """Without this account nobody could administer the house."""


class UnknownToken(AccessError):
    """No valid token of this account has this id."""


class UnknownLink(AccessError):
    """The venue has no valid link to this conference."""


class TooManyAttempts(AccessError):
    """Signing in with this name, known or not, has failed too often of late."""

    def __init__(self, retry_after: timedelta) -> None:
        self.retry_after = retry_after
        super().__init__(f"try again in {retry_after.total_seconds():.0f} seconds")
