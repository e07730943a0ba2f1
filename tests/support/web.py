"""The whole server without sockets: real store, halls and media; HTTP and WebSockets by ASGI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
from fastapi import FastAPI
from tests.support.conferences import (
    BEIJING,
    CHAIR,
    CONFERENCE,
    OFFICE,
    SCHEDULE,
    ZHEJIANG,
)
from tests.support.engine import FakeEngine
from tests.support.halls import HandClock, MemoryTelephone

from podium.app.addresses import MediaAddresses
from podium.app.house import EngineMaker, House, open_house
from podium.conference.commands import Command, OpenConference
from podium.conference.state import VenueId
from podium.config import Settings, StoreSection
from podium.hall.access import Account, AccountRole
from podium.hall.loop import Accepted
from podium.store.opening import open_store
from podium.values.text import OrganisationId
from podium.web.auth import COOKIE, csrf_token

PASSWORD = "long enough to be good"
ORIGIN = "http://podium.test"
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Person:
    """An account with a browser and with a program."""

    account: Account
    session: str
    token: str

    @property
    def browser(self) -> dict[str, str]:
        """Headers of a page of ours."""
        return {
            "Cookie": f"{COOKIE}={self.session}",
            "X-CSRF-Token": csrf_token(self.session),
            "Origin": ORIGIN,
        }

    @property
    def program(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class Web:
    house: House
    engine: FakeEngine | None
    telephone: MemoryTelephone
    clock: HandClock
    http: httpx.AsyncClient
    people: dict[AccountRole, Person] = field(default_factory=dict)
    stations: dict[VenueId, str] = field(default_factory=dict)
    wall: str = ""

    @property
    def app(self) -> FastAPI:
        return self.house.app

    async def person(self, role: AccountRole) -> Person:
        """Made when first asked for: hashing a password takes a while."""
        if role not in self.people:
            store = self.house.store
            whose = OrganisationId("zhejiang") if role is AccountRole.LIAISON else None
            account = await store.accounts.create(f"the {role}", PASSWORD, role, whose)
            session = await store.login_sessions.open(account.id)
            token = await store.tokens.issue(account.id, "program")
            self.people[role] = Person(account, session, token.secret)
        return self.people[role]

    def station(self, venue: VenueId = ZHEJIANG) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.stations[venue]}"}

    async def do(self, *commands: Command) -> None:
        """By the chair."""
        hall = await self.house.halls.get(CONFERENCE)
        assert hall is not None
        for command in commands:
            assert isinstance(await hall.submit(command, CHAIR), Accepted), command

    def socket(
        self,
        headers: dict[str, str] | None = None,
        client: tuple[str, int] = ("192.0.2.7", 50000),
    ) -> Socket:
        return Socket(self.app, headers or {}, client)

    async def station_socket(self, venue: VenueId = ZHEJIANG) -> Socket:
        socket = await self.socket().open()
        await socket.say(type="hello", token=self.stations[venue])
        return socket

    async def console_socket(self, role: AccountRole = AccountRole.OPERATOR) -> Socket:
        person = await self.person(role)
        socket = await self.socket().open()
        await socket.say(type="hello", token=person.token, conference=CONFERENCE)
        return socket


def fake_engine() -> tuple[EngineMaker, list[FakeEngine]]:
    made: list[FakeEngine] = []

    def make(*_: object) -> FakeEngine:
        made.append(FakeEngine())
        return made[-1]

    return make, made


@asynccontextmanager
async def open_web(
    data: Path,
    make_engine: EngineMaker | None = None,
    change: Callable[[Settings], Settings] = lambda settings: settings,
) -> AsyncIterator[Web]:
    """A scheduled conference with links for every venue and the wall."""
    engines: list[FakeEngine] = []
    if make_engine is None:
        make_engine, engines = fake_engine()
    settings = change(Settings(store=StoreSection(data=data)))
    clock, telephone = HandClock(), MemoryTelephone()
    await _lay_down_database(data, clock)
    addresses = MediaAddresses(listen=("127.0.0.1:0",), public=("127.0.0.1",))
    async with (
        open_house(settings, addresses, make_engine, clock, lambda _: telephone) as house,
        house.app.router.lifespan_context(house.app),
        _client(house.app) as http,
    ):
        assert isinstance(await house.halls.create(SCHEDULE, OFFICE), Accepted)
        venues = [invited.id for invited in SCHEDULE.venues]
        stations = dict(await house.store.links.issue(CONFERENCE, venues))
        wall = await house.store.links.issue_wall(CONFERENCE)
        engine = engines[0] if engines else None
        yield Web(house, engine, telephone, clock, http, stations=stations, wall=wall)


_DATABASE: list[bytes] = []


async def _lay_down_database(data: Path, clock: HandClock) -> None:
    """An empty database with all migrations, which are made once and not for every test."""
    path = data / "podium.db"
    if not _DATABASE:
        await asyncio.to_thread(data.mkdir, parents=True, exist_ok=True)
        store = await open_store(f"sqlite:///{path}", clock)
        await store.close()  # which leaves all in one file
        _DATABASE.append(await asyncio.to_thread(path.read_bytes))
    else:
        await asyncio.to_thread(_lay_down, path, _DATABASE[0])


def _lay_down(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(content)


def _client(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 40000))
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN)


async def opened(web: Web) -> None:
    """The conference takes media."""
    await web.do(OpenConference())


class Closed(Exception):
    """The server closed the WebSocket."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Socket:
    """A WebSocket client on the application itself."""

    def __init__(self, app: FastAPI, headers: dict[str, str], client: tuple[str, int]) -> None:
        self._app = app
        self._scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": "/api/ws",
            "raw_path": b"/api/ws",
            "query_string": b"",
            "root_path": "",
            "headers": [
                (name.lower().encode(), value.encode())
                for name, value in {"host": "podium.test", **headers}.items()
            ],
            "client": client,
            "server": ("podium.test", 80),
            "subprotocols": [],
            "state": {},
        }
        self._up: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._down: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.seen: list[dict[str, Any]] = []
        """Every message that was heard."""

    async def open(self) -> Self:
        """Raises ``Closed`` when it is not accepted."""
        self._up.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._run())
        self._expect(await self._next(), "websocket.accept")
        return self

    async def _run(self) -> None:
        async def send(message: MutableMapping[str, Any]) -> None:
            self._down.put_nowait(dict(message))

        await self._app(self._scope, self._up.get, send)

    async def say(self, **message: Any) -> None:
        await self.say_text(json.dumps(message))

    async def say_text(self, text: str) -> None:
        self._up.put_nowait({"type": "websocket.receive", "text": text})

    async def say_bytes(self, data: bytes) -> None:
        self._up.put_nowait({"type": "websocket.receive", "bytes": data})

    async def hear(self, kind: str | None = None) -> dict[str, Any]:
        """The next message, or the next of that kind. Raises ``Closed``."""
        while True:
            message = json.loads(self._expect(await self._next(), "websocket.send")["text"])
            self.seen.append(message)
            if kind in (None, message["type"]):
                return dict(message)

    async def closed(self) -> int:
        """The close code, after whatever comes before it."""
        try:
            while True:
                await self.hear()
        except Closed as end:
            await self._ended()
            return end.code

    async def leave(self) -> None:
        """The page is closed."""
        self._up.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await self._ended()

    async def _ended(self) -> None:
        assert self._task is not None
        async with asyncio.timeout(PATIENCE):
            await self._task

    async def _next(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            return await self._down.get()

    @staticmethod
    def _expect(message: dict[str, Any], kind: str) -> dict[str, Any]:
        if message["type"] == "websocket.close":
            raise Closed(message["code"])
        assert message["type"] == kind, message
        return message


__all__ = ["BEIJING", "CONFERENCE", "ZHEJIANG", "Closed", "Socket", "Web", "open_web", "opened"]
