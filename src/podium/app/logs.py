"""The log: one line an event, text for a terminal, JSON for machines.

It holds no address and no secret. Nobody should write one; what slips in, as an operating system
or a library puts addresses into its errors, is masked here.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, TextIO

from podium.config import LogSection

_MASKS: Final = (
    (re.compile(r"\bpd[stw]_[\w-]+"), "<token>"),
    (re.compile(r"/(station|wall)/[\w-]+"), r"/\1/<token>"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "<address>"),
    (re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}(?![\w:])"), "<address>"),
)
_QUIET: Final[Mapping[str, int]] = {
    # These tell of every connection, with its address and path.
    "uvicorn.access": logging.CRITICAL,
    "uvicorn.error": logging.WARNING,
    "websockets": logging.WARNING,
    "httpx": logging.WARNING,
    "alembic": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "asyncio": logging.WARNING,
}


def mask(text: str) -> str:
    """Without addresses and tokens."""
    for pattern, word in _MASKS:
        text = pattern.sub(word, text)
    return text


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = f"{_moment(record)} {record.levelname.lower():7} {record.name}: {_message(record)}"
        trace = _trace(record)
        return f"{line}\n{trace}" if trace else line


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "part": record.name,
            "message": _message(record),
        }
        trace = _trace(record)
        return json.dumps(line | ({"trace": trace} if trace else {}), ensure_ascii=False)


def _moment(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _message(record: logging.LogRecord) -> str:
    return mask(record.getMessage())


def _trace(record: logging.LogRecord) -> str:
    if not record.exc_info:
        return ""
    return mask(logging.Formatter().formatException(record.exc_info))


def set_up(section: LogSection, stream: TextIO | None = None) -> None:
    """Sends everybody's log to ``stream``, else to what is standard error now."""
    stream = stream or sys.stderr
    as_json = section.format == "json" or (section.format == "auto" and not stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_JsonFormatter() if as_json else _TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(section.level.upper())
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(max(level, root.level))
