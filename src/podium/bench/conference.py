"""The conference that is measured: one main venue that speaks, many branch venues that watch."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from podium.bench.server import BenchFailed, Server

_MAIN: Final = "main"
_COLUMNS: Final = (
    "organisation_code",
    "organisation_zh",
    "organisation_en",
    "parent_code",
    "level",
    "venue_code",
    "venue_zh",
    "venue_en",
    "venue_kind",
    "order",
)


@dataclass(frozen=True, slots=True)
class Held:
    """A conference in session. Tokens are those of the station links."""

    id: str
    main: str
    branches: tuple[str, ...]


def directory(branches: int) -> bytes:
    """A directory for import: one main venue, and branch venues b00001, b00002, ..."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(_COLUMNS)
    table.writerow((_MAIN, "主办单位", "Host", "", "national", _MAIN, "主会场", "Main", "main", 1))
    for n in range(1, branches + 1):
        code = f"b{n:05}"
        zh, en = f"第{n}分会场", f"Branch {n}"
        table.writerow((code, zh, en, _MAIN, "province", code, zh, en, "branch", n + 1))
    return out.getvalue().encode()


@dataclass(frozen=True, slots=True)
class HeldByTelephone:
    """A conference in session; the PINs of its branch venues."""

    id: str
    pins: tuple[str, ...]


def hold(server: Server, branches: int) -> Held:
    """Creates the conference and starts its session. Raises ``BenchFailed``."""
    with _client(server) as http:
        conference = _create(http, branches)
        base = f"/api/conferences/{conference}"
        links = _ask(http, f"{base}/links", json={"venues": "all"})["links"]
        tokens = {link["venue"]: link["token"] for link in links}
        main = tokens.pop(_MAIN)
        _start(http, base)
    return Held(conference, main, tuple(tokens.values()))


def hold_by_telephone(server: Server, branches: int) -> HeldByTelephone:
    """The same for telephones. Raises ``BenchFailed``."""
    with _client(server) as http:
        conference = _create(http, branches)
        base = f"/api/conferences/{conference}"
        issued = _ask(http, f"{base}/pins", json={"venues": "all"})["venues"]
        _start(http, base)
    pins = tuple(one["pin"] for one in issued if one["venue"] != _MAIN)
    return HeldByTelephone(conference, pins)


def _client(server: Server) -> httpx.Client:
    headers = {"Authorization": f"Bearer {server.token}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=60, trust_env=False)


def _create(http: httpx.Client, branches: int) -> str:
    imported = _ask(
        http,
        "/api/directory/import?apply=true",
        content=directory(branches),
        headers={"Content-Type": "text/csv"},
    )
    if imported["errors"]:
        raise BenchFailed(f"the directory was refused: {imported['errors'][:3]}")
    title = {"zh": "测量会议", "en": "Measured conference"}
    wanted = {"title": title, "starts_at": datetime.now(UTC).isoformat(), "venues": "all"}
    conference: str = _ask(http, "/api/conferences", json=wanted)["id"]
    return conference


def _start(http: httpx.Client, base: str) -> None:
    for command in ("open_conference", "start_session"):
        _ask(http, f"{base}/commands", json={"type": command})
    _ask(http, f"{base}/commands", json={"type": "open_microphone", "venue": _MAIN})


def _ask(http: httpx.Client, path: str, **body: Any) -> Mapping[str, Any]:
    answer = http.post(path, **body)
    if answer.is_error:
        raise BenchFailed(f"POST {path}: {answer.status_code} {answer.text[:500]}")
    shape: Mapping[str, Any] = answer.json()
    return shape
