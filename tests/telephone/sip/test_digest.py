"""Digest on both sides: the RFCs' examples, then client against server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from podium.telephone.sip.digest import (
    Answered,
    Authenticated,
    DigestServer,
    Login,
    Stale,
    Verdict,
    Wrong,
    answer,
    authorization,
)
from podium.telephone.sip.digest_fields import (
    Algorithm,
    Challenge,
    Counted,
    Ha1s,
    digest,
    ha1,
    make_ha1s,
    read_challenges,
)
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Request, Response, encode, respond
from podium.telephone.sip.parse import parse
from podium.telephone.sip.uri import Uri

REALM = "podium.example"
SALT = b"saltsalt"
LOGIN = Login("1001", "secret")
HA1S = make_ha1s("1001", REALM, "secret", list(Algorithm))
REGISTER = Request(
    "REGISTER",
    Uri.parse("sip:podium.example"),
    Headers(
        [
            ("Via", "SIP/2.0/UDP a.example;branch=z9hG4bKx"),
            ("From", "<sip:1001@podium.example>;tag=1"),
            ("To", "<sip:1001@podium.example>"),
            ("Call-ID", "1"),
            ("CSeq", "1 REGISTER"),
        ]
    ),
)


def server(max_nonces: int = 100) -> DigestServer:
    return DigestServer(REALM, b"k" * 32, lifetime=60.0, max_nonces=max_nonces)


def challenged(
    of: DigestServer, now: float = 0.0, salt: bytes = SALT, *, stale: bool = False
) -> Response:
    lines = [
        ("WWW-Authenticate", value)
        for value in of.challenges(now, salt, list(Algorithm), stale=stale)
    ]
    return respond(REGISTER, 401, headers=Headers(lines))


def answered(response: Response, login: Login = LOGIN) -> Answered:
    result = answer(REGISTER, response, login, "cnonce")
    assert result is not None
    return result


def verdict(
    of: DigestServer, request: Request, now: float = 1.0, ha1s: Ha1s | None = HA1S
) -> Verdict:
    received = parse(encode(request))
    assert isinstance(received, Request)
    credentials = of.credentials(received)
    assert credentials is not None
    return of.verify(credentials, received, ha1s, now)


def test_the_example_of_rfc_2617() -> None:
    secret = ha1(Algorithm.MD5, "Mufasa", "testrealm@host.com", "Circle Of Life")
    assert (
        digest(
            secret,
            Algorithm.MD5,
            "GET",
            "/dir/index.html",
            "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            Counted("0a4f113b", "00000001"),
        )
        == "6629fae49393a05397450978507c4ef1"
    )


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        (Algorithm.MD5, "8ca523f5e9506fed4657c9700eebdbec"),
        (
            Algorithm.SHA_256,
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: Algorithm, expected: str) -> None:
    secret = ha1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life")
    nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
    use = Counted("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "00000001")
    assert digest(secret, algorithm, "GET", "/dir/index.html", nonce, use) == expected


def test_md5_is_offered_first_and_the_right_password_is_taken() -> None:
    of = server()
    response = challenged(of)
    offered = read_challenges(response.headers, "WWW-Authenticate")
    assert [challenge.algorithm for challenge in offered] == [Algorithm.MD5, Algorithm.SHA_256]
    assert verdict(of, answered(response).request) == Authenticated("1001")


def test_nobody_is_offered_sha_256_unasked() -> None:
    (only,) = server().challenges(0.0, SALT)
    assert "algorithm=MD5" in only
    assert list(make_ha1s("1001", REALM, "secret")) == [Algorithm.MD5]


def test_an_account_may_be_kept_from_md5() -> None:
    of = server()
    strong = make_ha1s("1001", REALM, "secret", [Algorithm.SHA_256])
    assert list(strong) == [Algorithm.SHA_256]
    first = answered(challenged(of)).request
    assert verdict(of, first, ha1s=strong) == Wrong("1001")
    value = authorization(
        read_challenges(challenged(of).headers, "WWW-Authenticate")[1],
        LOGIN,
        "REGISTER",
        REGISTER.uri,
        "cnonce",
    )
    request = replace(REGISTER, headers=REGISTER.headers.set("Authorization", value))
    assert verdict(of, request, ha1s=strong) == Authenticated("1001")


def test_a_wrong_password_and_an_unknown_name_look_the_same() -> None:
    of = server()
    wrong = answered(challenged(of), Login("1001", "guess")).request
    assert verdict(of, wrong) == Wrong("1001")
    assert verdict(of, wrong, ha1s=None) == Wrong("1001")


def test_the_work_is_the_same_for_an_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    of = server()
    wrong = answered(challenged(of), Login("1001", "guess")).request
    hashes: list[str] = []

    def counting(secret: str, *rest: Any) -> str:
        hashes.append(secret)
        return digest(secret, *rest)

    monkeypatch.setattr("podium.telephone.sip.digest.digest", counting)
    verdict(of, wrong)
    verdict(of, wrong, ha1s=None)
    known, unknown = hashes
    assert len(known) == len(unknown)
    assert known != unknown


def test_an_old_nonce_is_stale_only_for_the_right_password() -> None:
    of = server()
    response = challenged(of)
    assert verdict(of, answered(response).request, now=61.0) == Stale()
    wrong = answered(response, Login("1001", "guess")).request
    assert verdict(of, wrong, now=61.0) == Wrong("1001")
    again = answer(
        answered(response).request,
        challenged(of, 61.0, b"otherone", stale=True),
        LOGIN,
        "cnonce",
    )
    assert again is not None
    assert verdict(of, again.request, now=62.0) == Authenticated("1001")


@pytest.mark.parametrize("change", ["BBBB", ""])
def test_a_nonce_of_somebody_else_is_stale(change: str) -> None:
    of = server()
    (challenge, _) = read_challenges(challenged(of).headers, "WWW-Authenticate")
    forged = replace(challenge, nonce=change + challenge.nonce[4:])
    value = authorization(forged, LOGIN, "REGISTER", REGISTER.uri, "cnonce")
    request = replace(REGISTER, headers=REGISTER.headers.set("Authorization", value))
    assert verdict(of, request) == Stale()


def counted(of: DigestServer, count: int, now: float = 0.0, salt: bytes = SALT) -> Verdict:
    (challenge, _) = read_challenges(challenged(of, now, salt).headers, "WWW-Authenticate")
    value = authorization(challenge, LOGIN, "REGISTER", REGISTER.uri, "cnonce", count)
    request = replace(REGISTER, headers=REGISTER.headers.set("Authorization", value))
    return verdict(of, request, now)


def test_no_count_is_taken_twice() -> None:
    of = server()
    taken = Authenticated("1001")
    assert [counted(of, n) for n in (1, 2, 5, 4, 3)] == [taken] * 5
    assert [counted(of, n) for n in (1, 2, 3, 4, 5, 0)] == [Stale()] * 6
    assert counted(of, 1000) == taken
    assert counted(of, 1000) == Stale()
    assert counted(of, 1000 - 64) == Stale()
    assert counted(of, 1000 - 63) == taken


def test_what_had_to_be_forgotten_counts_as_used() -> None:
    of = server(max_nonces=4)
    salts = [bytes([n]) * 8 for n in range(12)]
    for n, salt in enumerate(salts):
        assert counted(of, 1, n / 10, salt) == Authenticated("1001")
    assert len(of._uses) <= 4
    assert {type(counted(of, 1, n / 10, salt)) for n, salt in enumerate(salts)} == {Stale}


def test_without_qop_a_nonce_serves_once_for_each_method() -> None:
    of = server()
    (challenge, _) = read_challenges(challenged(of).headers, "WWW-Authenticate")
    old = replace(challenge, has_qop=False)

    def judged(method: str) -> Verdict:
        value = authorization(old, LOGIN, method, REGISTER.uri, "")
        assert "qop" not in value
        headers = REGISTER.headers.set("CSeq", f"1 {method}").set("Authorization", value)
        return verdict(of, replace(REGISTER, method=method, headers=headers))

    assert judged("INVITE") == Authenticated("1001")
    assert judged("BYE") == Authenticated("1001")
    assert judged("INVITE") == Stale()


@pytest.mark.parametrize(
    ("uri", "verdict_"),
    [
        ("sip:podium.example:5062;transport=tcp", Authenticated("1001")),
        ("sip:other.example", Wrong("1001")),
        ("sip:somebody@podium.example", Wrong("1001")),
        ("nonsense", Wrong("1001")),
    ],
)
def test_the_digest_is_for_this_target(uri: str, verdict_: Verdict) -> None:
    of = server()
    (challenge, _) = read_challenges(challenged(of).headers, "WWW-Authenticate")
    use = Counted("c", "00000001")
    response = digest(HA1S[Algorithm.MD5], Algorithm.MD5, "REGISTER", uri, challenge.nonce, use)
    line = (
        f'Digest username="1001",realm="{REALM}",nonce="{challenge.nonce}",uri="{uri}",'
        f'response="{response}",qop=auth,nc=00000001,cnonce="c"'
    )
    request = replace(REGISTER, headers=REGISTER.headers.set("Authorization", line))
    assert verdict(of, request) == verdict_


NAMED = f'Digest username="a",realm="{REALM}",nonce="n",uri="sip:x"'


@pytest.mark.parametrize(
    "line",
    [
        "NoOneKnowsThisScheme opaque-data=here",
        "Basic dXNlcjpwYXNz",
        "Digest",
        'Digest username="a',
        'Digest username="a",realm="elsewhere",nonce="n",uri="sip:x",response="r"',
        NAMED,
        f'{NAMED},response="r",algorithm=MD4',
        f'{NAMED},response="r",qop=auth-int,nc=00000001,cnonce="c"',
        f'{NAMED},response="r",qop=auth,nc=-0000001,cnonce="c"',
        f'{NAMED},response="r",qop=auth,nc=00000001',
        f'{NAMED},username="b",response="r"',
    ],
)
def test_what_cannot_be_checked_counts_as_nothing(line: str) -> None:
    request = replace(REGISTER, headers=REGISTER.headers.set("Authorization", line))
    assert server().credentials(request) is None
    fitting = replace(
        REGISTER, headers=REGISTER.headers.set("Authorization", f"{NAMED},response=r")
    )
    assert server().credentials(fitting) is not None


def test_a_refused_login_is_not_tried_again() -> None:
    of = server()
    request = answered(challenged(of)).request
    assert answer(request, challenged(of, 1.0, b"otherone"), LOGIN, "c") is None


def test_credentials_for_other_realms_stay() -> None:
    of = server()
    theirs = Challenge("proxy.example", "n", Algorithm.SHA_256, has_qop=True, opaque="o")
    refusal = respond(REGISTER, 407, headers=Headers([("Proxy-Authenticate", str(theirs))]))
    first = answered(refusal).request
    assert 'opaque="o"' in (first.headers.get("Proxy-Authorization") or "")
    second = answer(first, challenged(of), LOGIN, "c")
    assert second is not None
    assert "Proxy-Authorization" in second.request.headers
    assert verdict(of, second.request) == Authenticated("1001")


def test_the_first_challenge_that_can_be_answered_is() -> None:
    lines = [
        'Digest realm="r", nonce="1", algorithm=SHA-512-256, qop="auth"',
        'Digest realm="r", nonce="2", algorithm=SHA-256, qop="auth-int"',
        'Digest realm="r", nonce="3", algorithm=sha-256, qop="auth,auth-int"',
        'Digest realm="r", nonce="4"',
    ]
    headers = Headers([("WWW-Authenticate", line) for line in lines])
    found = read_challenges(headers, "WWW-Authenticate")
    assert [(c.nonce, c.algorithm, c.has_qop) for c in found] == [
        ("3", Algorithm.SHA_256, True),
        ("4", Algorithm.MD5, False),
    ]
    assert answer(REGISTER, respond(REGISTER, 401), LOGIN, "c") is None


def test_no_secret_shows_in_a_repr() -> None:
    of = server()
    request = answered(challenged(of)).request
    credentials = of.credentials(request)
    for text in (repr(LOGIN), repr(credentials), repr(Wrong("1001")), repr(request)):
        assert "1001" not in text
        assert "secret" not in text


def test_a_nonce_needs_chance() -> None:
    with pytest.raises(ValueError, match="random"):
        server().challenges(0.0, b"short")
    one, other = (server().challenges(0.0, salt) for salt in (SALT, b"otherone"))
    assert one != other
