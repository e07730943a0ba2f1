"""Session timers (RFC 4028): what is asked, agreed and refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Request, Response
from podium.telephone.sip.syntax import SipSyntaxError, parse_number, parse_params

LEAST: Final = 90
"""Seconds; nobody may ask for less to be the least (RFC 4028, 4)."""
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """In seconds. ``least`` is not below 90."""

    expires: int = 1800
    least: int = LEAST

    def raised_to(self, least: int) -> SessionPolicy:
        """After a 422."""
        return SessionPolicy(max(self.expires, least), max(self.least, least))


@dataclass(frozen=True, slots=True)
class SessionTimer:
    """The session ends after ``seconds`` without a refresh."""

    seconds: int
    ours: bool
    """Whether it is we who refresh."""

    @property
    def refresh_after(self) -> float:
        return self.seconds / 2

    @property
    def expire_after(self) -> float:
        """A BYE goes out that much earlier, so that it can still arrive (RFC 4028, 10)."""
        return self.seconds - min(32.0, self.seconds / 3)


@dataclass(frozen=True, slots=True)
class Agreed:
    """``headers`` go into the 2xx."""

    timer: SessionTimer
    headers: Headers


@dataclass(frozen=True, slots=True)
class Refused:
    status: int
    headers: Headers


@dataclass(frozen=True, slots=True)
class _Asked:
    seconds: int
    refresher: str | None


def judge(request: Request, policy: SessionPolicy) -> Agreed | Refused:
    """What an INVITE or UPDATE of a peer leads to (RFC 4028, 9)."""
    try:
        asked = _asked(request)
        least = _least(request)
        supported = "timer" in request.supported
    except SipSyntaxError:
        return Refused(400, Headers())
    if asked is not None and asked.seconds < policy.least:
        if supported:
            return Refused(422, Headers([("Min-SE", str(policy.least))]))
        asked = replace(asked, seconds=policy.least)
    seconds = min(asked.seconds, policy.expires) if asked else policy.expires
    seconds = max(seconds, min(least, asked.seconds) if asked else least)
    if not supported:
        return Agreed(SessionTimer(seconds, ours=True), _answer(seconds, "uas"))
    refresher = (asked.refresher if asked else None) or "uas"
    headers = _answer(seconds, refresher).add("Require", "timer")
    return Agreed(SessionTimer(seconds, ours=refresher == "uas"), headers)


def offer(policy: SessionPolicy, timer: SessionTimer | None = None) -> Headers:
    """For an INVITE or UPDATE of ours; ``timer`` is what is agreed already."""
    seconds = policy.expires if timer is None else max(timer.seconds, policy.least)
    refresher = "uac" if timer is None or timer.ours else "uas"
    headers = Headers([("Session-Expires", f"{seconds};refresher={refresher}")])
    return headers.add("Min-SE", str(policy.least)) if policy.least > LEAST else headers


def agreed(response: Response, policy: SessionPolicy) -> SessionTimer:
    """What a 2xx to a request with ``offer`` settles. A peer without session timers is refreshed
    by us (RFC 4028, 7.2)."""
    try:
        asked = _asked(response)
    except SipSyntaxError:
        asked = None
    if asked is None:
        return SessionTimer(policy.expires, ours=True)
    return SessionTimer(max(asked.seconds, LEAST // 3), ours=asked.refresher != "uas")


def demanded(response: Response) -> int | None:
    """The Min-SE of a 422, where it makes sense."""
    try:
        least = _least(response)
    except SipSyntaxError:
        return None
    return least if LEAST <= least <= 24 * 3600 else None


def _asked(message: Request | Response) -> _Asked | None:
    value = message.headers.get("Session-Expires")
    if value is None:
        return None
    number, semicolon, rest = value.partition(";")
    seconds = parse_number(number.strip(), _LARGEST, "Session-Expires")
    refresher = dict(parse_params(semicolon + rest)).get("refresher")
    if refresher is not None and refresher.lower() not in ("uac", "uas"):
        raise SipSyntaxError("the refresher is neither uac nor uas")
    return _Asked(seconds, refresher.lower() if refresher else None)


def _least(message: Request | Response) -> int:
    value = message.headers.get("Min-SE")
    if value is None:
        return LEAST
    number = value.partition(";")[0].strip()
    return max(LEAST, parse_number(number, _LARGEST, "Min-SE"))


def _answer(seconds: int, refresher: str) -> Headers:
    return Headers([("Session-Expires", f"{seconds};refresher={refresher}")])
