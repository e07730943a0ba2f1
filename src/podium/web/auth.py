"""From credentials to a principal, and the proof that a browser's request is meant."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from podium.hall.access import StationLink, WallLink
from podium.web.errors import ApiError
from podium.web.limits import Limits, peer_of
from podium.web.ports import Links, LoginSessions, Tokens
from podium.web.principal import (
    AccountPrincipal,
    Principal,
    StationPrincipal,
    Stranger,
    TokenPrincipal,
    WallPrincipal,
)

COOKIE = "podium_session"
LONGEST_SECRET = 128
"""Characters; ours have 47."""


@dataclass(frozen=True, slots=True)
class WrongCredential:
    """A credential was sent and is not, or no longer, valid."""


class Authenticator:
    """Looks credentials up. A bearer token counts before a cookie."""

    def __init__(
        self, sessions: LoginSessions, tokens: Tokens, links: Links, limits: Limits
    ) -> None:
        self._sessions = sessions
        self._tokens = tokens
        self._links = links
        self._limits = limits

    async def request(self, scope: Scope) -> Principal | WrongCredential:
        headers = Headers(scope=scope)
        authorization = headers.get("authorization")
        if authorization is not None:
            scheme, _, secret = authorization.partition(" ")
            if scheme.lower() != "bearer":
                return WrongCredential()
            return await self.bearer(secret.strip())
        return await self.cookie(headers)

    async def bearer(self, secret: str) -> Principal | WrongCredential:
        if len(secret) > LONGEST_SECRET or not secret.isascii():
            return WrongCredential()
        if secret.startswith("pdt_"):
            account = await self._tokens.find(secret)
            return WrongCredential() if account is None else TokenPrincipal(account)
        if secret.startswith(("pds_", "pdw_")):
            return _link_principal(await self._links.find(secret))
        return WrongCredential()

    async def cookie(self, headers: Headers) -> Principal:
        """A stale cookie is as good as none: its owner must be able to sign in again."""
        secret = session_cookie(headers)
        if secret is None or len(secret) > LONGEST_SECRET or not secret.isascii():
            return Stranger()
        account = await self._sessions.find(secret)
        return Stranger() if account is None else AccountPrincipal(account, secret)

    def failed(self, scope: Scope) -> ApiError:
        """The answer to a wrong credential: 401, or 429 for a peer that sends many."""
        if not self._limits.failures.allows(peer_of(scope)):
            return ApiError("rate_limited", headers={"Retry-After": "1"})
        return ApiError("unauthenticated")


def _link_principal(link: StationLink | WallLink | None) -> Principal | WrongCredential:
    match link:
        case StationLink(conference, venue):
            return StationPrincipal(conference, venue)
        case WallLink(conference):
            return WallPrincipal(conference)
        case None:
            return WrongCredential()


def session_cookie(headers: Headers) -> str | None:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return None if morsel is None else morsel.value


def csrf_token(session: str) -> str:
    """Only who holds the session can know it, so nothing need be stored."""
    digest = hmac.digest(session.encode(), b"podium csrf", "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def check_csrf(principal: Principal, headers: Headers) -> None:
    """For unsafe requests. Raises ``csrf``. Only cookies ride along by themselves."""
    if isinstance(principal, AccountPrincipal):
        sent = headers.get("x-csrf-token", "")
        expected = csrf_token(principal.session)
        if not hmac.compare_digest(sent.encode("utf-8", "replace"), expected.encode()):
            raise ApiError("csrf")


def same_origin(headers: Headers) -> bool:
    """Whether a page of ours asks; programs, which send no ``Origin``, count as such."""
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == headers.get("host")
    except ValueError:
        return False
