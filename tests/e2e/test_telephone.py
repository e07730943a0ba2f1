"""Telephones as venues: real SIP and RTP by our own telephones, the real server and engine.

Every venue and every telephone has a pitch of its own, which proves who hears whom.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support.sip_phones import HOST, phone
from tests.support.stage import PATIENCE, Stage, free_port, stage

from podium.demo.fleet import Fleet
from podium.demo.phone import CallRefused, Phone
from podium.demo.signalling import View

pytestmark = pytest.mark.usefixtures("built")

MAIN, SYNTHETIC = 1, 2
PHONES = """
[[phone]]
number = "8006"
secret = "a right secret"
"""


@asynccontextmanager
async def telephones(
    data: Path, monkeypatch: pytest.MonkeyPatch, *speaking: int
) -> AsyncIterator[tuple[Stage, str]]:
    """A conference in session with a main venue and a branch by video, and ``host:port`` of its
    telephone."""
    port = free_port()
    accounts = data / "phones.toml"
    accounts.write_text(PHONES)
    for key, value in {
        "HOSTS": HOST,
        "PORT": port,
        "RTP_PORTS": "42000-42999",
        "ACCOUNTS": accounts,
        "FALLBACK_GRACE": 1,
    }.items():
        monkeypatch.setenv(f"PODIUM_TELEPHONE_{key}", str(value))
    async with stage(data, SYNTHETIC, listens_for=speaking) as made:
        await made.in_session()
        yield made, f"{HOST}:{port}"


async def pins(made: Stage) -> dict[str, str]:
    path = f"/api/conferences/{made.console.conference}/pins"
    issued = await made.console.ask("POST", path, json={"venues": "all", "general": True})
    return {p["venue"]: p["pin"] for p in issued["venues"]} | {"": issued["general"]}


def call_of(view: View, venue: str) -> dict[str, Any]:
    """As the console is told; a guest that has gone is on no list any more."""
    found: dict[str, Any] | None = view["venues"].get(venue, {}).get("call")
    return found or {"stage": "idle"}


async def joined(made: Stage, number: int) -> None:
    venue = made.venue(number).id
    await made.console.until(lambda view: call_of(view, venue)["stage"] == "joined", PATIENCE)


async def dial_in(made: Stage, caller: Phone, address: str, pin: str, number: int) -> None:
    """With the PIN typed on its keys, as by a person."""
    await caller.call(f"sip:9000@{address}", PATIENCE)
    await caller.press(pin + "#")
    await joined(made, number)


async def test_telephones_hear_are_called_on_and_are_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        telephones(tmp_path, monkeypatch, 4, 5) as (made, address),
        phone("4", 4) as (four, port),
        phone("5", 5) as (five, _),
    ):
        issued = await pins(made)
        for caller, number in ((four, 4), (five, 5)):
            await dial_in(made, caller, address, issued[made.venue(number).id], number)
        for caller in (four, five):
            await caller.hears(lambda heard: heard == {MAIN}, PATIENCE)

        await four.press("1")
        fourth = made.venue(4).id
        await made.console.until(
            lambda view: any(entry["venue"] == fourth for entry in view["floor"]["queue"]), PATIENCE
        )
        four.sound.speaking = True
        await made.command("grant_floor", venue=fourth)
        await made.perceived({"main": MAIN}, {MAIN, 4})
        await five.hears(lambda heard: heard == {MAIN, 4}, PATIENCE)
        await four.hears(lambda heard: heard == {MAIN}, PATIENCE)

        await made.command("release_floor", venue=fourth)
        await made.perceived({"main": MAIN}, {MAIN})
        await five.hears(lambda heard: heard == {MAIN}, PATIENCE)
        await made.command("close_conference")
        for caller in (four, five):
            await caller.hung_up(PATIENCE)
    log = (tmp_path / "server.log").read_text()
    for secret in (*issued.values(), f":{port}", "sip:", f"{four.sound.port}"):
        assert secret not in log


async def test_hold_stops_the_sound_and_resume_brings_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telephones(tmp_path, monkeypatch) as (made, address), phone("4", 4) as (four, _):
        issued = await pins(made)
        await four.call(f"sip:{issued[made.venue(4).id]}@{address}", PATIENCE)
        await joined(made, 4)
        await four.hears(lambda heard: heard == {MAIN}, PATIENCE)
        four.hold(True)
        await four.silent(PATIENCE)
        four.hold(False)
        await four.hears(lambda heard: heard == {MAIN}, PATIENCE)


async def test_a_guest_joins_by_the_general_pin_and_becomes_a_venue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telephones(tmp_path, monkeypatch) as (made, address), phone("4", 4) as (four, _):
        issued = await pins(made)
        await four.call(f"sip:9000@{address}", PATIENCE)
        await four.press(issued[""] + "#")
        view = await made.console.until(
            lambda view: any(v["kind"] == "guest" for v in view["venues"].values()), PATIENCE
        )
        guest = next(id_ for id_, v in view["venues"].items() if v["kind"] == "guest")
        await made.command("assign_guest", guest=guest, venue=made.venue(4).id)
        await joined(made, 4)
        await four.hears(lambda heard: heard == {MAIN}, PATIENCE)


async def test_wrong_pins_are_refused_alike_and_strange_numbers_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telephones(tmp_path, monkeypatch) as (_, address), phone("4", 4) as (four, _):
        for user in ("00000000", "1234", "someone"):
            with pytest.raises(CallRefused, match="404"):
                await four.call(f"sip:{user}@{address}", PATIENCE)
        await four.call(f"sip:9000@{address}", PATIENCE)
        for _ in range(3):
            await four.press("00000000#")
        await four.hung_up(PATIENCE)


async def test_a_registered_telephone_is_dialled_and_what_is_not_allowed_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telephones(tmp_path, monkeypatch, 6) as (made, address):
        port = int(address.rsplit(":", 1)[1])
        async with phone("8006", 6, at=(port, "a right secret")) as (six, _):
            await six.registered(PATIENCE)
            name = {"zh": "来宾", "en": "Guest"}
            await made.command("dial_number", guest="guest-a", number="8006", name=name)
            await six.answered(PATIENCE)
            await six.press("1")
            await made.console.until(
                lambda view: call_of(view, "guest-a")["stage"] == "joined", PATIENCE
            )
            await six.hears(lambda heard: heard == {MAIN}, PATIENCE)
            six.sound.speaking = True
            await made.command("open_microphone", venue="guest-a")
            await made.perceived({"main": MAIN}, {MAIN, 6})

            await made.command("dial_number", guest="guest-b", number="+19005550100", name=name)
            view = await made.console.until(
                lambda view: call_of(view, "guest-b")["stage"] == "ended", PATIENCE
            )
            assert call_of(view, "guest-b")["reason"] == "not_allowed"


async def test_a_venue_that_loses_its_video_comes_back_by_telephone_and_is_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telephones(tmp_path, monkeypatch, 3) as (made, address):
        port = int(address.rsplit(":", 1)[1])
        third = made.venue(3)
        async with phone("8006", 3, at=(port, "a right secret")) as (own, _):
            await own.registered(PATIENCE)
            await made.console.give_number(third.id, "8006")
            fleet = await Fleet.start(made.server.url, [third], tmp_path)
            await made.connected(3)
            await made.command("open_microphone", venue=third.id)
            await fleet.kill()
            await own.answered(60)
            await own.press("1")
            await joined(made, 3)
            own.sound.speaking = True
            await made.perceived({"main": MAIN}, {MAIN, 3})  # its microphone is still open
            own.sound.speaking = False

            fleet = await Fleet.start(made.server.url, [third], tmp_path)
            await made.connected(3)
            await own.hung_up(PATIENCE)
            view = await made.console.until(
                lambda view: call_of(view, third.id)["stage"] == "ended", PATIENCE
            )
            assert call_of(view, third.id)["reason"] == "video_back"
            assert view["venues"][third.id]["microphone"] == "open"
            await fleet.kill()
