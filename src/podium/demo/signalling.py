"""The WebSocket of ``docs/protocol.md``, as a client sees it: a view that is kept up to date."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

View = dict[str, Any]
"""As in ``docs/protocol.md``, the view."""

_RETRY_FIRST: Final = 0.2
_RETRY_LONGEST: Final = 2.0
_FINAL_CODES: Final = frozenset({4001, 4401, 4403, 4404})
"""Closing codes after which coming back is of no use."""


class CommandRefused(Exception):
    """The server's refusal: ``args`` are its code and its words."""


class LinkEnded(Exception):
    """The server does not want us any more; ``args[0]`` is the closing code."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What the server wants a station to send."""

    video: bool = False
    sound: bool = False
    content: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """The WebSocket is up (again) and the first view is here."""


@dataclass(frozen=True, slots=True)
class ViewChanged:
    view: View


Notice = Joined | ViewChanged | Demand


def fold(view: Mapping[str, Any], delta: Mapping[str, Any]) -> View:
    """The view after a ``delta`` message."""
    venues = {**view["venues"], **delta["venues"]}
    for gone in delta["gone"]:
        venues.pop(gone, None)
    return {**view, **delta["set"], "venues": venues}


@dataclass(slots=True)
class Signalling:
    """Holds one WebSocket for ever; ``notify`` hears of everything in order, on the loop."""

    url: str
    """``ws://.../api/ws``"""
    hello: Mapping[str, Any]
    notify: Callable[[Notice], None]
    view: View | None = None
    reconnects: int = -1
    """Connections after the first."""
    _seq: int = 0
    _socket: ClientConnection | None = None
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _answers: dict[int, asyncio.Future[Mapping[str, Any]]] = field(default_factory=dict)

    async def run(self) -> None:
        """Until cancelled. Raises ``LinkEnded`` where the server ends it for good."""
        pause = _RETRY_FIRST
        while True:
            before = self.reconnects
            with suppress(OSError, InvalidHandshake, TimeoutError):
                async with connect(self.url, proxy=None, max_size=None) as socket:
                    await self._converse(socket)
                    if socket.close_code in _FINAL_CODES:
                        raise LinkEnded(socket.close_code)
            self._socket = None
            self._fail_answers()
            pause = _RETRY_FIRST if self.reconnects > before else min(_RETRY_LONGEST, pause * 2)
            await asyncio.sleep(pause)

    async def _converse(self, socket: ClientConnection) -> None:
        self._socket = socket
        with suppress(ConnectionClosed):
            await socket.send(json.dumps({"type": "hello", **self.hello}))
            async for message in socket:
                await self._take(json.loads(message))

    async def command(self, command: Mapping[str, Any]) -> None:
        """Raises ``CommandRefused``; ``ConnectionError`` where the answer cannot be known."""
        if self._socket is None:
            raise ConnectionError("not connected")
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            await self._socket.send(
                json.dumps({"type": "command", "id": number, "command": dict(command)})
            )
            result = await answer
        except ConnectionClosed as error:
            raise ConnectionError("connection lost") from error
        finally:
            self._answers.pop(number, None)
        if not result["ok"]:
            raise CommandRefused(result["error"]["code"], result["error"]["en"])

    async def _take(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "snapshot":
                self._seq, self.view = message["seq"], message["view"]
                self.reconnects += 1
                self.notify(Joined())
                self.notify(ViewChanged(message["view"]))
            case "delta":
                await self._follow(message)
            case "publish":
                video = message["video"] != "off"
                self.notify(Demand(video, message["sound"], message["content"]))
            case "result":
                waiting = self._answers.get(message["id"])
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)
            case _:
                pass  # levels, quality and farewells: the closing code says enough

    async def _follow(self, delta: Mapping[str, Any]) -> None:
        if self.view is None or self._socket is None or delta["base"] != self._seq:
            if self._socket is not None:
                await self._socket.send(json.dumps({"type": "resync"}))
            return
        self._seq = delta["seq"]
        self.view = fold(self.view, delta)
        self.notify(ViewChanged(self.view))

    def _fail_answers(self) -> None:
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("connection lost"))


@dataclass(slots=True)
class Board:
    """The latest view, for those who wait for it to become so."""

    view: View | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def notify(self, notice: Notice) -> None:
        if isinstance(notice, ViewChanged):
            self.view = notice.view
            task = asyncio.ensure_future(self._wake())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def until(self, so: Callable[[View], bool], seconds: float) -> View:
        """The first view that is ``so``. Raises ``TimeoutError``."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: self.view is not None and so(self.view))
            assert self.view is not None
            return self.view

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()
