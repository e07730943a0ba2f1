"""WHIP (RFC 9725) and WHEP as a client meets them: over a media engine of values, and over the
real one. Numbers of sections are those of the RFC."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.support.conferences import CONFERENCE, HENAN, ZHEJIANG
from tests.support.web import ORIGIN, Web, open_web, opened

from podium.app.house import EngineMaker, native_engine
from podium.conference.commands import WithdrawVenue
from podium.hall.access import AccountRole
from podium.web.limits import SDP_BYTES

VECTORS = Path(__file__).parents[1] / "vectors" / "sdp"
WATCH = (VECTORS / "chromium_whep.sdp").read_bytes().decode()
SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
END_OF_CANDIDATES = (
    "a=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
    "a=candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host\r\na=end-of-candidates\r\n"
)
NEW_CREDENTIALS = {"ufrag": "newU", "pwd": "anEntirelyNewPasswordOf24"}


def _send_offer(watch: str) -> str:
    """One sound and one picture, in the other direction."""
    head, *sections = watch.replace("a=recvonly", "a=sendonly").split("\r\nm=")
    audio = next(s for s in sections if s.startswith("audio"))
    video = next(s for s in sections if s.startswith("video"))
    mids = [re.search(r"a=mid:(\S+)", s)[1] for s in (audio, video)]  # type: ignore[index]
    head = re.sub(r"a=group:BUNDLE[^\r]*", f"a=group:BUNDLE {' '.join(mids)}", head)
    return f"{head}\r\nm={audio}\r\nm={video}".rstrip() + "\r\n"


SEND = _send_offer(WATCH)


def _wall_offer(pictures: int) -> str:
    """As a browser asks for so many pictures: every codec is named for each of them."""
    head, *sections = WATCH.rstrip().split("\r\nm=")
    video = next(s for s in sections if s.startswith("video"))
    mids = [str(n) for n in range(pictures)]
    head = re.sub(r"a=group:BUNDLE[^\r]*", f"a=group:BUNDLE {' '.join(mids)}", head)
    videos = (re.sub(r"a=mid:\S+", f"a=mid:{mid}", video) for mid in mids)
    return "\r\nm=".join((head, *videos)) + "\r\n"


def _native() -> EngineMaker:
    pytest.importorskip("podium.media.native", exc_type=ImportError)
    return native_engine


@pytest.fixture(params=["engine of values", "native engine"])
async def web(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Web]:
    maker = _native() if request.param == "native engine" else None
    async with open_web(tmp_path, maker) as made:
        await opened(made)
        yield made


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The two are alike but for the offer."""

    path: str
    offer: str


WHIP = Endpoint("/whip", SEND)
WHEP = Endpoint("/whep", WATCH)
both = pytest.mark.parametrize("endpoint", [WHIP, WHEP], ids=["whip", "whep"])


async def post(
    web: Web,
    endpoint: Endpoint,
    *,
    query: str = "",
    headers: dict[str, str] | None = None,
    offer: str | bytes | None = None,
) -> httpx.Response:
    """A good request of Zhejiang's station, but for what is said otherwise."""
    return await web.http.post(
        endpoint.path + query,
        content=endpoint.offer if offer is None else offer,
        headers={**web.station(), "Content-Type": SDP, **(headers or {})},
    )


async def made(web: Web, endpoint: Endpoint) -> httpx.Response:
    answer = await post(web, endpoint)
    assert answer.status_code == 201, answer.text
    return answer


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def credential(sdp: str, name: str) -> str:
    return sdp.split(f"a={name}:")[1].split("\r\n")[0]


async def patch(
    web: Web, answer: httpx.Response, fragment: str, if_match: str | None, **headers: str
) -> httpx.Response:
    conditions = {} if if_match is None else {"If-Match": if_match}
    return await web.http.patch(
        answer.headers["location"],
        content=fragment,
        headers={**web.station(), "Content-Type": FRAGMENT, **conditions, **headers},
    )


def own_fragment(endpoint: Endpoint) -> str:
    """Candidates for the session that ``endpoint.offer`` began."""
    ufrag, pwd = (credential(endpoint.offer, name) for name in ("ice-ufrag", "ice-pwd"))
    return END_OF_CANDIDATES.format(ufrag=ufrag, pwd=pwd)


# --- 4.2: the offer and its answer


@both
async def test_an_offer_is_answered(web: Web, endpoint: Endpoint) -> None:
    answer = await made(web, endpoint)
    assert answer.headers["content-type"].partition(";")[0] == SDP
    assert answer.text.startswith("v=0\r\n")
    assert answer.headers["location"].startswith(f"{endpoint.path}/")
    assert len(answer.headers["location"]) > len(endpoint.path) + 20, "cannot be guessed"
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["accept-patch"] == FRAGMENT
    assert web.stations[ZHEJIANG] not in answer.text


@both
async def test_a_type_with_parameters_is_sdp_too(web: Web, endpoint: Endpoint) -> None:
    answer = await post(web, endpoint, headers={"Content-Type": "Application/SDP; charset=utf-8"})
    assert answer.status_code == 201


@both
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "application/sdpx"])
async def test_another_content_type_is_415(web: Web, endpoint: Endpoint, kind: str) -> None:
    answer = await post(web, endpoint, headers={"Content-Type": kind})
    assert (answer.status_code, code(answer)) == (415, "content_type")
    assert answer.headers["accept-post"] == SDP


@both
async def test_an_answer_that_is_not_accepted_is_406(web: Web, endpoint: Endpoint) -> None:
    answer = await post(web, endpoint, headers={"Accept": "application/json"})
    assert (answer.status_code, code(answer)) == (406, "not_acceptable")
    accepted = await post(web, endpoint, headers={"Accept": "text/html, application/sdp;q=0.5"})
    assert accepted.status_code == 201


@both
@pytest.mark.parametrize(
    "offer",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        b"v=0",
        b"v=0\r\n",
        b"v=0\r\nm=\r\n",
        b"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio x y z\r\n",
        b"v=0\r\n" + b"a" * 5000,
    ],
    ids=["empty", "text", "bytes", "v", "v line", "empty m", "bad port", "long line"],
)
async def test_what_is_no_offer_is_a_clear_4xx(web: Web, endpoint: Endpoint, offer: bytes) -> None:
    answer = await post(web, endpoint, offer=offer)
    assert answer.status_code in {400, 422}
    assert code(answer) in {"offer_malformed", "offer_refused"}
    assert answer.json()["error"]["fault"] == "peer"
    assert "location" not in answer.headers


async def test_an_offer_without_media_is_refused(web: Web) -> None:
    head = SEND.split("m=")[0]
    answer = await post(web, WHIP, offer=head)
    assert answer.status_code in {400, 422}
    assert answer.json()["error"]["details"]


@both
async def test_an_oversized_offer_is_413(web: Web, endpoint: Endpoint) -> None:
    answer = await post(web, endpoint, offer=endpoint.offer + "a" * SDP_BYTES)
    assert (answer.status_code, code(answer)) == (413, "too_large")


async def test_a_wall_may_have_64_pictures(web: Web) -> None:
    endpoint = Endpoint("/whep?view=wall", _wall_offer(64))
    headers = {"Authorization": f"Bearer {web.wall}"}
    answer = await post(web, endpoint, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.text.count("m=video") == 64
    assert "m=video 0" not in answer.text


# --- 4.5: who may


@both
@pytest.mark.parametrize("value", [None, "Bearer pds_wrong", "Bearer", "Basic eDp5"])
async def test_without_a_valid_token_401(web: Web, endpoint: Endpoint, value: str | None) -> None:
    headers = {"Content-Type": SDP} | ({} if value is None else {"Authorization": value})
    answer = await web.http.post(endpoint.path, content=endpoint.offer, headers=headers)
    assert (answer.status_code, code(answer)) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_wall_and_an_account_do_not_publish(web: Web) -> None:
    operator = await web.person(AccountRole.OPERATOR)
    for headers in ({"Authorization": f"Bearer {web.wall}"}, operator.program, operator.browser):
        answer = await web.http.post(
            "/whip", content=SEND, headers={**headers, "Content-Type": SDP}
        )
        assert (answer.status_code, code(answer)) == (403, "forbidden")


@both
async def test_a_withdrawn_venue_is_403(web: Web, endpoint: Endpoint) -> None:
    await web.do(WithdrawVenue(ZHEJIANG))
    answer = await post(web, endpoint)
    assert (answer.status_code, code(answer)) == (403, "withdrawn")


async def test_a_conference_that_is_not_open_is_409(tmp_path: Path) -> None:
    async with open_web(tmp_path) as web:
        answer = await post(web, WHIP)
        assert (answer.status_code, code(answer)) == (409, "room_closed")


@both
async def test_a_session_is_its_owners(web: Web, endpoint: Endpoint) -> None:
    answer = await made(web, endpoint)
    path = answer.headers["location"]
    other = web.station(HENAN)
    ended = await web.http.delete(path, headers=other)
    assert (ended.status_code, code(ended)) == (403, "forbidden")
    patched = await patch(web, answer, own_fragment(endpoint), answer.headers["etag"], **other)
    assert (patched.status_code, code(patched)) == (403, "forbidden")
    assert (await web.http.delete(path, headers=web.station())).status_code == 200


# --- 4.1, 4.2: ending, and methods


@both
async def test_delete_ends_it_once(web: Web, endpoint: Endpoint) -> None:
    path = (await made(web, endpoint)).headers["location"]
    assert (await web.http.delete(path, headers=web.station())).status_code == 200
    again = await web.http.delete(path, headers=web.station())
    assert (again.status_code, code(again)) == (404, "unknown_session")


async def test_a_session_is_not_of_the_other_kind(web: Web) -> None:
    path = (await made(web, WHIP)).headers["location"].replace("/whip/", "/whep/")
    answer = await web.http.delete(path, headers=web.station())
    assert (answer.status_code, code(answer)) == (404, "unknown_session")


@both
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
async def test_the_endpoint_takes_post_alone(web: Web, endpoint: Endpoint, method: str) -> None:
    answer = await web.http.request(method, endpoint.path, headers=web.station())
    assert answer.status_code == 405
    assert answer.headers["allow"] == "OPTIONS, POST"


@both
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST"])
async def test_a_session_takes_patch_and_delete(web: Web, endpoint: Endpoint, method: str) -> None:
    path = (await made(web, endpoint)).headers["location"]
    answer = await web.http.request(method, path, headers=web.station())
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, OPTIONS, PATCH"


@both
async def test_options_say_what_is_taken(web: Web, endpoint: Endpoint) -> None:
    answer = await web.http.options(endpoint.path)
    assert answer.status_code == 204
    assert answer.headers["accept-post"] == SDP
    session = await web.http.options(f"{endpoint.path}/any")
    assert session.headers["accept-patch"] == FRAGMENT


@both
async def test_other_sites_may_use_bearers_but_never_cookies(web: Web, endpoint: Endpoint) -> None:
    preflight = await web.http.options(
        endpoint.path,
        headers={"Origin": "https://encoder.test", "Access-Control-Request-Method": "POST"},
    )
    answer = await post(web, endpoint, headers={"Origin": "https://encoder.test"})
    assert answer.status_code == 201
    for headers in (preflight.headers, answer.headers):
        assert headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in headers
        assert "authorization" in headers["access-control-allow-headers"].lower()
        exposed = headers["access-control-expose-headers"].lower()
        assert {"location", "etag"} <= {name.strip() for name in exposed.split(",")}
    other = await web.http.get("/api/join", headers={**web.station(), "Origin": "https://e.test"})
    assert "access-control-allow-origin" not in other.headers


# --- 4.3: trickle and restart


@both
async def test_candidates_with_the_etag_are_204(web: Web, endpoint: Endpoint) -> None:
    answer = await made(web, endpoint)
    etag = answer.headers["etag"]
    patched = await patch(web, answer, own_fragment(endpoint), etag)
    assert patched.status_code == 204, patched.text
    assert patched.content == b""
    assert patched.headers["etag"] == etag


@both
async def test_patch_without_if_match_is_428(web: Web, endpoint: Endpoint) -> None:
    answer = await made(web, endpoint)
    patched = await patch(web, answer, own_fragment(endpoint), None)
    assert (patched.status_code, code(patched)) == (428, "etag_missing")


@both
@pytest.mark.parametrize("etag", ['"another"', "unquoted", "", 'W/"weak"'])
async def test_patch_with_another_etag_is_412(web: Web, endpoint: Endpoint, etag: str) -> None:
    answer = await made(web, endpoint)
    patched = await patch(web, answer, own_fragment(endpoint), etag)
    assert (patched.status_code, code(patched)) == (412, "etag_mismatch")


@both
async def test_patch_with_another_type_is_415(web: Web, endpoint: Endpoint) -> None:
    answer = await made(web, endpoint)
    headers = {"Content-Type": SDP}
    patched = await patch(web, answer, "x", answer.headers["etag"], **headers)
    assert (patched.status_code, code(patched)) == (415, "content_type")
    assert patched.headers["accept-patch"] == FRAGMENT


@both
@pytest.mark.parametrize("fragment", ["a=ice-ufrag:" + "x" * 1000 + "\r\n", "garbage", "\x00\r\n"])
async def test_a_malformed_fragment_is_400(web: Web, endpoint: Endpoint, fragment: str) -> None:
    answer = await made(web, endpoint)
    patched = await patch(web, answer, fragment, answer.headers["etag"])
    assert (patched.status_code, code(patched)) == (400, "fragment_malformed")
    restarted = await patch(web, answer, fragment, "*")
    assert restarted.status_code in {400, 422}


async def test_a_viewer_restarts_ice(web: Web) -> None:
    answer = await made(web, WHEP)
    fragment = END_OF_CANDIDATES.format(**NEW_CREDENTIALS)
    restarted = await patch(web, answer, fragment, "*")
    assert restarted.status_code == 200, restarted.text
    assert restarted.headers["content-type"].partition(";")[0] == FRAGMENT
    assert restarted.headers["etag"] != answer.headers["etag"]
    for name in ("ice-ufrag", "ice-pwd"):
        assert credential(restarted.text, name) != credential(answer.text, name)
    stale = await patch(web, answer, fragment, answer.headers["etag"])
    assert stale.status_code == 412
    fresh = await patch(web, answer, fragment, restarted.headers["etag"])
    assert fresh.status_code == 204


async def test_a_publisher_is_told_to_begin_anew(web: Web) -> None:
    answer = await made(web, WHIP)
    fragment = END_OF_CANDIDATES.format(**NEW_CREDENTIALS)
    restarted = await patch(web, answer, fragment, "*")
    assert (restarted.status_code, code(restarted)) == (422, "restart_unsupported")
    kept = await patch(web, answer, own_fragment(WHIP), answer.headers["etag"])
    assert kept.status_code == 204


@both
async def test_patch_of_a_session_that_is_not(web: Web, endpoint: Endpoint) -> None:
    answer = await made(web, endpoint)
    await web.http.delete(answer.headers["location"], headers=web.station())
    patched = await patch(web, answer, own_fragment(endpoint), "*")
    assert (patched.status_code, code(patched)) == (404, "unknown_session")


# --- Podium's own: who replaces whom, and views


async def test_the_newer_publisher_replaces_the_older(web: Web) -> None:
    older = await made(web, WHIP)
    newer = await made(web, WHIP)
    gone = await web.http.delete(older.headers["location"], headers=web.station())
    assert gone.status_code == 404
    there = await web.http.delete(newer.headers["location"], headers=web.station())
    assert there.status_code == 200


async def test_content_is_published_beside_the_camera(web: Web) -> None:
    camera = await made(web, WHIP)
    content = await post(web, WHIP, query="?source=content")
    assert content.status_code == 201
    for answer in (camera, content):
        ended = await web.http.delete(answer.headers["location"], headers=web.station())
        assert ended.status_code == 200
    wrong = await post(web, WHIP, query="?source=radio")
    assert (wrong.status_code, code(wrong)) == (422, "invalid")


async def test_a_device_that_takes_over_from_a_page_stops_the_page(web: Web) -> None:
    page = await web.station_socket(ZHEJIANG)
    await page.hear("snapshot")
    from_page = {"Origin": ORIGIN}
    for _ in range(2):  # the page may replace its own
        assert (await post(web, WHIP, headers=from_page)).status_code == 201
    await page.say(type="ping")
    await page.hear("pong")
    assert (await post(web, WHIP)).status_code == 201
    await page.hear("superseded")
    assert await page.closed() == 4001


async def test_an_account_watches_the_conference_that_it_names(web: Web) -> None:
    operator = await web.person(AccountRole.OPERATOR)
    for headers in (operator.program, operator.browser):
        sdp = {**headers, "Content-Type": SDP}
        nameless = await web.http.post("/whep", content=WATCH, headers=sdp)
        assert (nameless.status_code, code(nameless)) == (400, "bad_request")
        unknown = await web.http.post("/whep?conference=no-such", content=WATCH, headers=sdp)
        assert (unknown.status_code, code(unknown)) == (404, "unknown_conference")
        path = f"/whep?conference={CONFERENCE}"
        for view in ("program", "preview", "wall"):
            answer = await web.http.post(f"{path}&view={view}", content=WATCH, headers=sdp)
            assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("who", "view", "status"),
    [
        ("station", "program", 201),
        ("station", "preview", 403),
        ("station", "wall", 403),
        ("wall", "program", 201),
        ("wall", "preview", 403),
        ("wall", "wall", 201),
        ("wall", "nonsense", 422),
    ],
)
async def test_which_link_watches_what(web: Web, who: str, view: str, status: int) -> None:
    token = web.wall if who == "wall" else web.stations[ZHEJIANG]
    headers = {"Authorization": f"Bearer {token}"}
    answer = await post(web, WHEP, query=f"?view={view}", headers=headers)
    assert answer.status_code == status, answer.text


async def test_a_link_does_not_watch_another_conference(web: Web) -> None:
    answer = await post(web, WHEP, query="?conference=another")
    assert (answer.status_code, code(answer)) == (403, "forbidden")


async def test_a_wall_chooses_its_pictures(web: Web) -> None:
    headers = {"Authorization": f"Bearer {web.wall}"}
    answer = await post(web, WHEP, query="?view=wall", headers=headers)
    path = f"{answer.headers['location']}/slots"
    wanted = {"venues": [HENAN, None, "no-such"], "size": "low"}
    done = await web.http.put(path, json=wanted, headers=headers)
    assert done.status_code == 204, done.text
    for wrong in (
        {"venues": [HENAN], "size": "huge"},
        {"venues": [HENAN] * 65, "size": "low"},
        {"venues": HENAN, "size": "low"},
        {"size": "low"},
    ):
        refused = await web.http.put(path, json=wrong, headers=headers)
        assert (refused.status_code, code(refused)) == (422, "invalid")
    program = await post(web, WHEP, headers=headers)
    other = await web.http.put(f"{program.headers['location']}/slots", json=wanted, headers=headers)
    assert (other.status_code, code(other)) == (403, "forbidden")


async def test_a_revoked_link_ends_its_sessions(web: Web) -> None:
    publishing, watching = await made(web, WHIP), await made(web, WHEP)
    office = (await web.person(AccountRole.OFFICE)).program
    links = f"/api/conferences/{CONFERENCE}/links"
    issued = await web.http.post(links, json={"venues": [ZHEJIANG]}, headers=office)
    token = issued.json()["links"][0]["token"]
    for answer in (publishing, watching):
        path = answer.headers["location"]
        old = await web.http.delete(path, headers=web.station())
        assert old.status_code == 401
        new = await web.http.delete(path, headers={"Authorization": f"Bearer {token}"})
        assert (new.status_code, code(new)) == (404, "unknown_session")


async def test_too_many_offers_are_slowed_down(web: Web) -> None:
    codes = [(await post(web, WHEP, offer="v=0\r\n")).status_code for _ in range(70)]
    assert codes[0] in {400, 422}
    assert codes[-1] == 429
