"""Slows down whoever tries passwords for one name, whether or not the name exists."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

_FREE = 5
_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(seconds=60)
_FORGOTTEN_AFTER = timedelta(minutes=15)
_NAMES = 10_000


@dataclass(frozen=True, slots=True)
class _Record:
    failures: int
    last: datetime

    @property
    def until(self) -> datetime:
        if self.failures < _FREE:
            return self.last
        doublings = min(self.failures - _FREE, 10)
        return self.last + min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


class SignInThrottle:
    """Five attempts are free; then each failure doubles the wait, from 2 to 60 seconds.

    The longest wait is short on purpose: somebody who knows the chair's name must not be able
    to lock the chair out of a conference for longer than a minute. At that pace one name sees
    1,440 guesses a day. Kept in memory: writing each guess down would help the guesser to load
    the disk.
    """

    def __init__(self) -> None:
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def attempt(self, name: str, now: datetime) -> timedelta | None:
        """Counts an attempt as failed until ``succeeded``, so that simultaneous ones do not slip
        through together. The time to wait when there have been too many, else None."""
        record = self._records.pop(name, None)
        if record is not None and now - record.last > _FORGOTTEN_AFTER:
            record = None
        wait = record.until - now if record is not None else timedelta(0)
        if record is None or wait <= timedelta(0):
            record = _Record((record.failures if record else 0) + 1, now)
            wait = timedelta(0)
        self._records[name] = record
        if len(self._records) > _NAMES:
            self._records.popitem(last=False)
        return wait or None

    def succeeded(self, name: str) -> None:
        self._records.pop(name, None)
