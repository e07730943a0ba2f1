"""The situation as plain JSON values; the web describes their shapes.

Days are ISO 8601 texts, texts ``{zh, en}``; a period is written as in Podium's own layout
(``2022-04``, ``2022-01..04``, ``2022``) beside its label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from podium.sheets.table import Fault
from podium.situation.batches import Batch
from podium.situation.briefing import Briefing, Page
from podium.situation.checking import marked
from podium.situation.derived import RULES, Derived, Number
from podium.situation.figures import Figure
from podium.situation.importing.own import written
from podium.situation.importing.plan import ImportPlan
from podium.situation.indicators import Reading
from podium.situation.period import Period
from podium.situation.series import Catalogue, Measure, Part, Region, Series, SeriesId, Source
from podium.situation.statement import Said, Statement, in_
from podium.values.text import Text

Json = dict[str, Any]


def text(value: Text) -> Json:
    return {"zh": value.zh, "en": value.en}


def series_json(series: Series, published: Mapping[SeriesId, tuple[str, str, int]]) -> Json:
    """``published``: first and last day of publication, and number of figures, by series."""
    standing = series.standing
    first, last, count = published.get(series.id, (None, None, 0))
    return {
        "id": series.id,
        "name": text(series.name),
        "unit": text(series.unit),
        "rhythm": series.rhythm.value,
        "role": type(standing).__name__.lower(),
        "whole": getattr(standing, "whole", None),
        "by": standing.by.value if isinstance(standing, Part) else None,
        "region": standing.code if isinstance(standing, Region) else None,
        "coverage": None if series.coverage is None else text(series.coverage),
        "figures": count,
        "first_published": first,
        "last_published": last,
    }


def source_json(source: Source) -> Json:
    return {"id": source.id, "name": text(source.name), **_check(source)}


def _check(source: Source) -> Json:
    against = text(source.against) if source.against.zh else None
    return {"check": source.check.value, "against": against}


def batch_json(batch: Batch) -> Json:
    plan = batch.plan
    return {
        "number": batch.number,
        "at": batch.at.isoformat().replace("+00:00", "Z"),
        "name": plan.name,
        "by": plan.by,
        "new": plan.new,
        "revised": plan.revised,
    }


def period_json(period: Period) -> Json:
    return {"id": written(period), "label": text(period.label)}


def figure_json(figure: Figure, catalogue: Catalogue) -> Json:
    series = catalogue[figure.series]
    source = catalogue.source(figure.source)
    value = figure.measure is Measure.VALUE
    return {
        "series": series.id,
        "name": text(series.name),
        "measure": figure.measure.value,
        "period": period_json(figure.period),
        "value": figure.value,
        "unit": text(series.unit) if value else {"zh": "%", "en": "%"},
        "published": figure.published.isoformat(),
        "source": text(source.name),
        **_check(source),
    }


class _Traced:
    """Figures, each once, and numbers that name them by their place."""

    def __init__(self) -> None:
        self._places: dict[Figure, int] = {}

    def places(self, figures: Iterable[Figure]) -> list[int]:
        return [self._places.setdefault(f, len(self._places)) for f in figures]

    def number(self, number: Number) -> Json:
        rule = number.rule if isinstance(number, Derived) else None
        return {
            "value": number.value,
            "rule": None if rule is None else {"code": rule.value, "text": text(RULES[rule])},
            "figures": self.places(number.figures()),
        }

    def said(self, statement: Statement) -> list[Json]:
        return [
            {"text": part.text, "number": self.number(part.number)}
            if isinstance(part, Said)
            else {"text": part, "number": None}
            for part in statement.parts
        ]

    def figures(self, catalogue: Catalogue) -> list[Json]:
        return [figure_json(figure, catalogue) for figure in self._places]


def briefing_json(briefing: Briefing, catalogue: Catalogue, version: int) -> Json:
    """Numbers name their ``figures`` by place in the list of the whole."""
    traced, language = _Traced(), briefing.language
    return {
        "day": briefing.day.isoformat(),
        "language": language,
        "version": version,
        "title": briefing.title,
        "statements": [traced.said(s) for s in briefing.statements],
        "flags": [
            {
                "code": flag.rule.code,
                "rule": in_(flag.rule.statement, language),
                "message": traced.said(marked(flag.message(language), catalogue)),
            }
            for flag in briefing.flags
        ],
        "pages": [_page(page, traced) for page in briefing.pages],
        "figures": traced.figures(catalogue),
    }


def _page(page: Page, traced: _Traced) -> Json:
    chart = page.chart
    figures = dict.fromkeys(f for n in chart.numbers for f in n.figures())
    return {
        "id": page.id,
        "title": chart.title,
        "source": chart.source,
        "as_of": chart.as_of,
        "note": chart.note,
        "figures": traced.places(figures),
    }


def reading_json(reading: Reading, catalogue: Catalogue) -> Json:
    """Value and growth of one period, each with the figures under it."""

    def number(found: Number | None) -> Json | None:
        if found is None:
            return None
        rule = found.rule if isinstance(found, Derived) else None
        return {
            "value": found.value,
            "rule": None if rule is None else {"code": rule.value, "text": text(RULES[rule])},
            "figures": [figure_json(f, catalogue) for f in found.figures()],
        }

    return {
        "period": period_json(reading.period),
        "value": number(reading.value),
        "growth": number(reading.growth),
    }


def plan_json(plan: ImportPlan, catalogue: Catalogue, *, applied: bool, most: int) -> Json:
    """``changes`` holds the first ``most`` of them."""
    kinds = [
        *(("new", f) for f in plan.new),
        *(("revised", f) for f in plan.revised),
        *(("confirmed", f) for f in plan.confirmed),
    ]
    return {
        "applied": applied,
        "new": len(plan.new),
        "revised": len(plan.revised),
        "confirmed": len(plan.confirmed),
        "same": plan.same,
        "changes": [{"kind": k, **figure_json(f, catalogue)} for k, f in kinds[:most]],
        "notes": [fault_json(f) for f in plan.notes[:most]],
        "errors": [fault_json(f) for f in plan.faults],
    }


def fault_json(fault: Fault) -> Json:
    return {"line": fault.line, "column": fault.column, **text(fault.text)}
