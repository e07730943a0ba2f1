"""``/api/ws``: one WebSocket from hello to farewell. What it says is in ``docs/protocol.md``."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from podium.conference.state import ConferenceId
from podium.hall.access import AccountRole
from podium.hall.loop import Hall, HallStopped
from podium.hall.ports import Clock
from podium.hall.registry import Halls
from podium.web import frames
from podium.web.auth import Authenticator, WrongCredential, same_origin
from podium.web.commanding import carry_out, parse_command
from podium.web.errors import ApiError, Refused
from podium.web.limits import HELLO_BYTES, WS_MESSAGE_BYTES, Limits, peer_of
from podium.web.live import (
    FORBIDDEN_CODE,
    NONSENSE_CODE,
    NOT_FOUND_CODE,
    RESTART_CODE,
    UNKNOWN_CODE,
    Farewell,
    Feed,
    Feeds,
    Follower,
    farewell,
)
from podium.web.permissions import console_of
from podium.web.principal import (
    AccountPrincipal,
    Principal,
    StationPrincipal,
    Stranger,
    TokenPrincipal,
    WallPrincipal,
)
from podium.web.shapes_live import HELLO, LATER, CommandMessage, Hello, Ping, Resync
from podium.web.view import Audience, Console, Json, Station

HELLO_SECONDS = 10.0
SEND_SECONDS = 30.0
"""A client that takes no byte for this long is gone."""
TOO_BIG_CODE = 1009
TOO_FAST_CODE = 1008


class _Goodbye(Exception):
    """Ends the conversation."""

    def __init__(self, last: Farewell) -> None:
        super().__init__(last.code)
        self.last = last


class Doorkeeper:
    """Opens WebSockets for those who may follow a conference."""

    def __init__(
        self,
        authenticator: Authenticator,
        limits: Limits,
        halls: Halls,
        feeds: Feeds,
        clock: Clock,
    ) -> None:
        self._authenticator = authenticator
        self._limits = limits
        self._halls = halls
        self._feeds = feeds
        self._clock = clock

    async def serve(self, socket: WebSocket) -> None:
        if not self._limits.sockets.allows(peer_of(socket.scope)):
            await socket.close(TOO_FAST_CODE)
            return
        await socket.accept()
        try:
            principal, hall = await self._hear_hello(socket)
            audience, you = _audience(principal)
            follower = Follower(principal, audience, you, self._clock)
            feed = self._feeds.join(hall, follower)
        except HallStopped:
            await _say(socket, farewell(RESTART_CODE, "hall_stopped"))
            return
        except _Goodbye as goodbye:
            await _say(socket, goodbye.last)
            return
        except WebSocketDisconnect:
            return
        except OSError:
            await _say(socket, farewell(RESTART_CODE, "store_down"))
            return
        try:
            await Conversation(socket, feed, follower, hall, self._limits.messages()).run()
        finally:
            self._feeds.part(feed, follower)

    async def _hear_hello(self, socket: WebSocket) -> tuple[Principal, Hall]:
        hello = await _receive_hello(socket)
        principal = await self._identify(socket, hello)
        conference = _conference(principal, hello)
        hall = await self._halls.get(conference)
        if hall is None or hall.state is None:
            raise _Goodbye(farewell(NOT_FOUND_CODE, "unknown_conference"))
        if isinstance(principal, StationPrincipal) and principal.venue not in hall.state.venues:
            raise _Goodbye(farewell(FORBIDDEN_CODE, "withdrawn"))
        return principal, hall

    async def _identify(self, socket: WebSocket, hello: Hello) -> Principal:
        if hello.token is not None:
            principal = await self._authenticator.bearer(hello.token)
        elif "origin" in socket.headers and same_origin(socket.headers):
            principal = await self._authenticator.cookie(socket.headers)
        else:
            raise _Goodbye(farewell(FORBIDDEN_CODE, "origin"))
        if isinstance(principal, WrongCredential):
            error = self._authenticator.failed(socket.scope)
            raise _Goodbye(farewell(UNKNOWN_CODE, error.code))
        if isinstance(principal, Stranger):
            raise _Goodbye(farewell(UNKNOWN_CODE, "unauthenticated"))
        return principal


class Conversation:
    """One reader and one writer; whichever ends first ends the other."""

    def __init__(
        self,
        socket: WebSocket,
        feed: Feed,
        follower: Follower,
        hall: Hall,
        may_speak: Callable[[], bool],
    ) -> None:
        self._socket = socket
        self._feed = feed
        self._follower = follower
        self._hall = hall
        self._may_speak = may_speak

    async def run(self) -> None:
        reader = asyncio.create_task(self._read())
        writer = asyncio.create_task(self._write())
        try:
            done, _ = await asyncio.wait((reader, writer), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)
        for task in done:
            error = task.exception()
            if error is not None and not isinstance(error, WebSocketDisconnect | TimeoutError):
                raise error
        await _say(self._socket, self._follower.leaving or Farewell(RESTART_CODE))

    async def _write(self) -> None:
        while self._follower.leaving is None:
            await self._follower.woken()
            for text in self._follower.drain(self._feed.now, self._feed.steps):
                async with asyncio.timeout(SEND_SECONDS):
                    await self._socket.send_text(text)

    async def _read(self) -> None:
        while self._follower.leaving is None:
            try:
                message = LATER.validate_json(await _receive_text(self._socket, WS_MESSAGE_BYTES))
            except ValidationError:
                self._follower.leave(farewell(NONSENSE_CODE, "bad_request"))
                return
            except _Goodbye as goodbye:
                self._follower.leave(goodbye.last)
                return
            if not self._may_speak():
                self._follower.leave(farewell(TOO_FAST_CODE, "rate_limited"))
                return
            match message:
                case CommandMessage():
                    await self._follower.answer(await self._command(message))
                case Resync():
                    self._follower.resync()
                case Ping():
                    await self._follower.answer(frames.PONG)

    async def _command(self, message: CommandMessage) -> str:
        try:
            command = parse_command(message.command)
            seq = await carry_out(self._hall, command, self._follower.principal)
        except (ApiError, Refused) as error:
            return frames.refusal_text(message.id, error.body())
        except OSError:
            return frames.refusal_text(message.id, ApiError("store_down").body())
        return frames.result_text(message.id, seq)


async def _receive_hello(socket: WebSocket) -> Hello:
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            return HELLO.validate_json(await _receive_text(socket, HELLO_BYTES))
    except (ValidationError, TimeoutError):
        raise _Goodbye(farewell(NONSENSE_CODE, "bad_request")) from None


async def _receive_text(socket: WebSocket, limit: int) -> str:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text: str | None = message.get("text")
    if text is None:
        raise _Goodbye(farewell(NONSENSE_CODE, "bad_request"))
    if len(text) > limit:
        raise _Goodbye(farewell(TOO_BIG_CODE, "too_large"))
    return text


def _conference(principal: Principal, hello: Hello) -> ConferenceId:
    """That of the link, or the one that a person or program names."""
    match principal:
        case StationPrincipal(conference, _) | WallPrincipal(conference):
            if hello.conference not in (None, conference):
                raise _Goodbye(farewell(FORBIDDEN_CODE, "forbidden"))
            return conference
        case AccountPrincipal(account, _) | TokenPrincipal(account) if (
            account.role is AccountRole.LIAISON
        ):
            raise _Goodbye(farewell(FORBIDDEN_CODE, "forbidden"))
        case _:
            if hello.conference is None:
                raise _Goodbye(farewell(NONSENSE_CODE, "bad_request"))
            return ConferenceId(hello.conference)


_CONFERENCE_ROLES = {"administrator": "operator"}
"""What an account is called inside of a conference, where that differs."""


def _audience(principal: Principal) -> tuple[Audience, Json]:
    match principal:
        case StationPrincipal(_, venue):
            return Station(venue), {"role": "venue", "venue": venue}
        case AccountPrincipal(account, _) | TokenPrincipal(account):
            role = _CONFERENCE_ROLES.get(account.role, account.role.value)
            return console_of(account), {"role": role}
        case _:
            return Console(numbers=False), {"role": "wall"}


async def _say(socket: WebSocket, last: Farewell) -> None:
    """Sends it to a client that is still there."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
        async with asyncio.timeout(SEND_SECONDS):
            if last.text is not None and socket.application_state is WebSocketState.CONNECTED:
                await socket.send_text(last.text)
            await socket.close(last.code)
