"""Who may use which route. What is not in the table does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from podium.hall.access import Account, AccountRole
from podium.web.principal import (
    AccountPrincipal,
    Principal,
    StationPrincipal,
    Stranger,
    TokenPrincipal,
    WallPrincipal,
)
from podium.web.view import Console


class Who(StrEnum):
    """Kinds of people and devices, as far as routes care."""

    ANYONE = "anyone"
    ADMINISTRATOR = "administrator"
    OFFICE = "office"
    CHAIR = "chair"
    OPERATOR = "operator"
    OBSERVER = "observer"
    LIAISON = "liaison"
    STATION = "station"
    WALL = "wall"


@dataclass(frozen=True, slots=True)
class Rule:
    """``in_person``: by cookie alone; a program's token must not make or end credentials."""

    who: frozenset[Who]
    in_person: bool = False

    @property
    def public(self) -> bool:
        return Who.ANYONE in self.who

    def admits(self, principal: Principal) -> bool:
        if self.public:
            return True
        match principal:
            case AccountPrincipal(account, _):
                return WHO_BY_ROLE[account.role] in self.who
            case TokenPrincipal(account):
                return WHO_BY_ROLE[account.role] in self.who and not self.in_person
            case StationPrincipal():
                return Who.STATION in self.who
            case WallPrincipal():
                return Who.WALL in self.who
            case Stranger():
                return False


WHO_BY_ROLE: Mapping[AccountRole, Who] = {
    AccountRole.ADMINISTRATOR: Who.ADMINISTRATOR,
    AccountRole.OFFICE: Who.OFFICE,
    AccountRole.CHAIR: Who.CHAIR,
    AccountRole.OPERATOR: Who.OPERATOR,
    AccountRole.OBSERVER: Who.OBSERVER,
    AccountRole.LIAISON: Who.LIAISON,
}


def console_of(account: Account) -> Console:
    """What an account sees of a conference: observers see no telephone numbers."""
    return Console(numbers=account.role is not AccountRole.OBSERVER)


def _rule(*who: Who, in_person: bool = False) -> Rule:
    return Rule(frozenset(who), in_person)


_ANYONE = _rule(Who.ANYONE)
_ADMINISTRATOR = _rule(Who.ADMINISTRATOR, in_person=True)
_OFFICE = _rule(Who.ADMINISTRATOR, Who.OFFICE)
_CONSOLES = _rule(Who.ADMINISTRATOR, Who.OFFICE, Who.CHAIR, Who.OPERATOR)
_EDITORS = _rule(Who.ADMINISTRATOR, Who.OFFICE, Who.CHAIR)
_LINKS = _rule(Who.ADMINISTRATOR, Who.OFFICE, Who.OPERATOR)
_CONFERRING = tuple(who for who in WHO_BY_ROLE.values() if who is not Who.LIAISON)
"""Who has to do with conferences; liaison officers have to do with the work alone."""
_ACCOUNTS = _rule(*_CONFERRING)
_IN_PERSON = _rule(*WHO_BY_ROLE.values(), in_person=True)
_COMMANDERS = _rule(Who.ADMINISTRATOR, Who.OFFICE, Who.CHAIR, Who.OPERATOR, Who.STATION)
_STATION = _rule(Who.STATION)
_GUESTS = _rule(Who.STATION, Who.WALL)
_VIEWERS = _rule(*_CONFERRING, Who.STATION, Who.WALL)
_SCREENS = _rule(*_CONFERRING, Who.WALL)
_SIGNED_IN = _WORK = _rule(*WHO_BY_ROLE.values())
_WORKERS = _rule(Who.ADMINISTRATOR, Who.OFFICE, Who.LIAISON)

RULES: Mapping[tuple[str, str], Rule] = {
    ("GET", "/healthz"): _ANYONE,
    ("GET", "/metrics"): _ANYONE,  # by address: see WebSettings.metrics_from
    ("GET", "/api/openapi.json"): _ANYONE,
    ("POST", "/api/session"): _ANYONE,
    ("GET", "/api/session"): _IN_PERSON,
    ("DELETE", "/api/session"): _IN_PERSON,
    ("GET", "/api/accounts"): _ADMINISTRATOR,
    ("POST", "/api/accounts"): _ADMINISTRATOR,
    ("PATCH", "/api/accounts/{account}"): _ADMINISTRATOR,
    ("DELETE", "/api/accounts/{account}"): _ADMINISTRATOR,
    ("GET", "/api/tokens"): _IN_PERSON,
    ("POST", "/api/tokens"): _IN_PERSON,
    ("DELETE", "/api/tokens/{token}"): _IN_PERSON,
    ("GET", "/api/directory"): _CONSOLES,
    ("POST", "/api/directory/import"): _OFFICE,
    ("GET", "/api/directory/export"): _OFFICE,
    ("GET", "/api/templates"): _OFFICE,
    ("GET", "/api/conferences"): _ACCOUNTS,
    ("POST", "/api/conferences"): _OFFICE,
    ("GET", "/api/conferences/{conference}"): _ACCOUNTS,
    ("POST", "/api/conferences/{conference}/commands"): _COMMANDERS,
    ("GET", "/api/conferences/{conference}/events"): _ACCOUNTS,
    ("GET", "/api/conferences/{conference}/record"): _ACCOUNTS,
    ("GET", "/api/conferences/{conference}/record/{file}"): _ACCOUNTS,
    ("GET", "/api/conferences/{conference}/recordings"): _ACCOUNTS,
    ("GET", "/api/conferences/{conference}/recordings/{file}"): _ACCOUNTS,
    ("GET", "/api/conferences/{conference}/communique"): _ACCOUNTS,
    ("POST", "/api/conferences/{conference}/communique"): _EDITORS,
    ("POST", "/api/conferences/{conference}/documents"): _CONSOLES,
    ("GET", "/api/conferences/{conference}/documents/{document}"): _ACCOUNTS,
    ("GET", "/api/conferences/{conference}/links"): _LINKS,
    ("POST", "/api/conferences/{conference}/links"): _LINKS,
    ("DELETE", "/api/conferences/{conference}/links/{venue}"): _LINKS,
    ("POST", "/api/conferences/{conference}/pins"): _LINKS,
    ("DELETE", "/api/conferences/{conference}/pins"): _LINKS,
    ("DELETE", "/api/conferences/{conference}/pins/{venue}"): _LINKS,
    ("GET", "/api/conferences/{conference}/deployment"): _ACCOUNTS,
    ("POST", "/api/conferences/{conference}/deployment"): _CONSOLES,
    ("GET", "/api/conferences/{conference}/deployment/{programme}"): _CONSOLES,
    ("GET", "/api/station/work"): _STATION,
    ("POST", "/api/station/work/sign"): _STATION,
    ("GET", "/api/telephone"): _CONSOLES,
    ("DELETE", "/api/telephone/pin-lock"): _CONSOLES,
    ("GET", "/api/join"): _GUESTS,
    ("GET", "/api/join/documents/{document}"): _STATION,
    ("GET", "/api/join/slides/{number}"): _STATION,
    ("OPTIONS", "/whip"): _ANYONE,
    ("OPTIONS", "/whep"): _ANYONE,
    ("OPTIONS", "/whip/{session}"): _ANYONE,
    ("OPTIONS", "/whep/{session}"): _ANYONE,
    ("OPTIONS", "/whep/{session}/slots"): _ANYONE,
    ("POST", "/whip"): _STATION,
    ("POST", "/whep"): _VIEWERS,
    ("PUT", "/whep/{session}/slots"): _SCREENS,
    ("PATCH", "/whip/{session}"): _STATION,
    ("DELETE", "/whip/{session}"): _STATION,
    ("PATCH", "/whep/{session}"): _VIEWERS,
    ("DELETE", "/whep/{session}"): _VIEWERS,
    ("GET", "/api/work/programmes"): _WORK,
    ("POST", "/api/work/programmes"): _OFFICE,
    ("GET", "/api/work/programmes/{programme}"): _WORK,
    ("POST", "/api/work/programmes/{programme}/commands"): _WORKERS,
    ("GET", "/api/work/programmes/{programme}/matrix"): _WORK,
    ("GET", "/api/work/programmes/{programme}/roll-up"): _ACCOUNTS,
    ("GET", "/api/work/programmes/{programme}/summary"): _ACCOUNTS,
    ("GET", "/api/work/programmes/{programme}/opening"): _ACCOUNTS,
    ("GET", "/api/work/programmes/{programme}/outcomes"): _WORK,
    ("GET", "/api/work/programmes/{programme}/calendar"): _WORK,
    ("GET", "/api/work/programmes/{programme}/assignments"): _WORK,
    ("GET", "/api/work/programmes/{programme}/assignments/{measure}/{organisation}"): _WORK,
    ("POST", "/api/work/programmes/{programme}/import"): _WORKERS,
    ("GET", "/api/work/programmes/{programme}/export"): _WORK,
    ("POST", "/api/work/programmes/{programme}/files"): _WORKERS,
    ("GET", "/api/work/programmes/{programme}/files/{digest}"): _WORK,
    ("POST", "/api/work/programmes/{programme}/feed"): _rule(*WHO_BY_ROLE.values(), in_person=True),
    ("GET", "/api/work/contacts"): _OFFICE,
    ("PUT", "/api/work/contacts/{organisation}"): _OFFICE,
    ("DELETE", "/api/work/contacts/{organisation}"): _OFFICE,
    ("GET", "/api/situation/series"): _SIGNED_IN,
    ("GET", "/api/situation/figures"): _SIGNED_IN,
    ("GET", "/api/situation/statistics/{series}"): _SIGNED_IN,
    ("GET", "/api/situation/briefing"): _SIGNED_IN,
    ("GET", "/api/situation/pages/{file}"): _SIGNED_IN,
    ("GET", "/api/situation/export"): _SIGNED_IN,
    ("GET", "/api/situation/imports"): _OFFICE,
    ("POST", "/api/situation/import"): _OFFICE,
    ("GET", "/situation"): _ANYONE,
    ("GET", "/feeds/{token}"): _ANYONE,  # by the secret in the address
    ("GET", "/work"): _ANYONE,
    ("GET", "/work/{page:path}"): _ANYONE,
    ("GET", "/"): _ANYONE,
    ("GET", "/office"): _ANYONE,
    ("GET", "/office/{page:path}"): _ANYONE,
    ("GET", "/sign-in"): _ANYONE,
    ("GET", "/station/{token}"): _ANYONE,
    ("GET", "/console/{conference}"): _ANYONE,
    ("GET", "/record/{conference}"): _ANYONE,
    ("GET", "/wall/{token}"): _ANYONE,
    ("GET", "/assets/{path:path}"): _ANYONE,
    ("GET", "/{file}"): _ANYONE,
}
"""By method and route template. Pages hold no data; what they fetch is guarded above."""
