"""The lexical ground of SIP header fields (RFC 3261, 25.1): tokens, quotes, parameters, hosts.

Every pattern here takes time linear in its input.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import Final

Params = tuple[tuple[str, str | None], ...]
"""Parameters in order: name in lower case, value as on the wire (quotes kept), ``None``: a flag."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_PARAM_VALUE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[!#-+\--:=?-~]*', re.DOTALL)
_HOST: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_.])?")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)
_OUTSIDE: Final = {
    separator: re.compile(
        rf'"(?:[^"\\]|\\.)*"|<[^<>]*>|[^{separator}"<]+|{separator}',
        re.DOTALL,
    )
    for separator in ",;"
}
_MAX_PARAMS: Final = 64
_MAX_PORT: Final = 65535


class SipSyntaxError(ValueError):
    """The peer's fault: this is not SIP. ``status`` is what a request deserves for it.

    The text names the place and never repeats what was sent.
    """

    def __init__(self, problem: str, status: int = 400) -> None:
        super().__init__(problem)
        self.problem = problem
        self.status = status


def is_token(text: str) -> bool:
    """``token`` of RFC 3261, 25.1."""
    return _TOKEN.fullmatch(text) is not None


def split_outside(text: str, separator: str) -> list[str]:
    """Split at ``separator`` (``,`` or ``;``) outside of quoted strings and angle brackets.

    The parts are stripped and may be empty. Raises ``SipSyntaxError`` when a quote or a bracket
    is left open.
    """
    if '"' not in text and "<" not in text:
        return [part.strip() for part in text.split(separator)]
    parts: list[str] = []
    current: list[str] = []
    at = 0
    while at < len(text):
        found = _OUTSIDE[separator].match(text, at)
        if found is None:
            raise SipSyntaxError("a quotation mark or an angle bracket is not closed")
        at = found.end()
        if found.group() == separator:
            parts.append("".join(current).strip())
            current = []
        else:
            current.append(found.group())
    parts.append("".join(current).strip())
    return parts


def take_quoted(text: str) -> tuple[str, str]:
    """A leading quoted string without its quotes and escapes, and what follows it."""
    found = _QUOTED.match(text)
    if found is None:
        raise SipSyntaxError("a quotation mark is not closed")
    return unescape(found.group(1)), text[found.end() :]


def unescape(text: str) -> str:
    """Undo the quoted pairs of a quoted string's inside."""
    return _PAIR.sub(r"\1", text) if "\\" in text else text


def unquote(value: str) -> str:
    """The meaning of a parameter's value: without quotes if it has them."""
    return take_quoted(value)[0] if value.startswith('"') else value


def quote(text: str) -> str:
    """As a quoted string. Line ends, which no SIP string can carry, become spaces."""
    flat = text.replace("\r", " ").replace("\n", " ")
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_params(text: str) -> Params:
    """``;a=1;b;c="x"``, or nothing. An empty parameter (``;;``) is an error."""
    text = text.strip()
    if not text:
        return ()
    if not text.startswith(";"):
        raise SipSyntaxError("parameters must begin with a semicolon")
    parts = split_outside(text[1:], ";")
    if len(parts) > _MAX_PARAMS:
        raise SipSyntaxError("too many parameters")
    return tuple(_parse_param(part) for part in parts)


def _parse_param(part: str) -> tuple[str, str | None]:
    name, equals, value = part.partition("=")
    name, value = name.rstrip(), value.lstrip()
    if not is_token(name):
        raise SipSyntaxError("a parameter has no proper name")
    if not equals:
        return name.lower(), None
    if _PARAM_VALUE.fullmatch(value) is None:
        raise SipSyntaxError("a parameter has no proper value")
    return name.lower(), value


def print_params(params: Params) -> str:
    return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in params)


def find_param(params: Params, name: str) -> str | None:
    """The value without quotes; ``""`` for a flag, ``None`` when it is not there."""
    for key, value in params:
        if key == name:
            return "" if value is None else unquote(value)
    return None


def with_param(params: Params, name: str, value: str | None) -> Params:
    """The parameter in its place, or at the end."""
    if any(key == name for key, _ in params):
        return tuple((key, value if key == name else old) for key, old in params)
    return (*params, (name, value))


def parse_host_port(text: str) -> tuple[str, int | None]:
    """``host``, ``host:5060``, ``[2001:db8::1]:5060``; spaces around the colon are allowed.

    The host of an IPv6 literal comes without its brackets.
    """
    if text.startswith("["):
        inside, closed, rest = text[1:].partition("]")
        if not closed or not is_ipv6(inside):
            raise SipSyntaxError("an IPv6 address is malformed")
        host, rest = inside, rest.strip()
        if rest and not rest.startswith(":"):
            raise SipSyntaxError("an IPv6 address is followed by something else than a port")
        return host, parse_port(rest[1:].strip()) if rest else None
    host, colon, port = text.partition(":")
    host = host.rstrip()
    if _HOST.fullmatch(host) is None:
        raise SipSyntaxError("a host name is malformed")
    return host, parse_port(port.strip()) if colon else None


def print_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return "%" not in text


def parse_port(text: str) -> int:
    return parse_number(text, _MAX_PORT, "a port")


def parse_number(text: str, largest: int, what: str) -> int:
    """Decimal digits only, at most ``largest``. ``what`` is named in the error."""
    if not (text.isascii() and text.isdigit()) or len(text.lstrip("0")) > len(str(largest)):
        raise SipSyntaxError(f"{what} is not a number in range")
    number = int(text)
    if number > largest:
        raise SipSyntaxError(f"{what} is not a number in range")
    return number
