"""Everything that a briefing says, computed once for a day: the one input of text and charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from podium.situation.comparable import comparable_path
from podium.situation.contributions import Contributions, latest_contributions
from podium.situation.derived import Derived, Number
from podium.situation.figures import Figures, Known
from podium.situation.indicators import (
    Reading,
    latest_month,
    latest_year_to_date,
    real_growth,
    share,
)
from podium.situation.nowcast import Nowcast, nowcast
from podium.situation.period import Period
from podium.situation.regions import Ranking, latest_ranking
from podium.situation.seasonal import Adjusted, Method, adjust
from podium.situation.series import Breakdown, Measure, Series, SeriesId
from podium.situation.subject import Subject


@dataclass(frozen=True, slots=True)
class Share:
    """A part's share of the whole for the year to date, and the change on the year before."""

    series: Series
    period: Period
    now: Derived
    before: Derived | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """``None`` and empty mean that it was not known on ``known.day``."""

    subject: Subject
    known: Known
    month: Reading
    to_date: Reading | None
    real: Number | None
    excluding: tuple[Reading, ...]
    breakdowns: tuple[tuple[Breakdown, Contributions], ...]
    shares: tuple[Share, ...]
    ranking: Ranking | None
    adjusted: Adjusted | None
    nowcast: Nowcast | None

    @property
    def day(self) -> date:
        return self.known.day


def outlook(
    figures: Figures, subject: Subject, day: date, method: Method | None = None
) -> Outlook | None:
    """``None`` if nothing of the whole was known on ``day``. ``method`` as for ``adjust``."""
    known = figures.as_of(day)
    total = subject.total
    month = latest_month(known, total)
    if month is None:
        return None
    to_date = latest_year_to_date(known, total)
    real = None
    if to_date is not None and subject.prices:
        real = real_growth(known, total.id, subject.prices[0], to_date.period)
    found = ((by, latest_contributions(known, subject.catalogue, total.id, by)) for by in _BY)
    panel = [subject.catalogue[s] for s in subject.panel]
    excluding = (latest_year_to_date(known, subject.catalogue[s]) for s in subject.excluding)
    return Outlook(
        subject,
        known,
        month,
        to_date,
        real,
        tuple(r for r in excluding if r is not None),
        tuple((by, c) for by, c in found if c is not None),
        tuple(s for c in subject.channels if (s := _share(known, subject, c)) is not None),
        latest_ranking(known, subject.catalogue, total.id),
        adjust(comparable_path(known, total), method),
        nowcast(figures, total, panel, day) if panel else None,
    )


_BY = (Breakdown.TYPE, Breakdown.PLACE, Breakdown.CATEGORY)


def _share(known: Known, subject: Subject, channel: SeriesId) -> Share | None:
    series = subject.catalogue[channel]
    for figure in reversed(known.of_year_to_date(series.id, Measure.VALUE)):
        now = share(known, series.id, subject.whole, figure.period)
        if now is not None:
            before = share(known, series.id, subject.whole, figure.period.year_before())
            return Share(series, figure.period, now, before)
    return None
