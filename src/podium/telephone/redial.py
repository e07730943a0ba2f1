"""Dialling a venue's numbers: first to last, again after a while, and what became of each.

Pure. Sources: RFC 3261 section 21 (status codes), RFC 3326 and ITU-T Q.850 (causes), RFC 3398
section 8 (what the one says of the other).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from podium.conference.calls import CallEnd

RING_SECONDS: Final = 45.0
"""After that nobody answers."""
PAUSES: Final = (20.0, 60.0)
"""Seconds between two rounds through the numbers; there is one round more than pauses."""

_BY_STATUS: Final[Mapping[int, CallEnd]] = {
    401: CallEnd.TRUNK_REFUSED,
    402: CallEnd.TRUNK_REFUSED,
    403: CallEnd.TRUNK_REFUSED,
    404: CallEnd.WRONG_NUMBER,
    407: CallEnd.TRUNK_REFUSED,
    408: CallEnd.NO_ANSWER,
    410: CallEnd.WRONG_NUMBER,
    415: CallEnd.NO_CODEC,
    416: CallEnd.WRONG_NUMBER,
    480: CallEnd.NO_ANSWER,
    484: CallEnd.WRONG_NUMBER,
    485: CallEnd.WRONG_NUMBER,
    486: CallEnd.BUSY,
    487: CallEnd.NO_ANSWER,
    488: CallEnd.NO_CODEC,
    600: CallEnd.BUSY,
    603: CallEnd.DECLINED,
    604: CallEnd.WRONG_NUMBER,
    606: CallEnd.NO_CODEC,
    607: CallEnd.DECLINED,
}
_BY_CAUSE: Final[Mapping[int, CallEnd]] = {
    1: CallEnd.WRONG_NUMBER,
    3: CallEnd.WRONG_NUMBER,
    17: CallEnd.BUSY,
    18: CallEnd.NO_ANSWER,
    19: CallEnd.NO_ANSWER,
    20: CallEnd.NO_ANSWER,
    21: CallEnd.DECLINED,
    22: CallEnd.WRONG_NUMBER,
    27: CallEnd.NO_ANSWER,
    28: CallEnd.WRONG_NUMBER,
    34: CallEnd.TRUNK_DOWN,
    38: CallEnd.TRUNK_DOWN,
    41: CallEnd.TRUNK_DOWN,
    42: CallEnd.TRUNK_DOWN,
    44: CallEnd.TRUNK_DOWN,
    47: CallEnd.TRUNK_DOWN,
    50: CallEnd.TRUNK_REFUSED,
    52: CallEnd.TRUNK_REFUSED,
    57: CallEnd.TRUNK_REFUSED,
    58: CallEnd.TRUNK_REFUSED,
    65: CallEnd.NO_CODEC,
    88: CallEnd.NO_CODEC,
}
_NOT_AGAIN: Final = frozenset(
    {
        CallEnd.WRONG_NUMBER,
        CallEnd.DECLINED,
        CallEnd.HUNG_UP,
        CallEnd.NOT_ALLOWED,
        CallEnd.NO_CODEC,
        CallEnd.TRUNK_REFUSED,
        CallEnd.NOT_CONFIGURED,
    }
)
"""Dialling the same number once more would not help, or would annoy."""


def end_of(status: int, cause: int | None = None) -> CallEnd:
    """Why a call was not answered: by the telephone network's own cause, where it came along, for
    gateways put many causes into one status."""
    if cause is not None and cause in _BY_CAUSE:
        return _BY_CAUSE[cause]
    return _BY_STATUS.get(status, CallEnd.TRUNK_DOWN if status >= 500 else CallEnd.FAILED)


@dataclass(frozen=True, slots=True)
class Dialling:
    """``number`` counts from 0; ``given_up`` are those that are not dialled again."""

    count: int
    number: int = 0
    round: int = 0
    given_up: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Dial:
    """Dial the number of ``dialling`` now."""

    dialling: Dialling


@dataclass(frozen=True, slots=True)
class DialLater:
    """Dial the number of ``dialling`` after so many seconds."""

    dialling: Dialling
    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No number is left; ``reason`` is of the last that was tried."""

    reason: CallEnd


Next = Dial | DialLater | GiveUp


def after_setback(dialling: Dialling, reason: CallEnd) -> Next:
    """What follows when the present number has led nowhere."""
    if reason in _NOT_AGAIN:
        dialling = replace(dialling, given_up=dialling.given_up | {dialling.number})
    left = [n for n in range(dialling.count) if n not in dialling.given_up]
    later = [n for n in left if n > dialling.number]
    if later:
        return Dial(replace(dialling, number=later[0]))
    if not left or dialling.round >= len(PAUSES):
        return GiveUp(reason)
    again = replace(dialling, number=left[0], round=dialling.round + 1)
    return DialLater(again, PAUSES[dialling.round])
