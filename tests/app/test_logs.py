"""The log holds no address and no token."""

from __future__ import annotations

import io
import json
import logging

import pytest

from podium.app.logs import mask, set_up
from podium.config import LogSection


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("connect to ('10.1.2.3', 8080) failed", "connect to ('<address>', 8080) failed"),
        ("from 2001:db8:0:1::7 port 4", "from <address> port 4"),
        ("GET /station/pds_abcDEF-_09 HTTP", "GET /station/<token> HTTP"),
        ("Bearer pdt_abcDEF-_09", "Bearer <token>"),
        ("hall c1 stopped at 12:30:45", "hall c1 stopped at 12:30:45"),
        ("version 0.1.0", "version 0.1.0"),
    ],
)
def test_mask(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_json_lines() -> None:
    stream = io.StringIO()
    set_up(LogSection(), stream)
    log = logging.getLogger("podium.test")
    log.debug("too quiet")
    log.info("会议 %s", "c1")
    try:
        raise OSError(98, "in use by 10.0.0.1")
    except OSError:
        log.exception("failed")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(x["level"], x["part"], x["message"]) for x in lines] == [
        ("info", "podium.test", "会议 c1"),
        ("error", "podium.test", "failed"),
    ]
    assert "in use by <address>" in lines[1]["trace"]
    assert lines[0]["at"].endswith("Z")


def test_text_lines_and_level() -> None:
    stream = io.StringIO()
    set_up(LogSection(level="warning", format="text"), stream)
    logging.getLogger("podium.test").info("quiet")
    logging.getLogger("podium.test").warning("a token: %s", "pdw_xyz")
    assert stream.getvalue().rstrip().endswith("warning podium.test: a token: <token>")
    assert len(stream.getvalue().splitlines()) == 1


def test_libraries_that_tell_addresses_are_silent() -> None:
    stream = io.StringIO()
    set_up(LogSection(level="debug", format="text"), stream)
    logging.getLogger("uvicorn.access").error("GET /station/x")
    logging.getLogger("uvicorn.error").info("('10.0.0.1', 1) - WebSocket /api/ws [accepted]")
    assert stream.getvalue() == ""
