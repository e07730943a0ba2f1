"""Digest authentication, both sides (RFC 3261, 22; RFC 2617; RFC 7616; RFC 8760).

The server keeps no state for a challenge: a nonce carries the time and a MAC. What it keeps is
the counts that were used, bounded, so that nothing is taken twice.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import math
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Final

from podium.telephone.sip.digest_fields import (
    Algorithm,
    Challenge,
    Counted,
    Credentials,
    Ha1s,
    Plain,
    digest,
    ha1,
    read_challenges,
    read_credentials,
)
from podium.telephone.sip.digest_uses import Uses
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Request, Response
from podium.telephone.sip.syntax import SipSyntaxError
from podium.telephone.sip.uri import Uri

SALT_LENGTH: Final = 8
"""Random octets that a challenge needs."""
_MAC_LENGTH: Final = 16
_TIME_LENGTH: Final = 8
_RESOLUTION: Final = 0.001
"""Seconds: of the time in a nonce."""


@dataclass(frozen=True, slots=True)
class Authenticated:
    username: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stale:
    """The password is right, the nonce too old or used already: challenge with ``stale``."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """The password is wrong, or nobody has this name; nothing tells which. Challenge again."""

    username: str = field(repr=False)
    """As claimed: for the throttle, not for logs."""


Verdict = Authenticated | Stale | Wrong


class DigestServer:
    """Challenges, and judges what answers them. ``now`` is in seconds of any one clock."""

    __slots__ = ("_key", "_lifetime", "_uses", "realm")

    def __init__(
        self, realm: str, key: bytes, lifetime: float = 300.0, max_nonces: int = 10_000
    ) -> None:
        """``key``: 32 secret octets. ``lifetime``: seconds that a nonce is good for.

        ``max_nonces``: nonces whose use is remembered; beyond, the oldest become stale early.
        """
        self.realm = realm
        self._key = key
        self._lifetime = lifetime
        self._uses = Uses(max_nonces)

    def challenges(
        self,
        now: float,
        salt: bytes,
        algorithms: Collection[Algorithm] = (Algorithm.MD5,),
        *,
        stale: bool = False,
    ) -> tuple[str, ...]:
        """Values of WWW-Authenticate (or Proxy-Authenticate), a line each, MD5 first.

        ``salt``: at least ``SALT_LENGTH`` fresh random octets. ``algorithms``: those of the account
        that the request names; for unknown names leave it out. Phones from before RFC 8760 may
        give up when they see SHA-256 at all (baresip 1.0 does), so it is for accounts whose
        phones are known to have it.
        """
        if len(salt) < SALT_LENGTH:
            raise ValueError(f"a nonce needs {SALT_LENGTH} random octets")
        issued = math.floor(now * 1000).to_bytes(_TIME_LENGTH, "big", signed=True)
        stem = issued + salt[:SALT_LENGTH]
        nonce = base64.urlsafe_b64encode(stem + self._mac(stem)).rstrip(b"=").decode()
        return tuple(
            str(Challenge(self.realm, nonce, algorithm, has_qop=True, stale=stale))
            for algorithm in Algorithm
            if algorithm in algorithms
        )

    def credentials(self, request: Request, name: str = "Authorization") -> Credentials | None:
        """What to look an account up by; ``None``: challenge. ``name``: or Proxy-Authorization."""
        return read_credentials(request.headers, name, self.realm)

    def verify(
        self, credentials: Credentials, request: Request, ha1s: Ha1s | None, now: float
    ) -> Verdict:
        """``ha1s``: the account's, or ``None`` if there is none: the work is the same.

        The digest's URI must name the host of the Request-URI, and its user if it names one:
        more cannot be asked, for some clients leave the user out.
        """
        decoy = self._decoy(credentials)
        secret = (ha1s or {}).get(credentials.algorithm)
        expected = digest(
            decoy if secret is None else secret,
            credentials.algorithm,
            request.method,
            credentials.uri,
            credentials.nonce,
            credentials.use,
        )
        matches = hmac.compare_digest(expected.encode(), _octets(credentials.response))
        issued = self._issued(credentials.nonce)
        if not matches or secret is None or not _is_for(credentials.uri, request.uri):
            return Wrong(credentials.username)
        if issued is None or not -_RESOLUTION <= now - issued <= self._lifetime:
            return Stale()
        if not self._uses.take(credentials, issued, now - self._lifetime):
            return Stale()
        return Authenticated(credentials.username)

    def _mac(self, stem: bytes) -> bytes:
        text = stem + self.realm.encode()
        return hmac.digest(self._key, text, hashlib.sha256)[:_MAC_LENGTH]

    def _decoy(self, credentials: Credentials) -> str:
        text = _octets(credentials.username)
        made = hmac.digest(self._key, text, hashlib.sha256).hex()
        return made[:32] if credentials.algorithm is Algorithm.MD5 else made

    def _issued(self, nonce: str) -> float | None:
        """When it was made, in seconds; ``None`` if it is not of this server."""
        try:
            raw = base64.urlsafe_b64decode(_octets(nonce) + b"=" * (-len(nonce) % 4))
        except (binascii.Error, ValueError):
            return None
        stem, mac = raw[: _TIME_LENGTH + SALT_LENGTH], raw[_TIME_LENGTH + SALT_LENGTH :]
        if not hmac.compare_digest(mac, self._mac(stem)):
            return None
        return int.from_bytes(stem[:_TIME_LENGTH], "big", signed=True) / 1000


@dataclass(frozen=True, slots=True)
class Login:
    """What a trunk knows us by."""

    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """The request with its credentials, to be sent with the next CSeq and a new branch.

    With ``challenge`` the next requests can carry credentials from the start: ``authorization``
    with ``count`` one higher each time.
    """

    request: Request
    challenge: Challenge


def answer(request: Request, response: Response, login: Login, cnonce: str) -> Answered | None:
    """Answer a 401 or 407 (RFC 3261, 22.2 and 22.3) with the first challenge that can be.

    ``None`` if there is none, or if ``request`` carries credentials for the same realm already and
    the answer does not call them stale: asking again would only lock the account. Credentials for
    other realms stay.
    """
    asks, carries = (
        ("Proxy-Authenticate", "Proxy-Authorization")
        if response.status == 407
        else ("WWW-Authenticate", "Authorization")
    )
    challenges = read_challenges(response.headers, asks)
    if not challenges:
        return None
    challenge = challenges[0]
    refused = read_credentials(request.headers, carries, challenge.realm)
    if refused is not None and not challenge.stale:
        return None
    value = authorization(challenge, login, request.method, request.uri, cnonce)
    others = _other_realms(request.headers, carries, challenge.realm)
    return Answered(
        replace(request, headers=request.headers.set(carries, *others, value)), challenge
    )


def authorization(
    challenge: Challenge, login: Login, method: str, uri: Uri, cnonce: str, count: int = 1
) -> str:
    """The value of Authorization. ``cnonce``: random text; ``count``: uses of the nonce so far."""
    use = Counted.of(cnonce, count) if challenge.has_qop else Plain()
    secret = ha1(challenge.algorithm, login.username, challenge.realm, login.password)
    response = digest(secret, challenge.algorithm, method, str(uri), challenge.nonce, use)
    return str(
        Credentials(
            login.username,
            challenge.realm,
            challenge.nonce,
            str(uri),
            challenge.algorithm,
            use,
            response,
            challenge.opaque,
        )
    )


def _other_realms(headers: Headers, name: str, realm: str) -> list[str]:
    return [
        line
        for line in headers.lines(name)
        if read_credentials(Headers([(name, line)]), name, realm) is None
    ]


def _is_for(text: str, target: Uri) -> bool:
    try:
        uri = Uri.parse(text)
    except SipSyntaxError:
        return False
    return uri.host.lower() == target.host.lower() and (uri.user or target.user) == target.user


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
