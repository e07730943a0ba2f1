"""SIP, SIPS and tel URIs (RFC 3261, 19.1; RFC 3966) and the name-addr form around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final, Self
from urllib.parse import quote as percent_encode
from urllib.parse import unquote as percent_decode

from podium.telephone.sip.syntax import (
    Params,
    SipSyntaxError,
    find_param,
    is_token,
    parse_host_port,
    parse_params,
    print_host,
    print_params,
    quote,
    take_quoted,
    with_param,
)

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_USER: Final = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/#]|%[0-9A-Fa-f]{2})+")
_PASSWORD: Final = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*")
_AFTER_USER: Final = re.compile(r"([^;?]*)((?:;[^;?]*)*)(?:\?(.*))?")
_PARAM: Final = re.compile(
    r"((?:[A-Za-z0-9\-_.!~*'()\[\]/:&+$]|%[0-9A-Fa-f]{2})+)"
    r"(?:=((?:[A-Za-z0-9\-_.!~*'()\[\]/:&+$=]|%[0-9A-Fa-f]{2})*))?"
)
_HEADERS: Final = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()\[\]/?:+$=&]|%[0-9A-Fa-f]{2})+")
_TEL: Final = re.compile(r"\+?[0-9A-Fa-f*#\-.()]+")
_OPAQUE: Final = re.compile(r"[!#-;=?-~]+")
_VISUAL: Final = re.compile(r"[\-.()]")
_SAFE_IN_USER: Final = "-_.!~*'()&=+$,;/"
_MUST_MATCH: Final = ("user", "ttl", "method", "maddr")
_RESERVED_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_LONGEST_EXPIRY: Final = 2**32 - 1
DEFAULT_EXPIRY: Final = 3600
"""Seconds; what a malformed expiry counts as (RFC 3261, 20.19)."""


@dataclass(frozen=True, slots=True)
class Uri:
    """A URI. ``user`` is as on the wire; ``username`` without escapes. A password is never kept.

    ``host`` is without the brackets of an IPv6 literal. For ``tel`` the number is ``user`` and
    ``host`` is empty; for any other scheme all that follows the colon is ``user``.
    """

    scheme: str
    user: str = field(repr=False)
    host: str = field(repr=False)
    port: int | None = None
    params: Params = field(default=(), repr=False)
    headers: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ``SipSyntaxError``."""
        scheme, colon, rest = text.partition(":")
        if not colon or _SCHEME.fullmatch(scheme) is None:
            raise SipSyntaxError("a URI has no scheme")
        scheme = scheme.lower()
        if scheme in ("sip", "sips"):
            return cls._parse_sip(scheme, rest)
        if scheme == "tel":
            number, semicolon, params = rest.partition(";")
            if _TEL.fullmatch(number) is None:
                raise SipSyntaxError("a telephone number is malformed")
            return cls(scheme, number, "", params=_parse_uri_params(semicolon + params))
        if _OPAQUE.fullmatch(rest) is None:
            raise SipSyntaxError("a URI is malformed")
        return cls(scheme, rest, "")

    @classmethod
    def _parse_sip(cls, scheme: str, rest: str) -> Self:
        userinfo, at, after = rest.rpartition("@")
        user, _, password = userinfo.partition(":")
        if at and _USER.fullmatch(user) is None:
            raise SipSyntaxError("a URI's user part is malformed")
        if _PASSWORD.fullmatch(password) is None:
            raise SipSyntaxError("a URI's password is malformed")
        found = _AFTER_USER.fullmatch(after)
        if found is None or found[1] != found[1].strip():
            raise SipSyntaxError("a URI is malformed")
        host, port = parse_host_port(found[1])
        headers = found[3]
        if headers is not None and _HEADERS.fullmatch(headers) is None:
            raise SipSyntaxError("a URI's headers are malformed")
        return cls(scheme, user, host, port, _parse_uri_params(found[2]), headers or "")

    @classmethod
    def sip(cls, username: str, host: str, port: int | None = None) -> Self:
        """A ``sip`` URI of a user name in plain text, which is escaped here."""
        return cls("sip", percent_encode(username, safe=_SAFE_IN_USER), host, port)

    @property
    def username(self) -> str:
        """The user part without its escapes."""
        return percent_decode(self.user, errors="replace")

    @property
    def is_sip(self) -> bool:
        return self.scheme in ("sip", "sips")

    @property
    def transport(self) -> str | None:
        """The ``transport`` parameter in lower case (RFC 3261, 19.1.1)."""
        value = find_param(self.params, "transport")
        return value.lower() if value else None

    @property
    def is_loose_router(self) -> bool:
        return find_param(self.params, "lr") is not None

    def param(self, name: str) -> str | None:
        """``""`` for a parameter without value, ``None`` when it is not there."""
        return find_param(self.params, name)

    def with_param(self, name: str, value: str | None) -> Self:
        return replace(self, params=with_param(self.params, name, value))

    def bare(self) -> Self:
        """Without port, parameters and headers: an address of record (RFC 3261, 10.3)."""
        return replace(self, port=None, params=(), headers="")

    def same_as(self, other: Uri) -> bool:
        """RFC 3261, 19.1.4; telephone numbers by RFC 3966, 4, without their visual separators."""
        if self.scheme != other.scheme:
            return False
        if self.scheme == "tel":
            mine, theirs = _VISUAL.sub("", self.user), _VISUAL.sub("", other.user)
            return mine.lower() == theirs.lower() and _folded(self.params) == _folded(other.params)
        return (
            _normal(self.user) == _normal(other.user)
            and self.host.lower() == other.host.lower()
            and self.port == other.port
            and _params_match(_folded(self.params), _folded(other.params))
            and _header_set(self.headers) == _header_set(other.headers)
        )

    def __str__(self) -> str:
        if not self.is_sip:
            return f"{self.scheme}:{self.user}{print_params(self.params)}"
        user = f"{self.user}@" if self.user else ""
        port = "" if self.port is None else f":{self.port}"
        headers = f"?{self.headers}" if self.headers else ""
        return (
            f"{self.scheme}:{user}{print_host(self.host)}{port}{print_params(self.params)}{headers}"
        )


@dataclass(frozen=True, slots=True)
class NameAddr:
    """From, To, Contact, Route and their like: a URI with a display name and parameters."""

    uri: Uri
    display: str = field(default="", repr=False)
    params: Params = field(default=(), repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """One value, ``name-addr`` or ``addr-spec`` (RFC 3261, 20.10). Raises ``SipSyntaxError``.

        In the bare form parameters belong to the header field, and a URI with ``?`` or ``,`` is
        refused. Bytes of a display name that are not UTF-8 are replaced by U+FFFD.
        """
        text = text.strip()
        if text.startswith('"'):
            display, rest = take_quoted(text)
            rest = rest.lstrip()
        elif "<" in text:
            at = text.index("<")
            display, rest = text[:at].rstrip(), text[at:]
            if not all(_is_name_word(word) for word in display.split()):
                raise SipSyntaxError("a display name must be quoted")
        else:
            return cls._parse_bare(text)
        inside, closed, after = rest[1:].partition(">")
        if not rest.startswith("<") or not closed:
            raise SipSyntaxError("an address is not between angle brackets")
        return cls(Uri.parse(inside), _readable(display), parse_params(after))

    @classmethod
    def _parse_bare(cls, text: str) -> Self:
        address, semicolon, params = text.partition(";")
        if "?" in address or "," in address:
            raise SipSyntaxError("an address with ? or , must be between angle brackets")
        return cls(Uri.parse(address.rstrip()), "", parse_params(semicolon + params))

    @property
    def tag(self) -> str | None:
        return self.param("tag") or None

    @property
    def expires(self) -> int | None:
        """Of a Contact, in seconds; a malformed value counts as 3600 (RFC 3261, 20.10, 20.19)."""
        value = self.param("expires")
        return None if value is None else parse_expiry(value)

    def param(self, name: str) -> str | None:
        """``""`` for a parameter without value, ``None`` when it is not there."""
        return find_param(self.params, name)

    def with_param(self, name: str, value: str | None) -> Self:
        return replace(self, params=with_param(self.params, name, value))

    def with_tag(self, tag: str) -> Self:
        return self.with_param("tag", tag)

    def __str__(self) -> str:
        display = f"{quote(self.display)} " if self.display else ""
        return f"{display}<{self.uri}>{print_params(self.params)}"


def parse_expiry(text: str) -> int:
    """Seconds; anything but a number below 2**32 counts as 3600 (RFC 3261, 20.19; RFC 4475)."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(_LONGEST_EXPIRY)):
        return DEFAULT_EXPIRY
    seconds = int(text)
    return seconds if seconds <= _LONGEST_EXPIRY else DEFAULT_EXPIRY


def parse_addresses(values: tuple[str, ...]) -> tuple[NameAddr, ...]:
    return tuple(NameAddr.parse(value) for value in values)


def _parse_uri_params(text: str) -> Params:
    if not text:
        return ()
    params: list[tuple[str, str | None]] = []
    for part in text[1:].split(";"):
        found = _PARAM.fullmatch(part)
        if found is None:
            raise SipSyntaxError("a URI's parameter is malformed")
        params.append((found[1].lower(), found[2]))
    return tuple(params)


def _is_name_word(word: str) -> bool:
    # Unquoted names that are not ASCII are against the grammar but common.
    return is_token("".join(char for char in word if char.isascii()) or "x")


def _readable(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _normal(user: str) -> str:
    """Escapes of characters that need none are undone, the others in upper case."""

    def decoded(found: re.Match[str]) -> str:
        char = chr(int(found.group()[1:], 16))
        return (
            char if char.isascii() and (char.isalnum() or char in "-_.!~*'()") else found[0].upper()
        )

    return _RESERVED_ESCAPE.sub(decoded, user)


def _folded(params: Params) -> dict[str, str]:
    return {name: _normal(value or "").lower() for name, value in params}


def _params_match(mine: dict[str, str], theirs: dict[str, str]) -> bool:
    if any((name in mine) != (name in theirs) for name in _MUST_MATCH):
        return False
    return all(mine[name] == theirs[name] for name in mine.keys() & theirs.keys())


def _header_set(headers: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in headers.split("&"))
    return sorted((name.lower(), _normal(value)) for name, _, value in pairs)
