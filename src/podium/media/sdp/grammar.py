"""SDP text to sections and attributes (RFC 8866, section 5), bounded and without opinions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MAX_BYTES = 512 * 1024
"""A browser's offer with 64 pictures has about 320,000, for it names every codec each time."""
MAX_LINES = 16_000
MAX_LINE = 4_096
MAX_SECTIONS = 72


class SdpError(ValueError):
    """The peer's fault: this is not SDP, or more than anybody needs. ``args[0]`` says which."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """``a=name`` or ``a=name:value``; ``value`` is empty where there is none."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """A media description. ``port`` 0 means that it is rejected or not used."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    attributes: tuple[Attribute, ...]

    def first(self, name: str) -> str | None:
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[str]:
        return (a.value for a in self.attributes if a.name == name)

    def has(self, name: str) -> bool:
        return any(a.name == name for a in self.attributes)


@dataclass(frozen=True, slots=True)
class Description:
    attributes: tuple[Attribute, ...]
    sections: tuple[Section, ...]

    def first(self, name: str) -> str | None:
        return next((a.value for a in self.attributes if a.name == name), None)

    def all(self, name: str) -> Iterator[str]:
        return (a.value for a in self.attributes if a.name == name)


def parse(text: str) -> Description:
    """Lines may end in CRLF or LF. Raises ``SdpError``."""
    lines = split(text)
    if not lines or lines[0] != ("v", "0"):
        raise SdpError('this is not SDP: it must begin with "v=0"')
    head: list[Attribute] = []
    open_section: tuple[str, list[Attribute]] | None = None
    sections: list[Section] = []
    for type_, value in lines[1:]:
        if type_ == "m":
            if open_section is not None:
                sections.append(_section(*open_section))
            if len(sections) >= MAX_SECTIONS:
                raise SdpError(f"there are more than {MAX_SECTIONS} media descriptions")
            open_section = (value, [])
        elif type_ == "a":
            name, _, rest = value.partition(":")
            (head if open_section is None else open_section[1]).append(Attribute(name, rest))
    if open_section is not None:
        sections.append(_section(*open_section))
    return Description(tuple(head), tuple(sections))


def split(text: str, *, limit: int = MAX_BYTES) -> list[tuple[str, str]]:
    """(type, value) of every line. Raises ``SdpError``."""
    if len(text) > limit:
        raise SdpError(f"it is longer than {limit} bytes")
    lines: list[tuple[str, str]] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.removesuffix("\r")
        if not line:
            continue
        if number > MAX_LINES:
            raise SdpError(f"it has more than {MAX_LINES} lines")
        if len(line) > MAX_LINE:
            raise SdpError(f"line {number} is longer than {MAX_LINE} characters")
        if not line.isprintable():
            raise SdpError(f"line {number} holds a control character")
        if len(line) < 2 or line[1] != "=" or not ("a" <= line[0] <= "z"):
            raise SdpError(f'line {number} is not SDP: it must look like "a=..."')
        lines.append((line[0], line[2:]))
    return lines


def number(text: str, what: str, most: int) -> int:
    """A decimal number from 0 to ``most``. Raises ``SdpError``."""
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > most:
        raise SdpError(f'{what} must be a number up to {most}, not "{text[:20]}"')
    return int(text)


def _section(line: str, attributes: list[Attribute]) -> Section:
    fields = line.split(" ")
    if len(fields) < 4 or not all(fields):
        raise SdpError(f'"m={line[:60]}" must have a kind, a port, a protocol and formats')
    kind, port, protocol, *formats = fields
    if len(formats) > 128:
        raise SdpError("a media description has more than 128 formats")
    value = number(port.partition("/")[0], "a port", 65_535)
    return Section(kind, value, protocol, tuple(formats), tuple(attributes))
