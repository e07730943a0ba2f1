"""Months, and the spans of months that a figure is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from podium.values.text import Text

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200
_WRITTEN: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:\.\.(\d{1,2}))?)?")
_NAMES: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month; ``number`` from 1 to 12. Raises ``ValueError`` for any other."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (FIRST_YEAR <= self.year <= LAST_YEAR and 1 <= self.number <= 12):
            raise ValueError(f"there is no month {self.year}-{self.number}")

    def plus(self, months: int) -> Month:
        year, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, index + 1)

    def since(self, other: Month) -> int:
        """Months from ``other`` to this one."""
        return (self.year - other.year) * 12 + self.number - other.number

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @staticmethod
    def of(day: date) -> Month:
        return Month(day.year, day.month)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """``months`` months that end with ``end``: a month, two joint months, a year to date.

    A year to date is a period that begins in January, so that January and February together are
    a release and a year to date at once, and a year is the twelve months that end in December.
    """

    end: Month
    months: int

    def __post_init__(self) -> None:
        if not 1 <= self.months <= 12:
            raise ValueError("a period has 1 to 12 months")

    @property
    def start(self) -> Month:
        return self.end.plus(1 - self.months)

    @property
    def from_january(self) -> bool:
        return self.months == self.end.number

    def year_before(self, years: int = 1) -> Period:
        return Period(self.end.plus(-12 * years), self.months)

    @property
    def label(self) -> Text:
        """As officials write it: 2022年1—4月, Jan-Apr 2022."""
        year, last = self.end.year, self.end.number
        if self.months == 12 and last == 12:
            return Text(f"{year}年", f"{year}")
        if self.months == 1:
            return Text(f"{year}年{last}月", f"{_NAMES[last - 1]} {year}")
        first = self.start
        if first.year == year:
            return Text(
                f"{year}年{first.number}—{last}月",
                f"{_NAMES[first.number - 1]}-{_NAMES[last - 1]} {year}",
            )
        return Text(
            f"{first.year}年{first.number}月—{year}年{last}月",
            f"{_NAMES[first.number - 1]} {first.year}-{_NAMES[last - 1]} {year}",
        )

    @property
    def short(self) -> Text:
        """Without the year: 1—2月, Jan-Feb; a year as itself."""
        if self.months == 12 and self.end.number == 12:
            return self.label
        last = self.end.number
        if self.months == 1:
            return Text(f"{last}月", _NAMES[last - 1])
        first = self.start.number
        return Text(f"{first}—{last}月", f"{_NAMES[first - 1]}-{_NAMES[last - 1]}")


def month(year: int, number: int) -> Period:
    """One month."""
    return Period(Month(year, number), 1)


def year_to_date(year: int, number: int) -> Period:
    """January to month ``number``."""
    return Period(Month(year, number), number)


def whole_year(year: int) -> Period:
    return year_to_date(year, 12)


def parse_period(text: str) -> Period:
    """``2022`` (the year), ``2022-04`` (the month), ``2022-01..04`` (months 1 to 4).

    Raises ``ValueError``.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a period such as 2022, 2022-04 or 2022-01..04")
    year, first, last = (int(part) if part else None for part in found.groups())
    if year is None or first is None:
        return whole_year(int(text))
    start = Month(year, first)
    end = Month(year, last) if last is not None else start
    return Period(end, end.since(start) + 1)
