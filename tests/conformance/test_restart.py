"""Kill -9 in session: after the restart everybody is where they were, and what was said to be done
is done."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from typing import Any, Final

import httpx
from tests.support.servers import PATIENCE, serving, signed_in
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

BACK_WITHIN: Final = 10.0
"""Seconds from the kill to the last station's fresh snapshot, on a machine that is not busy with
something else: there, twice the time that the first start took."""
STATIONS: Final = 5
OF_CONNECTIONS: Final = ("connection", "since", "reason")


class Station:
    """A venue's page, without media: says hello, keeps the newest snapshot, comes back for ever."""

    def __init__(self, url: str, venue: str, token: str) -> None:
        self.venue = venue
        self.acknowledged = 0
        self.closed_with: list[int] = []
        self._url = url.replace("http", "ws", 1) + "/api/ws"
        self._token = token
        self._socket: ClientConnection | None = None
        self.snapshots: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._asked = 0

    async def attend(self) -> None:
        while True:
            with contextlib.suppress(OSError, InvalidHandshake, TimeoutError):
                async with connect(self._url, proxy=None) as socket:
                    await self._attend(socket)
            await asyncio.sleep(0.1)  # as a page waits before it tries again

    async def _attend(self, socket: ClientConnection) -> None:
        await socket.send(json.dumps({"type": "hello", "token": self._token}))
        self._socket = socket
        try:
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "snapshot":
                    self.snapshots.put_nowait(message)
                elif message["type"] == "result":
                    self._answers.pop(message["id"]).set_result(message)
        except ConnectionClosed:
            pass
        if socket.close_code is not None:
            self.closed_with.append(socket.close_code)
        for answer in self._answers.values():
            answer.cancel()
        self._answers.clear()

    async def command(self, kind: str, **fields: Any) -> dict[str, Any]:
        assert self._socket is not None
        self._asked += 1
        answer = self._answers[self._asked] = asyncio.get_running_loop().create_future()
        command = {"type": kind, "venue": self.venue, **fields}
        message = {"type": "command", "id": self._asked, "command": command}
        await self._socket.send(json.dumps(message))
        result: dict[str, Any] = await answer
        return result

    async def snapshot(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            return await self.snapshots.get()


class Office:
    """The administrator's side of the HTTP API."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.conference = ""

    async def _ask(self, method: str, path: str, **more: Any) -> Any:
        answer = await self._http.request(method, path, **more)
        assert answer.is_success, answer.text
        return answer.json()

    async def prepare(self) -> list[dict[str, str]]:
        """The model conference; its station links, the main venue's first."""
        model = resources.files("podium.demo").joinpath("model_venues.csv").read_bytes()
        await self._ask(
            "POST",
            "/api/directory/import?apply=true",
            content=model,
            headers={"Content-Type": "text/csv"},
        )
        venues = (await self._ask("GET", "/api/directory"))["venues"]
        created = await self._ask(
            "POST",
            "/api/conferences",
            json={
                "template": "model",
                "title": {"zh": "会议", "en": "Conference"},
                "starts_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "venues": "all",
            },
        )
        self.conference = created["id"]
        path = f"/api/conferences/{self.conference}/links"
        links = (await self._ask("POST", path, json={"venues": "all"}))["links"]
        main = {venue["id"] for venue in venues if venue["kind"] == "main"}
        return sorted(links, key=lambda link: link["venue"] not in main)

    async def command(self, kind: str, **fields: Any) -> None:
        path = f"/api/conferences/{self.conference}/commands"
        await self._ask("POST", path, json={"type": kind, **fields})

    async def view(self) -> dict[str, Any]:
        state = await self._ask("GET", f"/api/conferences/{self.conference}")
        view: dict[str, Any] = state["view"]
        return view

    async def events(self) -> list[dict[str, Any]]:
        path = f"/api/conferences/{self.conference}/events?limit=5000"
        events: list[dict[str, Any]] = (await self._ask("GET", path))["events"]
        return events


@contextlib.asynccontextmanager
async def attending(url: str, links: list[dict[str, str]]) -> AsyncIterator[list[Station]]:
    stations = [Station(url, link["venue"], link["token"]) for link in links]
    tasks = [asyncio.create_task(station.attend()) for station in stations]
    try:
        yield stations
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def lasting(view: dict[str, Any]) -> dict[str, Any]:
    """The view without what a restart may change: who is attached at the moment."""
    venues = {
        id_: {name: value for name, value in venue.items() if name not in OF_CONNECTIONS}
        for id_, venue in view["venues"].items()
    }
    return {name: value for name, value in view.items() if name != "counts"} | {"venues": venues}


async def in_session(office: Office, stations: list[Station]) -> None:
    """Something of everything that must come back."""
    main, first, second, third, fourth = (station.venue for station in stations)
    await office.command("open_conference")
    await office.command("start_session")
    await office.command("start_item", item=(await office.view())["agenda"][0]["id"])
    await office.command("grant_floor", venue=first, slot="second")
    await office.command("open_microphone", venue=second)
    await stations[2].command("switch_own_microphone", closed=True)
    await stations[3].command("request_floor")
    await stations[4].command("request_floor")
    await office.command("put_on_air", slot="content", venue=main)
    program = {"main": third, "second": fourth, "content": None}
    await office.command("set_preview", program=program)


async def test_after_kill_everybody_is_back_where_they_were(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        began = time.monotonic()
        server = await stack.enter_async_context(serving(tmp_path))
        start_took = time.monotonic() - began
        http = await stack.enter_async_context(signed_in(server, server.password))
        office = Office(http)
        links = (await office.prepare())[:STATIONS]
        stations = await stack.enter_async_context(attending(server.url, links))
        for station in stations:
            await station.snapshot()
        await in_session(office, stations)
        before, recorded = await office.view(), await office.events()
        assert before["floor"]["holders"]
        assert len(before["floor"]["queue"]) == 2

        killed = time.monotonic()
        await server.crash()
        again = await stack.enter_async_context(serving(tmp_path, port=server.port))
        snapshots = [await station.snapshot() for station in stations]
        took = time.monotonic() - killed
        assert took < max(BACK_WITHIN, 2 * start_took)

        # The browser is still signed in, and the log has grown by connections alone.
        after = await office.view()
        assert lasting(after) == lasting(before)
        events = await office.events()
        assert events[: len(recorded)] == recorded
        later = {entry["event"]["type"] for entry in events[len(recorded) :]}
        assert later == {"venue_connection_changed"}
        for station, snapshot in zip(stations, snapshots, strict=True):
            own, was = snapshot["view"]["venues"], before["venues"][station.venue]
            assert own[station.venue]["microphone"] == was["microphone"]
        assert "password" not in "".join(again.out)
        await office.command("cut_to_main")
        assert await again.stop() == 0
        assert again.process.returncode == 0
    print(f"back after {took:.2f} s")


async def test_what_was_acknowledged_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(tmp_path))
        http = await stack.enter_async_context(signed_in(server, server.password))
        office = Office(http)
        links = (await office.prepare())[:STATIONS]
        stations = await stack.enter_async_context(attending(server.url, links))
        for station in stations:
            await station.snapshot()
        await office.command("open_conference")

        acknowledged: dict[int, str] = {}
        enough = asyncio.Event()

        async def fidget(station: Station) -> None:
            for closed in (True, False) * 20:
                answer = await station.command("switch_own_microphone", closed=closed)
                acknowledged[answer["seq"]] = station.venue
                if len(acknowledged) >= 60:
                    enough.set()

        fidgeting = [asyncio.create_task(fidget(station)) for station in stations]
        await enough.wait()
        await server.crash()
        await asyncio.gather(*fidgeting, return_exceptions=True)
        assert len(acknowledged) >= 60

        await stack.enter_async_context(serving(tmp_path, port=server.port))
        events = {entry["seq"]: entry for entry in await office.events()}
        assert list(events) == list(range(1, len(events) + 1))
        switched = {
            seq: events[seq]["event"]["venue"]
            for seq in acknowledged
            if events[seq]["event"]["type"] == "own_microphone_switched"
        }
        assert switched == acknowledged


async def test_a_stop_in_order_asks_everybody_to_come_back(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(tmp_path))
        http = await stack.enter_async_context(signed_in(server, server.password))
        office = Office(http)
        links = (await office.prepare())[:2]
        stations = await stack.enter_async_context(attending(server.url, links))
        for station in stations:
            await station.snapshot()
        began = time.monotonic()
        server.process.terminate()  # as a wrapper that passes its own signal on: twice at once
        assert await server.stop() == 0
        assert time.monotonic() - began < PATIENCE / 3
        again = await stack.enter_async_context(serving(tmp_path, port=server.port))
        for station in stations:
            await station.snapshot()
            assert station.closed_with == [1012]
        assert await again.stop() == 0
