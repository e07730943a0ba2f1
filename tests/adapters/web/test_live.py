"""The WebSocket from hello to farewell, on the whole server."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.conferences import BEIJING, CONFERENCE, HENAN, NOON, OFFICE, ZHEJIANG
from tests.support.web import ORIGIN, Socket, Web, opened

from podium.conference.commands import OpenConference, Reschedule, WithdrawVenue
from podium.conference.state import Text
from podium.hall.access import AccountRole
from podium.web.shapes_live import SERVER


async def test_a_console_is_told_everything_and_each_change(web: Web) -> None:
    socket = await web.console_socket()
    snapshot = await socket.hear("snapshot")
    assert snapshot["you"] == {"role": "operator"}
    assert snapshot["view"]["counts"]["invited"] == 4
    assert list(snapshot["view"]["venues"]) == list(web.stations)
    await web.do(OpenConference())
    change = await socket.hear("delta")
    assert change["base"] == snapshot["seq"]
    assert change["seq"] == snapshot["seq"] + 1
    assert change["set"]["phase"] == "open"
    await socket.leave()
    for message in socket.seen:
        SERVER.validate_python(message)


async def test_a_station_sees_its_own_venue_and_is_told_what_to_send(web: Web) -> None:
    socket = await web.station_socket(ZHEJIANG)
    snapshot = await socket.hear("snapshot")
    assert snapshot["you"] == {"role": "venue", "venue": ZHEJIANG}
    assert list(snapshot["view"]["venues"]) == [ZHEJIANG]
    assert "counts" not in snapshot["view"]
    assert await socket.hear() == {
        "type": "publish",
        "video": "off",
        "sound": False,
        "content": False,
    }
    await socket.leave()
    for message in socket.seen:
        SERVER.validate_python(message)


async def test_media_is_told_which_pages_are_open(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
    monkeypatch.setattr(
        web.house.media,
        "station_here",
        lambda conference, venue, here: told.put_nowait((venue, here)),
    )
    station = await web.station_socket(ZHEJIANG)
    await station.hear("snapshot")
    assert told.get_nowait() == (ZHEJIANG, True)
    newer = await web.station_socket(ZHEJIANG)
    await newer.hear("snapshot")
    assert told.get_nowait() == (ZHEJIANG, True)
    assert await station.closed() == 4001
    assert told.empty(), "the venue's newer page is still open"
    await newer.leave()
    assert told.get_nowait() == (ZHEJIANG, False)


async def venue_becomes(console: Socket, venue: str, connection: str) -> None:
    while True:
        entry = (await console.hear("delta"))["venues"].get(venue)
        if entry is not None and entry["connection"] == connection:
            return


async def test_a_command_is_answered_with_its_number(web: Web) -> None:
    socket = await web.console_socket()
    before = (await socket.hear("snapshot"))["seq"]
    await socket.say(type="command", id=7, command={"type": "open_conference"})
    assert await socket.hear("result") == {
        "type": "result",
        "id": 7,
        "ok": True,
        "seq": before + 1,
    }
    await socket.leave()


async def test_a_refusal_says_why_and_the_socket_stays_open(web: Web) -> None:
    socket = await web.station_socket()
    await socket.hear("snapshot")
    await socket.say(type="command", id=1, command={"type": "open_conference"})
    answer = await socket.hear("result")
    assert (answer["id"], answer["ok"]) == (1, False)
    assert answer["error"]["code"] == "not_allowed"
    await socket.say(type="command", id=2, command={"type": "request_floor", "venue": HENAN})
    assert (await socket.hear("result"))["error"]["code"] == "not_your_venue"
    await socket.say(type="command", id=3, command={"type": "fly"})
    answer = await socket.hear("result")
    assert answer["error"]["code"] == "invalid"
    SERVER.validate_python(answer)
    await socket.say(type="ping")
    assert await socket.hear() == {"type": "pong"}
    await socket.leave()


async def test_who_missed_something_asks_for_a_snapshot(web: Web) -> None:
    socket = await web.console_socket()
    first = await socket.hear("snapshot")
    await socket.say(type="resync")
    second = await socket.hear("snapshot")
    assert second["view"] == first["view"]
    await socket.leave()


async def test_the_newer_page_of_a_link_takes_over(web: Web) -> None:
    await opened(web)
    console = await web.console_socket()
    await console.hear("snapshot")
    older = await web.station_socket(ZHEJIANG)
    await older.hear("snapshot")
    await venue_becomes(console, ZHEJIANG, "connecting")
    newer = await web.station_socket(ZHEJIANG)
    await newer.hear("snapshot")
    await older.hear("superseded")
    assert await older.closed() == 4001
    await newer.say(type="ping")
    await newer.hear("pong")
    state = (await web.house.halls.get(CONFERENCE)).state  # type: ignore[union-attr]
    assert state is not None
    assert state.venues[ZHEJIANG].connection == "connecting"
    await newer.leave()
    await console.leave()


async def test_a_withdrawn_venue_is_sent_away(web: Web) -> None:
    socket = await web.station_socket(ZHEJIANG)
    await socket.hear("snapshot")
    await web.do(WithdrawVenue(ZHEJIANG))
    assert (await socket.hear("error"))["error"]["code"] == "withdrawn"
    assert await socket.closed() == 4403
    again = await web.station_socket(ZHEJIANG)
    assert await again.closed() == 4403


async def test_a_revoked_link_ends_at_once(web: Web) -> None:
    socket = await web.station_socket(ZHEJIANG)
    other = await web.station_socket(HENAN)
    await socket.hear("snapshot")
    office = await web.person(AccountRole.OFFICE)
    answer = await web.http.delete(
        f"/api/conferences/{CONFERENCE}/links/{ZHEJIANG}", headers=office.program
    )
    assert answer.status_code == 204
    assert await socket.closed() == 4401
    again = await web.station_socket(ZHEJIANG)
    assert await again.closed() == 4401
    await other.say(type="ping")
    await other.hear("pong")
    await other.leave()


async def test_a_new_link_ends_the_page_of_the_old_one(web: Web) -> None:
    socket = await web.station_socket(ZHEJIANG)
    await socket.hear("snapshot")
    office = await web.person(AccountRole.OFFICE)
    answer = await web.http.post(
        f"/api/conferences/{CONFERENCE}/links", json={"venues": [ZHEJIANG]}, headers=office.program
    )
    assert answer.status_code == 201
    assert await socket.closed() == 4401


async def test_signing_out_ends_that_browsers_sockets(web: Web) -> None:
    person = await web.person(AccountRole.CHAIR)
    socket = await web.socket(person.browser).open()
    await socket.say(type="hello", conference=CONFERENCE)
    await socket.hear("snapshot")
    program = await web.console_socket(AccountRole.CHAIR)
    answer = await web.http.delete("/api/session", headers=person.browser)
    assert answer.status_code == 204
    assert await socket.closed() == 4401
    await program.say(type="ping")
    await program.hear("pong")
    await program.leave()


async def test_a_removed_account_ends_everywhere(web: Web) -> None:
    administrator = await web.person(AccountRole.ADMINISTRATOR)
    person = await web.person(AccountRole.CHAIR)
    socket = await web.console_socket(AccountRole.CHAIR)
    await socket.hear("snapshot")
    answer = await web.http.delete(
        f"/api/accounts/{person.account.id}", headers=administrator.browser
    )
    assert answer.status_code == 204
    assert await socket.closed() == 4401


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ("nonsense", 4400),
        ("{}", 4400),
        ('{"type":"hello","color":"red"}', 4400),
        ('{"type":"ping"}', 4400),
        ("[" * 3000, 4400),
        ('{"type":"hello","token":"' + "x" * 5000 + '"}', 1009),
        ('{"type":"hello","token":"pds_wrong"}', 4401),
        ('{"type":"hello","token":"pdw_wrong"}', 4401),
        ('{"type":"hello","token":"pdt_wrong","conference":"conference-1"}', 4401),
        ('{"type":"hello","token":"hunter2"}', 4401),
        ('{"type":"hello","conference":"conference-1"}', 4403),
    ],
)
async def test_a_bad_hello_is_told_what_is_wrong(web: Web, hello: str, code: int) -> None:
    socket = await web.socket().open()
    await socket.say_text(hello)
    assert await socket.closed() == code
    SERVER.validate_python(socket.seen[-1])
    assert socket.seen[-1]["type"] == "error"


async def test_binary_is_nonsense(web: Web) -> None:
    socket = await web.socket().open()
    await socket.say_bytes(b"\x00")
    assert await socket.closed() == 4400


async def test_the_cookie_counts_on_our_own_pages_alone(web: Web) -> None:
    person = await web.person(AccountRole.OBSERVER)
    foreign = await web.socket({**person.browser, "Origin": "https://evil.test"}).open()
    await foreign.say(type="hello", conference=CONFERENCE)
    assert await foreign.closed() == 4403
    assert foreign.seen[-1]["error"]["code"] == "origin"
    own = await web.socket(person.browser).open()
    await own.say(type="hello", conference=CONFERENCE)
    assert (await own.hear("snapshot"))["you"] == {"role": "observer"}
    await own.leave()
    signed_out = await web.socket({"Origin": ORIGIN}).open()
    await signed_out.say(type="hello", conference=CONFERENCE)
    assert await signed_out.closed() == 4401


async def test_other_conferences_are_not_for_a_link(web: Web) -> None:
    socket = await web.socket().open()
    await socket.say(type="hello", token=web.stations[ZHEJIANG], conference="another")
    assert await socket.closed() == 4403


async def test_an_unknown_conference(web: Web) -> None:
    person = await web.person(AccountRole.OFFICE)
    socket = await web.socket().open()
    await socket.say(type="hello", token=person.token, conference="no-such")
    assert await socket.closed() == 4404


@pytest.mark.parametrize("text", ["{", '{"type":"hello"}', '{"type":"command","id":1}', "null"])
async def test_nonsense_later_ends_the_socket(web: Web, text: str) -> None:
    socket = await web.station_socket()
    await socket.hear("snapshot")
    await socket.say_text(text)
    assert await socket.closed() == 4400


async def test_a_flood_ends_the_socket(web: Web) -> None:
    socket = await web.station_socket()
    await socket.hear("snapshot")
    for _ in range(400):
        await socket.say(type="ping")
    assert await socket.closed() == 1008


async def test_many_wrong_tokens_of_one_address_are_slowed_down(web: Web) -> None:
    codes = []
    for _ in range(70):
        socket = await web.socket().open()
        await socket.say(type="hello", token="pds_guess")
        await socket.closed()
        codes.append(socket.seen[-1]["error"]["code"])
    assert codes[0] == "unauthenticated"
    assert codes[-1] == "rate_limited"
    elsewhere = await web.socket(client=("198.51.100.1", 1)).open()
    await elsewhere.say(type="hello", token=web.stations[ZHEJIANG])
    await elsewhere.hear("snapshot")
    await elsewhere.leave()


async def test_many_changes_at_once_are_one_message_and_none_is_lost(web: Web) -> None:
    stations = [await web.station_socket(v) for v in (BEIJING, ZHEJIANG, HENAN)]
    console = await web.console_socket()
    sockets = [*stations, console]
    seqs = [(await s.hear("snapshot"))["seq"] for s in sockets]
    hall = await web.house.halls.get(CONFERENCE)
    assert hall is not None
    renamings = [Reschedule(Text("会议", f"title {n}"), NOON) for n in range(100)]
    await asyncio.gather(*(hall.submit(renaming, OFFICE) for renaming in renamings))
    for socket, seq in zip(sockets, seqs, strict=True):
        messages = 0
        title = None
        while title != "title 99":
            change = await socket.hear("delta")
            assert change["base"] == seq
            seq, messages = change["seq"], messages + 1
            title = change["set"].get("title", {}).get("en")
        assert messages < 20
        await socket.leave()


async def test_the_servers_end_asks_everybody_to_come_back(web: Web) -> None:
    socket = await web.station_socket()
    await socket.hear("snapshot")
    await web.house.halls.close()
    assert await socket.closed() == 1012
