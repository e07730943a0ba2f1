"""PINs over HTTP, and what consoles, stations and others are told of the telephone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.support.conferences import CONFERENCE, HENAN, NOON, SCHEDULE, XINJIANG, ZHEJIANG
from tests.support.web import Web

from podium.conference import commands as c
from podium.conference.state import VenueId
from podium.hall.access import AccountRole
from podium.hall.pins import PinHolder, PinLock
from podium.hall.trunks import TrunkCondition, TrunkState
from podium.web.shapes_live import SERVER

PINS = f"/api/conferences/{CONFERENCE}/pins"
LINKS = f"/api/conferences/{CONFERENCE}/links"
NUMBER = "+861065190000"
TRUNK = TrunkState("provider", TrunkCondition.REGISTERED, NOON)
NUMBERED = c.InviteVenues((), (replace(SCHEDULE.venues[3], telephones=("8001",)),))


async def operator(web: Web) -> dict[str, str]:
    return (await web.person(AccountRole.OPERATOR)).browser


async def test_pins_come_with_the_links(web: Web) -> None:
    web.telephone.number = NUMBER
    headers = await operator(web)
    asked = {"venues": [HENAN, ZHEJIANG], "general_pin": True}
    issued = (await web.http.post(LINKS, json=asked, headers=headers)).json()
    assert issued["telephone"]["number"] == NUMBER
    pins = {link["venue"]: link["pin"] for link in issued["links"]}
    assert await web.house.pins.find(pins[HENAN]) == PinHolder(CONFERENCE, HENAN)
    assert await web.house.pins.find(issued["telephone"]["general"]) == PinHolder(CONFERENCE, None)
    token = next(link["token"] for link in issued["links"] if link["venue"] == HENAN)
    own = await web.http.get("/api/join", headers={"Authorization": f"Bearer {token}"})
    assert own.json()["telephone"] == {"number": NUMBER, "pin": pins[HENAN]}
    await web.http.delete(f"{LINKS}/{HENAN}", headers=headers)
    assert await web.house.pins.find(pins[HENAN]) is None
    assert await web.house.pins.find(pins[ZHEJIANG]) is not None


async def test_without_a_telephone_there_are_no_pins(web: Web) -> None:
    headers = await operator(web)
    asked = {"venues": [HENAN], "general_pin": True}
    issued = (await web.http.post(LINKS, json=asked, headers=headers)).json()
    assert issued["telephone"] is None
    assert issued["links"][0]["pin"] is None
    refused = await web.http.post(PINS, json={"venues": "all"}, headers=headers)
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "telephone_not_configured"
    joined = await web.http.get("/api/join", headers=web.station())
    assert joined.json()["telephone"] is None


async def test_pins_are_issued_anew_and_revoked_without_the_links(web: Web) -> None:
    web.telephone.number = NUMBER
    headers = await operator(web)
    first = (await web.http.post(PINS, json={"venues": "all"}, headers=headers)).json()
    assert [v["venue"] for v in first["venues"]] == [v.id for v in SCHEDULE.venues]
    assert first["general"] is None
    asked = {"venues": [HENAN], "general": True}
    again = (await web.http.post(PINS, json=asked, headers=headers)).json()
    old = {v["venue"]: v["pin"] for v in first["venues"]}
    assert await web.house.pins.find(old[HENAN]) is None
    assert (await web.http.delete(PINS, headers=headers)).status_code == 204
    assert await web.house.pins.find(again["general"]) is None
    assert (await web.http.delete(f"{PINS}/{ZHEJIANG}", headers=headers)).status_code == 204
    assert await web.house.pins.find(old[ZHEJIANG]) is None
    assert (await web.http.get("/api/join", headers=web.station(HENAN))).status_code == 200
    wrong = await web.http.post(PINS, json={"venues": ["no-such"]}, headers=headers)
    assert wrong.status_code == 404


async def test_guests_get_neither_link_nor_pin(web: Web) -> None:
    web.telephone.number = NUMBER
    await web.do(c.OpenConference(), c.DialNumber(VenueId("guest-a"), "8001", SCHEDULE.title))
    headers = await operator(web)
    issued = (await web.http.post(LINKS, json={"venues": "all"}, headers=headers)).json()
    assert [link["venue"] for link in issued["links"]] == [v.id for v in SCHEDULE.venues]
    listed = (await web.http.get(LINKS, headers=headers)).json()["links"]
    assert len(listed) == len(SCHEDULE.venues)
    asked = {"venues": ["guest-a"]}
    assert (await web.http.post(PINS, json=asked, headers=headers)).status_code == 404


async def test_consoles_are_told_of_the_trunks_at_once_and_when_they_change(web: Web) -> None:
    web.telephone.number = NUMBER
    web.telephone.lines = [TRUNK]
    headers = (await web.person(AccountRole.CHAIR)).program
    shown = {
        "number": NUMBER,
        "trunks": [
            {"name": "provider", "condition": "registered", "since": "2023-03-01T12:00:00.000Z"}
        ],
        "pin_lock": None,
    }
    assert (await web.http.get("/api/telephone", headers=headers)).json()["number"] == NUMBER
    console = await web.console_socket()
    assert await console.hear("telephone") == {"type": "telephone", **shown}
    web.telephone.turn(replace(TRUNK, condition=TrunkCondition.REFUSED, since=None))
    changed = await console.hear("telephone")
    assert changed["trunks"] == [{"name": "provider", "condition": "refused", "since": None}]
    await console.leave()
    for message in console.seen:
        SERVER.validate_python(message)


async def test_consoles_are_told_of_the_lock_for_strangers_and_may_lift_it(web: Web) -> None:
    web.telephone.number = NUMBER
    web.telephone.locked(PinLock(NOON + timedelta(minutes=15)))
    console = await web.console_socket()
    told = await console.hear("telephone")
    assert told["pin_lock"] == {"until": "2023-03-01T12:15:00.000Z"}
    lock = "/api/telephone/pin-lock"
    observer = (await web.person(AccountRole.OBSERVER)).browser
    assert (await web.http.delete(lock, headers=observer)).status_code == 403
    assert web.telephone.pin_lock() is not None
    assert (await web.http.delete(lock, headers=await operator(web))).status_code == 204
    assert (await console.hear("telephone"))["pin_lock"] is None
    await console.leave()
    for message in console.seen:
        SERVER.validate_python(message)


async def test_a_pin_that_is_revoked_ends_calls_and_one_that_is_issued_anew_does_not(
    web: Web,
) -> None:
    web.telephone.number = NUMBER
    headers = await operator(web)
    asked = {"venues": [HENAN, ZHEJIANG], "general_pin": True}
    await web.http.post(LINKS, json=asked, headers=headers)
    await web.http.post(LINKS, json=asked, headers=headers)
    await web.http.post(PINS, json={"venues": "all"}, headers=headers)
    assert web.telephone.revoked == []
    await web.http.delete(f"{PINS}/{HENAN}", headers=headers)
    await web.http.delete(f"{LINKS}/{ZHEJIANG}", headers=headers)
    await web.http.delete(PINS, headers=headers)
    assert web.telephone.revoked == [
        (CONFERENCE, HENAN),
        (CONFERENCE, ZHEJIANG),
        (CONFERENCE, None),
    ]


async def test_others_are_told_neither_trunks_nor_numbers(web: Web) -> None:
    web.telephone.number = NUMBER
    await web.do(c.OpenConference(), NUMBERED, c.PlaceCall(XINJIANG))
    observer = await web.console_socket(AccountRole.OBSERVER)
    wall = await web.socket().open()
    await wall.say(type="hello", token=web.wall)
    station = await web.station_socket(ZHEJIANG)
    sockets = (observer, wall, station)
    for socket in sockets:
        await socket.hear("snapshot")
    web.telephone.turn(TRUNK)
    await web.do(c.HangUp(XINJIANG))
    await web.do(c.StartSession())
    for socket in sockets:
        while (await socket.hear("delta"))["set"].get("phase") != "in_session":
            pass
        assert all(message["type"] != "telephone" for message in socket.seen)
        assert "8001" not in str(socket.seen)
        await socket.leave()
    page = await web.http.get(
        f"/api/conferences/{CONFERENCE}/events",
        headers=(await web.person(AccountRole.OBSERVER)).program,
    )
    assert "8001" not in page.text
    page = await web.http.get(
        f"/api/conferences/{CONFERENCE}/events",
        headers=(await web.person(AccountRole.OPERATOR)).program,
    )
    assert "8001" in page.text


async def test_a_station_knows_that_its_telephone_attends(web: Web) -> None:
    await web.do(c.OpenConference(), NUMBERED, c.PlaceCall(XINJIANG))
    station = await web.station_socket(XINJIANG)
    snapshot = await station.hear("snapshot")
    own = snapshot["view"]["venues"][XINJIANG]
    assert own["call"]["stage"] == "dialling"
    assert (own["call"]["number"], own["telephones"]) == (None, [])
    await station.leave()


async def test_a_station_places_no_calls(web: Web) -> None:
    await web.do(c.OpenConference(), NUMBERED)
    asked = {"type": "place_call", "venue": XINJIANG}
    refused = await web.http.post(
        f"/api/conferences/{CONFERENCE}/commands", json=asked, headers=web.station(XINJIANG)
    )
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "not_allowed"
