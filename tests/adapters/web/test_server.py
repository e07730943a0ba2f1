"""Over real sockets on loopback: the limits of the server around the application."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
import websockets
from tests.support.conferences import HENAN, ZHEJIANG
from tests.support.web import PATIENCE, Web

from podium.web.limits import HEADER_BYTES, WS_MESSAGE_BYTES
from podium.web.server import server_config


@dataclass(frozen=True, slots=True)
class Running:
    web: Web
    server: uvicorn.Server
    task: asyncio.Task[None]
    address: str

    async def station(self) -> websockets.ClientConnection:
        link = await websockets.connect(f"ws://{self.address}/api/ws", proxy=None)
        token = self.web.stations[ZHEJIANG]
        await link.send(json.dumps({"type": "hello", "token": token}))
        assert json.loads(await link.recv())["type"] == "snapshot"
        return link

    async def stop(self) -> None:
        self.server.should_exit = True
        await asyncio.wait_for(asyncio.shield(self.task), PATIENCE)


@pytest.fixture
async def running(web: Web) -> AsyncIterator[Running]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(server_config(web.app, host="127.0.0.1", port=port))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    running = Running(web, server, task, f"127.0.0.1:{port}")
    async with httpx.AsyncClient() as http:
        async with asyncio.timeout(PATIENCE):  # the socket listens once the server has begun
            while True:
                try:
                    await http.get(f"http://{running.address}/healthz")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0)
    yield running
    await running.stop()


async def closing(link: websockets.ClientConnection) -> int | None:
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                await link.recv()
    except websockets.ConnectionClosed:
        return link.close_code


async def test_a_station_follows_and_the_end_asks_it_to_come_back(running: Running) -> None:
    link = await running.station()
    assert "permessage-deflate" not in str(link.protocol.extensions)
    stopping = asyncio.create_task(running.stop())
    assert await closing(link) == 1012
    await stopping


async def test_a_message_that_is_too_large_is_1009(running: Running) -> None:
    link = await running.station()
    await link.send("x" * (WS_MESSAGE_BYTES + 1))
    assert await closing(link) == 1009


async def test_headers_that_are_too_large_are_refused(running: Running) -> None:
    headers = {"X-Large": "x" * 32 * HEADER_BYTES}
    async with httpx.AsyncClient() as http:
        try:
            answer = await http.get(f"http://{running.address}/healthz", headers=headers)
        except httpx.TransportError:
            pass  # it hung up before all was sent
        else:
            assert 400 <= answer.status_code < 500
        assert (await http.get(f"http://{running.address}/healthz")).status_code == 200


async def test_no_token_is_logged(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "websockets.client"):
        caplog.set_level(logging.WARNING, name)
    link = await running.station()
    token = running.web.stations[HENAN]
    async with httpx.AsyncClient() as http:
        await http.get(f"http://{running.address}/station/{token}")
        await http.get(f"http://{running.address}/nothing/{token}")
    await link.close()
    ours = [r for r in caplog.records if r.name.startswith(("podium", "uvicorn", "fastapi"))]
    for record in ours:
        if record.levelno >= logging.INFO:
            assert token not in record.getMessage()
            assert running.web.stations[ZHEJIANG] not in record.getMessage()
            assert "127.0.0.1:" not in record.getMessage().replace(running.address, "")
