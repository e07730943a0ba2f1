"""What the routes work with: the ports, and the web's own parts made from them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from podium.desk.ports import Contacts
from podium.desk.programmes import Programmes
from podium.hall.ports import Clock, Log
from podium.hall.registry import Halls
from podium.web import live
from podium.web.auth import Authenticator
from podium.web.ledgers import Ledgers
from podium.web.limits import Limits
from podium.web.metrics import Metrics
from podium.web.ports import (
    Accounts,
    ConferenceIndex,
    DirectoryBook,
    Documents,
    Engine,
    Feeds,
    Files,
    Links,
    LoginSessions,
    MediaSessions,
    Pins,
    ProgrammeIndex,
    Recordings,
    Records,
    Situation,
    Storage,
    TelephoneDesk,
    Tokens,
)
from podium.web.settings import WebSettings


def random_id() -> str:
    """For a new conference: short enough to read out, and never guessed."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Ports:
    """What the application gives the web."""

    accounts: Accounts
    sessions: LoginSessions
    tokens: Tokens
    links: Links
    pins: Pins
    directory: DirectoryBook
    index: ConferenceIndex
    storage: Storage
    log: Log
    halls: Halls
    media: MediaSessions
    engine: Engine
    telephone: TelephoneDesk
    programmes: Programmes
    programme_index: ProgrammeIndex
    contacts: Contacts
    feeds: Feeds
    files: Files
    documents: Documents
    records: Records
    recordings: Recordings
    situation: Situation
    clock: Clock
    new_id: Callable[[], str] = random_id


@dataclass(frozen=True, slots=True)
class Services:
    """The ports, and what is built on them."""

    settings: WebSettings
    ports: Ports
    limits: Limits
    authenticator: Authenticator
    feeds: live.Feeds
    ledgers: Ledgers
    metrics: Metrics
