"""The console of the demo: the HTTP API and the WebSocket, as any program may use them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from podium.demo.signalling import Board, Signalling, View

_DRAWING_SECONDS: Final = 120


class ServerRefused(Exception):
    """The server would not; ``args[0]`` says what and why."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where people join. Each address holds a token."""

    stations: Mapping[str, str]
    """Address by venue."""
    tokens: Mapping[str, str]
    """Token by venue."""
    wall: str
    pins: Mapping[str, str] = field(default_factory=dict)
    """PIN by venue, where the server has a telephone."""


@dataclass(slots=True)
class Console:
    """Speaks for the operator account that ``token`` (``pdt_...``) acts for."""

    server: str
    token: str
    conference: str = ""
    board: Board = field(default_factory=Board)
    _http: httpx.AsyncClient = field(init=False)
    _following: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self._http = httpx.AsyncClient(
            base_url=self.server,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=20,
            trust_env=False,
        )

    async def import_directory(self, table: bytes) -> None:
        await self.ask(
            "POST",
            "/api/directory/import?apply=true",
            content=table,
            headers={"Content-Type": "text/csv"},
        )

    async def venues(self) -> list[Mapping[str, Any]]:
        """The directory's venues in protocol order."""
        found: list[Mapping[str, Any]] = (await self.ask("GET", "/api/directory"))["venues"]
        return sorted(found, key=lambda venue: venue["order"])

    async def create(self, template: str, venues: Sequence[str]) -> None:
        """A conference that starts now; from here on this console is that conference's."""
        known = (await self.ask("GET", "/api/templates"))["templates"]
        title = next(t["title"] for t in known if t["id"] == template)
        body = {
            "template": template,
            "title": title,
            "starts_at": datetime.now(UTC).isoformat(),
            "venues": list(venues),
        }
        self.conference = (await self.ask("POST", "/api/conferences", json=body))["id"]

    async def issue_links(self) -> Links:
        path = f"/api/conferences/{self.conference}/links"
        issued = await self.ask("POST", path, json={"venues": "all", "wall": True})
        return Links(
            stations={link["venue"]: link["url"] for link in issued["links"]},
            tokens={link["venue"]: link["token"] for link in issued["links"]},
            wall=issued["wall"]["url"],
            pins={link["venue"]: link["pin"] for link in issued["links"] if link["pin"]},
        )

    async def give_number(self, venue: str, number: str) -> None:
        """The conference office adds a telephone number to a venue that is invited already."""
        known = (await self.until(lambda _: True, 1))["venues"][venue]
        kept = {key: known[key] for key in ("organisation", "name", "kind", "order")}
        invited = {"id": venue, **kept, "telephones": [number]}
        await self.command("invite_venues", organisations=[], venues=[invited])

    async def follow(self) -> None:
        """Begins to follow the conference; returns with the first view."""
        signalling = Signalling(
            self.server.replace("http", "ws", 1) + "/api/ws",
            {"token": self.token, "conference": self.conference},
            self.board.notify,
        )
        self._following = asyncio.ensure_future(signalling.run())
        await self.until(lambda _: True, 10)

    async def command(self, kind: str, **fields: Any) -> None:
        """Raises ``ServerRefused``."""
        path = f"/api/conferences/{self.conference}/commands"
        await self.ask("POST", path, json={"type": kind, **fields})

    async def until(self, so: Callable[[View], bool], seconds: float) -> View:
        """Raises ``TimeoutError``."""
        return await self.board.until(so, seconds)

    async def close(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self._http.aclose()

    async def draw_briefing(self, day: str, language: str, count: int) -> list[str]:
        """Identifiers of the briefing's pages, of which the first ``count`` have been drawn, so
        that they are there when they are shown. Takes a while the first time."""
        query = {"day": day, "lang": language}
        slow = {"params": query, "timeout": _DRAWING_SECONDS}
        briefing = await self.ask("GET", "/api/situation/briefing", **slow)
        pages = [str(page["id"]) for page in briefing["pages"]]
        for page in pages[:count]:
            await self._request("GET", f"/api/situation/pages/{page}.png", **slow)
        return pages

    async def ask(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        value: dict[str, Any] = (await self._request(method, path, **arguments)).json()
        return value

    async def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        answer = await self._http.request(method, path, **arguments)
        if answer.is_error:
            raise ServerRefused(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer
