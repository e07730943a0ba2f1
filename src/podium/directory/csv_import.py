"""What a CSV file would change in the directory: planned here, applied by the store at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from podium.conference.state import OrganisationId, Text, VenueId, VenueKind
from podium.directory.csv_cells import Entry, VenueEntry, read_entry
from podium.directory.csv_table import COLUMNS
from podium.directory.pinyin import pinyin
from podium.directory.values import Body, Directory, Level, Place
from podium.sheets.reading import read_table
from podium.sheets.table import ChangeKind as ChangeKind
from podium.sheets.table import Fault, Row

_ORDER_STEP = 10


@dataclass(frozen=True, slots=True)
class Change:
    """What one line does. ``fields``: the columns whose value is new."""

    kind: ChangeKind
    line: int
    organisation: Body
    venue: Place | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """With faults, there are no changes and nothing may be applied."""

    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]

    @property
    def organisations(self) -> tuple[Body, ...]:
        """Those to write, each once, parents before their subordinates."""
        bodies = {c.organisation.id: c.organisation for c in self._effective()}
        ordered: dict[OrganisationId, Body] = {}
        for body in bodies.values():
            chain = [body]
            while (above := chain[-1].parent) in bodies and above not in ordered:
                chain.append(bodies[above])
            ordered.update((b.id, b) for b in reversed(chain))
        return tuple(ordered.values())

    @property
    def venues(self) -> tuple[Place, ...]:
        return tuple(c.venue for c in self._effective() if c.venue is not None)

    def _effective(self) -> Iterator[Change]:
        return (c for c in self.changes if c.kind is not ChangeKind.SAME)


def plan_import(data: bytes, directory: Directory) -> ImportPlan:
    """Plans the import of a file into ``directory``. Never raises for what the file holds.

    A blank optional cell keeps what the directory has, or takes the default for a new entry:
    the English name repeats the Chinese one, the level is one below the parent's, the kind is
    branch, the order comes after everything else. A line with neither a venue code nor a venue
    name brings an organisation alone; a venue without a code takes the organisation's.
    """
    table = read_table(data, COLUMNS)
    if table.faults:
        return ImportPlan((), table.faults)
    faults: list[Fault] = []
    draft = _Draft(directory, faults)
    for row in table.rows:
        entry = read_entry(row, faults)
        if entry is not None:
            draft.take(entry)
    draft.check_parents()
    draft.check_main_venue()
    if faults:
        return ImportPlan((), tuple(sorted(faults, key=lambda fault: fault.line)))
    draft.fill_levels()
    return ImportPlan(tuple(draft.changes(directory)), ())


class _Draft:
    """The directory as it will be, and which line wrote what."""

    def __init__(self, directory: Directory, faults: list[Fault]) -> None:
        self._faults = faults
        self._bodies = {body.id: body for body in directory.organisations}
        self._places = {place.id: place for place in directory.venues}
        self._wrote_body: dict[OrganisationId, Row] = {}
        self._wrote_place: dict[VenueId, Row] = {}
        self._level_unknown: set[OrganisationId] = set()
        self._entries: list[Entry] = []
        orders = [body.order for body in directory.organisations]
        orders += [place.order for place in directory.venues]
        self._last_order = max(orders, default=0)

    def take(self, entry: Entry) -> None:
        first = self._wrote_body.setdefault(entry.organisation, entry.row)
        if first is entry.row:
            self._take_body(entry)
        else:
            self._must_agree(first, entry)
        if entry.venue is not None:
            self._take_place(entry, entry.venue)
        self._entries.append(entry)

    def _take_body(self, entry: Entry) -> None:
        old = self._bodies.get(entry.organisation)
        name = self._name(entry.row, "organisation", old.name if old else None)
        if name is None:
            return
        if entry.level is None and old is None:
            self._level_unknown.add(entry.organisation)
        self._bodies[entry.organisation] = Body(
            entry.organisation,
            name,
            entry.parent or (old.parent if old else None),
            entry.level or (old.level if old else Level.NATIONAL),
            self._order(entry, old),
        )

    def _must_agree(self, first: Row, entry: Entry) -> None:
        for column in ("organisation_zh", "organisation_en", "parent_code", "level"):
            if entry.row[column] and entry.row[column] != first[column]:
                self._fault(
                    entry.row,
                    column,
                    f"与第 {first.line} 行同一单位的内容不一致。",
                    f"Differs from line {first.line}, which has the same organisation.",
                )

    def _take_place(self, entry: Entry, venue: VenueEntry) -> None:
        first = self._wrote_place.setdefault(venue.code, entry.row)
        if first is not entry.row:
            self._fault(
                entry.row,
                "venue_code",
                f"会场重复：第 {first.line} 行已有会场代码“{venue.code}”。"
                "同一单位有几个会场时，请分别填写会场代码。",
                f'Duplicate venue: line {first.line} has venue code "{venue.code}" already. '
                "Give each venue of one organisation its own code.",
            )
            return
        old = self._places.get(venue.code)
        if old is not None and old.organisation != entry.organisation:
            self._fault(
                entry.row,
                "venue_code",
                f"会场代码“{venue.code}”已属于单位“{old.organisation}”。",
                f'Venue code "{venue.code}" already belongs to "{old.organisation}".',
            )
            return
        body = self._bodies.get(entry.organisation)
        name = self._name(entry.row, "venue", old.name if old else (body.name if body else None))
        if name is None:
            return
        kind = venue.kind or (old.kind if old else VenueKind.BRANCH)
        self._places[venue.code] = Place(
            venue.code,
            entry.organisation,
            name,
            kind,
            self._order(entry, old),
            pinyin(name.zh),
            (old.telephones if old else ()) if venue.telephones is None else venue.telephones,
        )

    def _order(self, entry: Entry, old: Body | Place | None) -> int:
        """Given, kept, or after everything; the body and the venue of one line share theirs."""
        if entry.order is not None:
            return entry.order
        if old is not None:
            return old.order
        body = self._bodies.get(entry.organisation)
        if body is not None and self._wrote_body.get(entry.organisation) is entry.row:
            return body.order
        self._last_order += _ORDER_STEP
        return self._last_order

    def _name(self, row: Row, of: str, old: Text | None) -> Text | None:
        zh = row[f"{of}_zh"] or (old.zh if old else "")
        if not zh:
            zh_text = "新增单位必须有名称。"
            self._fault(row, f"{of}_zh", zh_text, "A new organisation must have a name.")
            return None
        kept = old.en if old is not None and old.zh == zh else zh
        return Text(zh, row[f"{of}_en"] or kept)

    # --- the whole

    def check_parents(self) -> None:
        for id_, row in self._wrote_body.items():
            parent = self._bodies[id_].parent if id_ in self._bodies else None
            if parent is None:
                continue
            if parent not in self._bodies and parent not in self._wrote_body:
                self._fault(
                    row,
                    "parent_code",
                    f"上级单位“{parent}”既不在通讯录中，也不在本文件中。",
                    f'The parent "{parent}" is neither in the directory nor in this file.',
                )
            elif self._is_above_itself(id_):
                self._fault(
                    row,
                    "parent_code",
                    "上级单位成环：该单位间接成了自己的上级。",
                    "The parents form a circle: the organisation is above itself.",
                )

    def _is_above_itself(self, start: OrganisationId) -> bool:
        seen = {start}
        at = self._bodies[start].parent
        while at is not None and at in self._bodies:
            if at == start:
                return True
            if at in seen:
                return False
            seen.add(at)
            at = self._bodies[at].parent
        return False

    def check_main_venue(self) -> None:
        mains = [place for place in self._places.values() if place.kind is VenueKind.MAIN]
        written = [place for place in mains if place.id in self._wrote_place]
        if len(mains) > 1 and written:
            others = "、".join(p.name.zh for p in mains if p is not written[-1])
            others_en = ", ".join(p.name.en for p in mains if p is not written[-1])
            self._fault(
                self._wrote_place[written[-1].id],
                "venue_kind",
                f"主会场只能有一个，已有：{others}。",
                f"There can be only one main venue, and there is: {others_en}.",
            )

    def fill_levels(self) -> None:
        """New bodies without a level stand one below their parent."""
        for id_ in tuple(self._level_unknown):
            self._fill_level(id_)

    def _fill_level(self, start: OrganisationId) -> None:
        chain = [start]
        while (parent := self._bodies[chain[-1]].parent) in self._level_unknown:
            chain.append(parent)
        for id_ in reversed(chain):
            body = self._bodies[id_]
            above = self._bodies[body.parent].level.below if body.parent else Level.NATIONAL
            self._bodies[id_] = replace(body, level=above)
            self._level_unknown.discard(id_)

    def changes(self, before: Directory) -> Iterator[Change]:
        bodies = {body.id: body for body in before.organisations}
        places = {place.id: place for place in before.venues}
        for entry in self._entries:
            body = self._bodies[entry.organisation]
            old_body = bodies.get(body.id)
            place = self._places[entry.venue.code] if entry.venue is not None else None
            old_place = places.get(place.id) if place is not None else None
            fields = (*_body_fields(old_body, body), *_place_fields(old_place, place))
            new = old_body is None or (place is not None and old_place is None)
            kind = ChangeKind.ADD if new else ChangeKind.CHANGE if fields else ChangeKind.SAME
            yield Change(kind, entry.row.line, body, place, tuple(dict.fromkeys(fields)))
            bodies[body.id] = body

    def _fault(self, row: Row, column: str, zh: str, en: str) -> None:
        self._faults.append(Fault(row.line, column, Text(zh, en)))


def _body_fields(old: Body | None, new: Body) -> Iterator[str]:
    if old is None or old.name.zh != new.name.zh:
        yield "organisation_zh"
    if old is None or old.name.en != new.name.en:
        yield "organisation_en"
    if (old.parent if old else None) != new.parent:
        yield "parent_code"
    if old is None or old.level != new.level:
        yield "level"
    if old is None or old.order != new.order:
        yield "order"


def _place_fields(old: Place | None, new: Place | None) -> Iterator[str]:
    if new is None:
        return
    if old is None or old.name.zh != new.name.zh:
        yield "venue_zh"
    if old is None or old.name.en != new.name.en:
        yield "venue_en"
    if old is None or old.kind != new.kind:
        yield "venue_kind"
    if (old.telephones if old else ()) != new.telephones:
        yield "telephones"
    if old is None or old.order != new.order:
        yield "order"
