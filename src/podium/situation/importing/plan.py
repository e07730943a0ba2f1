"""What a file would add to the figures: all of it, or nothing and the faults by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from podium.sheets.reading import read_grid
from podium.sheets.table import Fault, Grid
from podium.situation.figures import Figure, Figures
from podium.situation.importing.entry import Entry, Names, Reading, Release
from podium.situation.importing.nbs import is_nbs, read_nbs
from podium.situation.importing.own import is_own, read_own
from podium.situation.importing.sdmx import is_sdmx, read_sdmx
from podium.situation.period import Period
from podium.situation.series import Catalogue, Check, Measure, SeriesId
from podium.values.text import Text

Key = tuple[SeriesId, Measure, Period]
_Kind = Literal["new", "revised", "confirmed", "same"]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """With faults there are no figures and nothing may be taken over.

    ``new`` figures were not known; ``revised`` were, with another value; ``confirmed`` were, with
    this very value, but not verified; ``same`` counts those that are there already. ``notes`` say
    which cells were left out on purpose.
    """

    new: tuple[Figure, ...]
    revised: tuple[Figure, ...]
    confirmed: tuple[Figure, ...]
    same: int
    notes: tuple[Fault, ...]
    faults: tuple[Fault, ...]

    def applied(self, figures: Figures) -> Figures:
        """The figures with those of the file. A revision is one vintage more."""
        return figures.with_more(Figures.of(self.changed))

    @property
    def changed(self) -> tuple[Figure, ...]:
        """What there is to take over."""
        return (*self.new, *self.revised, *self.confirmed)


def plan_import(
    data: bytes, catalogue: Catalogue, figures: Figures, release: Release
) -> ImportPlan:
    """Reads CSV or XLSX in any of the layouts. Never raises for what the file holds.

    ``release`` says what the file does not: when it was published, and by whom. A value that
    differs from a known one needs a later day of publication, for a revision without a vintage
    would change what was known in the past. An unverified figure is the exception: what an office
    imports takes its place from the same day on, whether it confirms it or corrects it.
    """
    grid = read_grid(data)
    if grid.faults:
        return _faulty(grid.faults)
    reading = _read(grid, catalogue, release)
    if reading is None:
        return _faulty([Fault(1, "", _NO_LAYOUT)])
    faults = [*reading.faults, *_doubles(reading.entries)]
    found: dict[_Kind, list[Figure]] = {"new": [], "revised": [], "confirmed": [], "same": []}
    vintages = _vintages(figures, {e.figure.series for e in reading.entries})
    for entry in reading.entries:
        kind = _compared(entry, vintages, catalogue)
        if isinstance(kind, Fault):
            faults.append(kind)
        else:
            found[kind].append(entry.figure)
    if faults:
        return _faulty(faults)
    if not reading.entries:
        return _faulty([Fault(1, "", _EMPTY)])
    new, revised, confirmed = (tuple(found[k]) for k in ("new", "revised", "confirmed"))
    return ImportPlan(new, revised, confirmed, len(found["same"]), tuple(reading.notes), ())


_NO_LAYOUT = Text(
    "不认识文件的格式。可用：国家数据导出表（首格为“指标”或“地区”）、SDMX-CSV、本系统导出的表。",
    'The layout is not known. Use an export of the national database (its first cell "指标" or '
    '"地区"), SDMX-CSV, or Podium\'s own export.',
)
_EMPTY = Text("文件中没有数据。", "There is no figure in the file.")


def _faulty(faults: Iterable[Fault]) -> ImportPlan:
    return ImportPlan((), (), (), 0, (), tuple(sorted(faults, key=lambda f: f.line)))


def _read(grid: Grid, catalogue: Catalogue, release: Release) -> Reading | None:
    names = Names(catalogue)
    if is_own(grid):
        return read_own(grid, names, release, catalogue)
    if is_sdmx(grid):
        return read_sdmx(grid, names, release)
    return read_nbs(grid, names, release) if is_nbs(grid) else None


def _doubles(entries: Iterable[Entry]) -> Iterator[Fault]:
    """A period that stands in the file twice: one of them would be lost. The same figure under
    two headings (a joint release is a year to date too) does no harm."""
    first: dict[tuple[Key, object], Entry] = {}
    for entry in entries:
        key = (_key(entry.figure), entry.figure.published)
        before = first.setdefault(key, entry)
        if before is not entry and before.figure.value != entry.figure.value:
            period = entry.figure.period.label
            yield Fault(
                entry.line,
                entry.column,
                Text(
                    f"{period.zh}重复：第 {before.line} 行已有 {before.figure.value:g}。",
                    f"{period.en} is there twice: line {before.line} has {before.figure.value:g}.",
                ),
            )


def _vintages(figures: Figures, series: set[SeriesId]) -> dict[Key, list[Figure]]:
    found: dict[Key, list[Figure]] = {}
    for figure in figures.of_series(series):
        found.setdefault(_key(figure), []).append(figure)
    return found


def _compared(
    entry: Entry, vintages: dict[Key, list[Figure]], catalogue: Catalogue
) -> Fault | _Kind:
    figure = entry.figure
    known = vintages.get(_key(figure))
    if known is None:
        return "new"
    before = [f for f in known if f.published <= figure.published]
    if not before:
        return "new"
    # Of those of one day the last counts, as everywhere.
    last = max(reversed(before), key=lambda f: f.published)
    doubtful = catalogue.source(last.source).check is Check.UNVERIFIED
    better = doubtful and catalogue.source(figure.source).check is not Check.UNVERIFIED
    if last.value == figure.value:
        return "confirmed" if better else "same"
    if better or last.published < figure.published:
        return "revised"
    return Fault(
        entry.line,
        entry.column,
        Text(
            f"{figure.period.label.zh}已有 {last.value:g}（{last.published} 发布），与文件中的 "
            f"{figure.value:g} 不同。修订数请填写其发布日。",
            f"{figure.period.label.en} is known as {last.value:g} (published {last.published}), "
            f"the file says {figure.value:g}. Give a revision its own day of publication.",
        ),
    )


def _key(figure: Figure) -> Key:
    return figure.series, figure.measure, figure.period
