"""SIP messages as values (RFC 3261, 7), their typed look-ups, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from podium.telephone.sip.fields import CSeq, Via
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.reasons import REASONS
from podium.telephone.sip.syntax import SipSyntaxError, parse_number
from podium.telephone.sip.uri import NameAddr, Uri, parse_addresses, parse_expiry

VERSION: Final = "SIP/2.0"
METHODS: Final = frozenset(
    {
        "ACK",
        "BYE",
        "CANCEL",
        "INFO",
        "INVITE",
        "MESSAGE",
        "NOTIFY",
        "OPTIONS",
        "PRACK",
        "PUBLISH",
        "REFER",
        "REGISTER",
        "SUBSCRIBE",
        "UPDATE",
    }
)
"""All registered methods, whether Podium takes them or not."""

_ECHOED: Final = ("Via", "From", "To", "Call-ID", "CSeq")


def _needed(headers: Headers, name: str) -> str:
    value = headers.get(name)
    if value is None:
        raise SipSyntaxError(f"{name} is missing")
    return value


def _via(headers: Headers) -> tuple[Via, ...]:
    return tuple(Via.parse(value) for value in headers.all("Via"))


def _top_via(headers: Headers) -> Via:
    return Via.parse(_needed(headers, "Via"))


def _from(headers: Headers) -> NameAddr:
    return NameAddr.parse(_needed(headers, "From"))


def _to(headers: Headers) -> NameAddr:
    return NameAddr.parse(_needed(headers, "To"))


def _cseq(headers: Headers) -> CSeq:
    return CSeq.parse(_needed(headers, "CSeq"))


def _contacts(headers: Headers) -> tuple[NameAddr, ...]:
    return parse_addresses(tuple(v for v in headers.all("Contact") if v != "*"))


def _routes(headers: Headers) -> tuple[NameAddr, ...]:
    return parse_addresses(headers.all("Route"))


def _record_routes(headers: Headers) -> tuple[NameAddr, ...]:
    return parse_addresses(headers.all("Record-Route"))


class _Fields:
    """Typed look-ups. What ``parse`` has let through never raises here, but where it says so."""

    __slots__ = ()
    headers: Headers
    body: bytes

    @property
    def via(self) -> tuple[Via, ...]:
        return self.headers.read(_via)

    @property
    def top_via(self) -> Via:
        return self.headers.read(_top_via)

    @property
    def from_(self) -> NameAddr:
        return self.headers.read(_from)

    @property
    def to(self) -> NameAddr:
        return self.headers.read(_to)

    @property
    def call_id(self) -> str:
        return _needed(self.headers, "Call-ID")

    @property
    def cseq(self) -> CSeq:
        return self.headers.read(_cseq)

    @property
    def max_forwards(self) -> int | None:
        """0..255, or ``None`` when it is not there (RFC 2543)."""
        value = self.headers.get("Max-Forwards")
        return None if value is None else parse_number(value, 255, "Max-Forwards")

    @property
    def contacts(self) -> tuple[NameAddr, ...]:
        """Without ``*``."""
        return self.headers.read(_contacts)

    @property
    def contact(self) -> NameAddr | None:
        """The first: the remote target (RFC 3261, 12.1)."""
        contacts = self.contacts
        return contacts[0] if contacts else None

    @property
    def contact_is_star(self) -> bool:
        """``Contact: *`` of a REGISTER that removes all bindings (RFC 3261, 10.2.2)."""
        return "*" in self.headers.all("Contact")

    @property
    def routes(self) -> tuple[NameAddr, ...]:
        return self.headers.read(_routes)

    @property
    def record_routes(self) -> tuple[NameAddr, ...]:
        return self.headers.read(_record_routes)

    @property
    def expires(self) -> int | None:
        """Seconds; a malformed value counts as 3600 (RFC 3261, 20.19)."""
        value = self.headers.get("Expires")
        return None if value is None else parse_expiry(value)

    @property
    def content_type(self) -> str:
        """``type/subtype`` in lower case without parameters; empty when it is not there."""
        value = self.headers.get("Content-Type") or ""
        main, _, sub = value.partition(";")[0].partition("/")
        return f"{main.strip()}/{sub.strip()}".lower() if sub else main.strip().lower()

    @property
    def required(self) -> frozenset[str]:
        """Option tags of Require, in lower case. Raises ``SipSyntaxError``."""
        return self.option_tags("Require")

    @property
    def supported(self) -> frozenset[str]:
        """Option tags of Supported, in lower case. Raises ``SipSyntaxError``."""
        return self.option_tags("Supported")

    def option_tags(self, name: str) -> frozenset[str]:
        """Tokens of a list field, in lower case. Raises ``SipSyntaxError``."""
        return frozenset(value.lower() for value in self.headers.all(name))


@dataclass(frozen=True, slots=True)
class Request(_Fields):
    method: str
    uri: Uri
    headers: Headers
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Response(_Fields):
    """``reason`` is for people only and may be empty."""

    status: int
    reason: str = field(repr=False)
    headers: Headers
    body: bytes = field(default=b"", repr=False)

    @property
    def is_provisional(self) -> bool:
        return self.status < 200

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


Message = Request | Response


def encode(message: Message) -> bytes:
    """The wire form. Content-Length is written here and nowhere else (RFC 3261, 20.14).

    Bytes of a header field that were not UTF-8 when parsed come out as they came in.
    """
    if isinstance(message, Request):
        start = f"{message.method} {message.uri} {VERSION}"
    else:
        reason = message.reason.replace("\r", " ").replace("\n", " ")
        start = f"{VERSION} {message.status} {reason}"
    headers = message.headers.without("Content-Length").add(
        "Content-Length", str(len(message.body))
    )
    lines = [start, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + message.body


def respond(
    request: Request,
    status: int,
    reason: str | None = None,
    *,
    tag: str | None = None,
    headers: Headers | None = None,
    body: bytes = b"",
) -> Response:
    """An answer to ``request`` (RFC 3261, 8.2.6): Via, From, To, Call-ID and CSeq are copied.

    ``tag`` goes into To if it has none; leave it out for 100 only. For a 101 to 299 that makes a
    dialog Record-Route is copied too (12.1.1), by whoever makes dialogs. ``headers`` follow.
    """
    echoed = request.headers.only(*_ECHOED)
    if status == 100:
        echoed = Headers([*echoed, *request.headers.only("Timestamp")])
    reply = Response(
        status,
        REASONS.get(status, "") if reason is None else reason,
        Headers([*echoed, *(headers or ())]),
        body,
    )
    return reply if tag is None else with_to_tag(reply, tag)


def with_to_tag(response: Response, tag: str) -> Response:
    """The tag goes into To unless it has one, or is too malformed to tell."""
    to = response.headers.get("To")
    if to is None or _is_tagged(to):
        return response
    return replace(response, headers=response.headers.set("To", f"{to};tag={tag}"))


def _is_tagged(to: str) -> bool:
    try:
        return NameAddr.parse(to).tag is not None
    except SipSyntaxError:
        return True
