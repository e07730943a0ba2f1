"""Header fields of a message: ordered, names without regard to case, lists value by value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar, cast

from podium.telephone.sip.syntax import SipSyntaxError, is_token, split_outside

T = TypeVar("T")

_COMPACT: Final = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "n": "Identity-Info",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}
"""RFC 3261, 7.3.3, and the SIP parameters registry."""

_LISTS: Final = frozenset(
    {
        "accept",
        "accept-contact",
        "accept-encoding",
        "accept-language",
        "alert-info",
        "allow",
        "allow-events",
        "call-info",
        "contact",
        "content-encoding",
        "content-language",
        "diversion",
        "error-info",
        "history-info",
        "in-reply-to",
        "p-asserted-identity",
        "p-associated-uri",
        "p-preferred-identity",
        "path",
        "proxy-require",
        "reason",
        "record-route",
        "require",
        "route",
        "security-client",
        "security-server",
        "security-verify",
        "service-route",
        "supported",
        "unsupported",
        "via",
        "warning",
    }
)
"""Fields whose values may stand in one line with commas between (RFC 3261, 7.3.1)."""

_ELEMENTS: Final = {
    "cseq": "CSeq",
    "etag": "ETag",
    "id": "ID",
    "mime": "MIME",
    "rack": "RAck",
    "rseq": "RSeq",
    "se": "SE",
    "sip": "SIP",
    "www": "WWW",
}
_COMMON: Final = (
    *_COMPACT.values(),
    *("Allow", "Authorization", "CSeq", "Expires", "Max-Forwards", "Min-Expires", "Min-SE"),
    *("Proxy-Authorization", "RAck", "RSeq", "Record-Route", "Require", "Route", "User-Agent"),
)
_KNOWN: Final = {**_COMPACT, **{n: n for n in _COMMON}, **{n.lower(): n for n in _COMMON}}


def canonical(name: str) -> str:
    """``v`` and ``VIA`` are ``Via``; unknown names get a capital after each hyphen."""
    known = _KNOWN.get(name)
    if known is not None:
        return known
    folded = name.lower()
    known = _KNOWN.get(folded)
    if known is not None:
        return known
    return "-".join(_ELEMENTS.get(part, part.capitalize()) for part in folded.split("-"))


class Headers:
    """An immutable multi-map. Every change gives a new one.

    Iteration gives the lines as they stand, ``(canonical name, value)``. ``ValueError`` on a name
    that is no token and on a value with a line end in it: nobody can smuggle a header field.
    """

    __slots__ = ("_lines", "_read")

    def __init__(self, lines: Iterable[tuple[str, str]] = ()) -> None:
        self._lines = tuple((canonical(name), _checked(name, value)) for name, value in lines)
        self._read: dict[Callable[[Headers], object], object] = {}

    @classmethod
    def _of(cls, lines: tuple[tuple[str, str], ...]) -> Headers:
        made = cls.__new__(cls)
        made._lines = lines
        made._read = {}
        return made

    def read(self, parse: Callable[[Headers], T]) -> T:
        """What ``parse``, a function of the header fields alone, makes of them: worked out once,
        for every layer asks for the same few. What it raises, it raises each time."""
        if parse not in self._read:
            self._read[parse] = parse(self)
        return cast("T", self._read[parse])

    def get(self, name: str) -> str | None:
        """The first value, or ``None``. Raises ``SipSyntaxError`` for a malformed list."""
        values = self.all(name)
        return values[0] if values else None

    def all(self, name: str) -> tuple[str, ...]:
        """Every value, one by one, over all lines. Raises ``SipSyntaxError`` for a malformed list.

        An empty line of a list field means no value (RFC 3261, 20.5); an empty element of a longer
        list is an error.
        """
        wanted = canonical(name)
        lines = [value for line, value in self._lines if line == wanted]
        if not lines or wanted.lower() not in _LISTS:
            return tuple(lines)
        return tuple(value for line in lines if line for value in _split(line))

    def lines(self, name: str) -> tuple[str, ...]:
        """The lines of this name unsplit."""
        wanted = canonical(name)
        return tuple(value for line, value in self._lines if line == wanted)

    def set(self, name: str, *values: str) -> Headers:
        """These values, a line each, in the place of the first old one, or at the end."""
        wanted = canonical(name)
        new = tuple((wanted, _checked(name, value)) for value in values)
        before: list[tuple[str, str]] = []
        after: list[tuple[str, str]] = []
        seen = False
        for line in self._lines:
            if line[0] == wanted:
                seen = True
            else:
                (after if seen else before).append(line)
        return Headers._of((*before, *new, *after))

    def add(self, name: str, value: str) -> Headers:
        """One more line, at the end."""
        return Headers._of((*self._lines, (canonical(name), _checked(name, value))))

    def prepend(self, name: str, value: str) -> Headers:
        """One more line, before all others, and so before the others of its name."""
        return Headers._of(((canonical(name), _checked(name, value)), *self._lines))

    def without(self, *names: str) -> Headers:
        gone = {canonical(name) for name in names}
        return Headers._of(tuple(line for line in self._lines if line[0] not in gone))

    def only(self, *names: str) -> Headers:
        kept = {canonical(name) for name in names}
        return Headers._of(tuple(line for line in self._lines if line[0] in kept))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and any(line == canonical(name) for line, _ in self._lines)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._lines == other._lines

    def __hash__(self) -> int:
        return hash(self._lines)

    def __repr__(self) -> str:
        return f"Headers({', '.join(name for name, _ in self._lines)})"


def _split(line: str) -> list[str]:
    values = split_outside(line, ",")
    if not all(values):
        raise SipSyntaxError("a list has an empty element")
    return values


def _checked(name: str, value: str) -> str:
    if not is_token(name):
        raise ValueError("the name of a header field is no token")
    if "\r" in value or "\n" in value:
        raise ValueError("the value of a header field has a line end in it")
    return value.strip(" \t")
