"""Messages cut from a stream, wherever the segments end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.telephone.sip import torture

from podium.telephone.sip.message import Request
from podium.telephone.sip.parse import MAX_HEAD
from podium.telephone.sip.stream import PING, Broken, Framed, Framer, Malformed, Ping, Pong

STREAM = torture.WSINV + PING + torture.MISMATCH01 + torture.SEMIURI + torture.INVUT


def methods(framed: list[Framed]) -> list[str]:
    return [
        item.method if isinstance(item, Request) else type(item).__name__
        for item in framed
        if not isinstance(item, Pong)
    ]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_segments_do_not_matter(cuts: list[int]) -> None:
    framer = Framer()
    framed: list[Framed] = []
    edges = [0, *sorted(cuts), len(STREAM)]
    for start, end in pairwise(edges):
        framed += framer.feed(STREAM[start:end])
    assert methods(framed) == ["INVITE", "Ping", "Malformed", "OPTIONS", "INVITE"]


def test_octet_by_octet() -> None:
    framer = Framer()
    framed = [item for octet in STREAM for item in framer.feed(bytes([octet]))]
    assert methods(framed) == ["INVITE", "Ping", "Malformed", "OPTIONS", "INVITE"]


def test_a_malformed_message_does_not_take_the_next_with_it() -> None:
    malformed, options = Framer().feed(torture.MISMATCH02 + torture.SEMIURI)
    assert isinstance(malformed, Malformed)
    assert malformed.error.status == 501
    assert isinstance(options, Request)


def test_keep_alives() -> None:
    framer = Framer()
    assert framer.feed(b"\r\n\r\n") == [Ping()]
    assert framer.feed(b"\r\n") == [Pong()]
    assert framer.feed(torture.SEMIURI)[0] != Pong()
    assert framer.feed(b"\r\n\r") == []
    assert framer.feed(b"\n\r\n") == [Ping(), Pong()]


@pytest.mark.parametrize(
    "octets",
    [
        torture.INV2543,
        torture.MCL01,
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"\x16\x03\x01" + b"x" * (MAX_HEAD + 1),
        torture.SEMIURI.replace(b"l: 0", b"l: 65536"),
    ],
    ids=["no Content-Length", "two of them", "not SIP", "no end", "too long"],
)
def test_what_cannot_be_cut_ends_the_connection(octets: bytes) -> None:
    framer = Framer()
    (broken,) = framer.feed(octets)
    assert isinstance(broken, Broken)
    assert framer.feed(torture.SEMIURI) == []


def test_many_small_segments_take_time_in_proportion() -> None:
    framer = Framer()
    for _ in range(MAX_HEAD - 1):
        assert framer.feed(b"x") == []
    assert framer._searched == MAX_HEAD - 1
