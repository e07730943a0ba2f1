"""The station's client against a server that behaves, misbehaves and goes away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from podium.demo.signalling import (
    Board,
    CommandRefused,
    Demand,
    Joined,
    LinkEnded,
    Notice,
    Signalling,
    ViewChanged,
    fold,
)

Behaviour = Callable[[ServerConnection], Awaitable[None]]

VIEW = {"phase": "open", "venues": {"a": {"on_air": []}, "b": {"on_air": []}}}


def snapshot(seq: int, view: dict[str, Any] = VIEW) -> str:
    return json.dumps({"type": "snapshot", "seq": seq, "view": view, "you": {}, "now": ""})


def delta(seq: int, base: int, **set_: Any) -> str:
    changed = {"type": "delta", "seq": seq, "base": base, "at": ""}
    return json.dumps(changed | {"set": set_, "venues": {}, "gone": []})


@asynccontextmanager
async def talking_to(behaviour: Behaviour) -> AsyncIterator[tuple[Signalling, asyncio.Queue[Any]]]:
    notices: asyncio.Queue[Notice] = asyncio.Queue()
    async with serve(behaviour, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        client = Signalling(f"ws://127.0.0.1:{port}", {"token": "t"}, notices.put_nowait)
        task = asyncio.ensure_future(client.run())
        try:
            async with asyncio.timeout(5):
                yield client, notices
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def test_fold_replaces_adds_and_drops() -> None:
    after = fold(
        {"phase": "open", "title": "t", "venues": {"a": 1, "b": 2}},
        {"set": {"phase": "closed"}, "venues": {"b": 3, "c": 4}, "gone": ["a"]},
    )
    assert after == {"phase": "closed", "title": "t", "venues": {"b": 3, "c": 4}}


async def test_hello_snapshot_delta_and_demand() -> None:
    heard: list[Any] = []

    async def behave(socket: ServerConnection) -> None:
        heard.append(json.loads(await socket.recv()))
        await socket.send(snapshot(4))
        await socket.send(delta(5, 4, phase="in_session"))
        await socket.send(
            json.dumps({"type": "publish", "video": "low", "sound": True, "content": True})
        )
        await socket.wait_closed()

    async with talking_to(behave) as (_, notices):
        assert await notices.get() == Joined()
        assert await notices.get() == ViewChanged(VIEW)
        assert await notices.get() == ViewChanged(VIEW | {"phase": "in_session"})
        assert await notices.get() == Demand(video=True, sound=True, content=True)
    assert heard == [{"type": "hello", "token": "t"}]


async def test_a_gap_is_asked_for_again() -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(snapshot(4))
        await socket.send(delta(9, 8, phase="closed"))
        assert json.loads(await socket.recv()) == {"type": "resync"}
        await socket.send(snapshot(9, VIEW | {"phase": "closed"}))
        await socket.wait_closed()

    async with talking_to(behave) as (_, notices):
        phases = [
            notice.view["phase"]
            for notice in [await notices.get() for _ in range(4)]
            if isinstance(notice, ViewChanged)
        ]
        assert phases == ["open", "closed"]


async def test_it_comes_back_and_counts() -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(snapshot(1))
        await socket.close(1012)

    async with talking_to(behave) as (client, notices):
        for _ in range(4):
            await notices.get()
        assert client.reconnects >= 1


async def test_commands_are_answered_refused_or_lost() -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(snapshot(1))
        first = json.loads(await socket.recv())
        await socket.send(json.dumps({"type": "result", "id": first["id"], "ok": True, "seq": 2}))
        second = json.loads(await socket.recv())
        error = {"code": "not_open", "en": "It is not open."}
        answer = {"type": "result", "id": second["id"], "ok": False, "error": error}
        await socket.send(json.dumps(answer))
        await socket.recv()
        await socket.close(1012)

    async with talking_to(behave) as (client, notices):
        await notices.get()
        await client.command({"type": "request_floor"})
        with pytest.raises(CommandRefused, match="not_open"):
            await client.command({"type": "request_floor"})
        with pytest.raises(ConnectionError):
            await client.command({"type": "request_floor"})


async def test_a_final_farewell_ends_it() -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.close(4001)

    async with serve(behave, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        client = Signalling(f"ws://127.0.0.1:{port}", {}, lambda _: None)
        async with asyncio.timeout(5):
            with pytest.raises(LinkEnded):
                await client.run()


async def test_the_board_wakes_who_waits() -> None:
    board = Board()
    waiting = asyncio.ensure_future(board.until(lambda view: view["phase"] == "closed", 5))
    board.notify(ViewChanged({"phase": "open"}))
    board.notify(ViewChanged({"phase": "closed"}))
    assert (await waiting)["phase"] == "closed"
    with pytest.raises(TimeoutError):
        await board.until(lambda view: view["phase"] == "open", 0.01)
