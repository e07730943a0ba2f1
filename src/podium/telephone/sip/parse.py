"""From bytes to messages (RFC 3261, 7 and 18.3), strict where laxity would be unsafe.

Everything is bounded, and every fault is a ``BadMessage`` with the status that it deserves
(RFC 4475). The fields on which transactions and dialogs stand are checked here; others when they
are looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from podium.telephone.sip.headers import Headers, canonical
from podium.telephone.sip.message import METHODS, VERSION, Message, Request, Response
from podium.telephone.sip.reasons import REASONS
from podium.telephone.sip.syntax import SipSyntaxError, is_token, parse_number
from podium.telephone.sip.uri import Uri

MAX_MESSAGE: Final = 65_535
"""Bytes, head and body: what a datagram can hold."""
MAX_HEAD: Final = 32_768
MAX_LINES: Final = 256
MAX_LINE: Final = 8_192
"""Characters of the first line, or of one header field after unfolding."""

_ECHOED: Final = ("Via", "From", "To", "Call-ID", "CSeq")
_SINGLE: Final = (
    *("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length", "Content-Type"),
    *("Expires", "Min-Expires", "Session-Expires", "Min-SE", "RSeq", "RAck", "Event"),
)
_NEEDED: Final = ("Via", "From", "To", "Call-ID", "CSeq")
_FOLD: Final = re.compile(r"\r\n[ \t]+")
_STATUS_LINE: Final = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: ([^\r\n]*))?", re.IGNORECASE)
_VERSION: Final = re.compile(r"SIP/[0-9]+\.[0-9]+", re.IGNORECASE)
_CALL_ID: Final = re.compile(r"[^\s,]+")


class BadMessage(SipSyntaxError):
    """Not a SIP message.

    ``refusal`` is the answer that it deserves, without a To tag: ``None`` for what is no request
    with a Via, and for an ACK, which is never answered. It goes back to where the message came
    from, since its Via may be the malformed part.
    """

    def __init__(self, problem: str, status: int = 400, refusal: Response | None = None) -> None:
        super().__init__(problem, status)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Head:
    """The first line and the header fields of a message whose body is still to come."""

    start: str
    headers: Headers
    length: int | None
    """Content-Length, in bytes."""


def is_keep_alive(datagram: bytes) -> bool:
    """Only line ends, or the lone NUL that some phones send: nothing to parse (RFC 5626, 3.5.1)."""
    return not datagram.strip(b"\r\n\0")


def parse(datagram: bytes) -> Message:
    """One message of one datagram (RFC 3261, 18.3). Raises ``BadMessage``.

    Octets after Content-Length are dropped; a body shorter than it is an error; without it the
    body reaches to the end.
    """
    if len(datagram) > MAX_MESSAGE:
        raise BadMessage("the message is too large", 513)
    raw, end, rest = datagram.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not end:
        raise BadMessage("the header fields do not end with an empty line")
    head = parse_head(raw)
    if head.length is not None and head.length > len(rest):
        raise refuse(head, SipSyntaxError("the body is shorter than Content-Length says"))
    return finish(head, rest[: head.length])


def parse_head(raw: bytes) -> Head:
    """All before the empty line, without it. Raises ``BadMessage``."""
    if len(raw) > MAX_HEAD:
        raise BadMessage("the header fields are too large", 513)
    start, _, fields = raw.decode("utf-8", "surrogateescape").partition("\r\n")
    lines = _FOLD.sub(" ", fields).split("\r\n") if fields else []
    try:
        _check_sizes(start, lines)
        headers = Headers(_field(line) for line in lines)
        return Head(start, headers.without("Content-Length"), _length(headers))
    except SipSyntaxError as error:
        raise refuse(Head(start, _salvage(lines), None), error) from error


def finish(head: Head, body: bytes) -> Message:
    """The message, checked. Raises ``BadMessage``."""
    try:
        if head.start[:4].upper() == "SIP/":
            message: Message = _response(head, body)
        else:
            message = _request(head, body)
        _check(message)
    except SipSyntaxError as error:
        raise refuse(head, error) from error
    return message


def refuse(head: Head, error: SipSyntaxError) -> BadMessage:
    """The error with the answer that the sender deserves."""
    method = head.start.partition(" ")[0]
    is_request = is_token(method) and method != "ACK"
    echoed = _first_of_each(head.headers)
    if not is_request or "Via" not in echoed:
        return BadMessage(error.problem, error.status)
    refusal = Response(error.status, REASONS[error.status], echoed)
    return BadMessage(error.problem, error.status, refusal)


def _check_sizes(start: str, lines: list[str]) -> None:
    if len(lines) > MAX_LINES:
        raise SipSyntaxError("too many header fields", 513)
    if len(start) > MAX_LINE:
        raise SipSyntaxError("the first line is too long", 414)
    if any(len(line) > MAX_LINE for line in lines):
        raise SipSyntaxError("a header field is too long", 513)


def _field(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    name = name.rstrip(" \t")
    if not colon or not is_token(name):
        raise SipSyntaxError("a header field has no proper name")
    if "\r" in value or "\n" in value:
        raise SipSyntaxError("a header field has a stray line end in it")
    return name, value


def _length(headers: Headers) -> int | None:
    values = headers.all("Content-Length")
    if len(values) > 1:
        raise SipSyntaxError("Content-Length appears more than once")
    return parse_number(values[0], MAX_MESSAGE, "Content-Length") if values else None


def _salvage(lines: list[str]) -> Headers:
    fields: list[tuple[str, str]] = []
    for line in lines[:MAX_LINES]:
        name, _, value = line[:MAX_LINE].partition(":")
        name = name.rstrip(" \t")
        if is_token(name) and canonical(name) in _ECHOED and not ("\r" in value or "\n" in value):
            fields.append((name, value))
    return Headers(fields)


def _first_of_each(headers: Headers) -> Headers:
    kept: list[tuple[str, str]] = []
    seen: set[str] = set()
    for name, value in headers.only(*_ECHOED):
        if name == "Via" or name not in seen:
            kept.append((name, value))
        seen.add(name)
    return Headers(kept)


def _response(head: Head, body: bytes) -> Response:
    found = _STATUS_LINE.fullmatch(head.start)
    if found is None:
        raise SipSyntaxError("the status line is malformed")
    return Response(int(found[1]), found[2] or "", head.headers, body)


def _request(head: Head, body: bytes) -> Request:
    parts = head.start.split(" ")
    if len(parts) != 3 or not is_token(parts[0]):
        raise SipSyntaxError("the request line is malformed")
    method, target, version = parts
    if version.upper() != VERSION:
        known = _VERSION.fullmatch(version) is not None
        raise SipSyntaxError("the version is not SIP/2.0", 505 if known else 400)
    uri = Uri.parse(target)
    if not uri.is_sip and uri.scheme != "tel":
        raise SipSyntaxError("the Request-URI has a scheme that is not supported", 416)
    if uri.headers:
        raise SipSyntaxError("the Request-URI has header fields in it")
    return Request(method, uri, head.headers, body)


def _check(message: Message) -> None:
    """Raises ``SipSyntaxError`` if a look-up that dialogs need would."""
    for name in _NEEDED:
        if name not in message.headers:
            raise SipSyntaxError(f"{name} is missing")
    for name in _SINGLE:
        if len(message.headers.lines(name)) > 1:
            raise SipSyntaxError(f"{name} appears more than once")
    if _CALL_ID.fullmatch(message.call_id) is None:
        raise SipSyntaxError("the Call-ID is malformed")
    if not message.via:
        raise SipSyntaxError("Via is missing")
    _ = message.from_, message.to, message.contacts, message.routes, message.record_routes
    _ = message.max_forwards
    cseq = message.cseq
    if isinstance(message, Request) and cseq.method != message.method:
        unknown = message.method not in METHODS
        raise SipSyntaxError("the CSeq is of another method", 501 if unknown else 400)
