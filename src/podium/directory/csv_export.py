"""The directory as a file in the import's layout, which imports back without a change."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from podium.directory.csv_table import COLUMNS
from podium.directory.values import Body, Directory, Place


def export_csv(directory: Directory) -> bytes:
    """UTF-8 with BOM, so that spreadsheets open it as such; lines end in CRLF (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.heading.zh for column in COLUMNS])
    venues: dict[str, list[Place]] = {}
    for place in directory.venues:
        venues.setdefault(place.organisation, []).append(place)
    for body in directory.organisations:
        writer.writerows(_lines(body, venues.get(body.id, [])))
    return out.getvalue().encode("utf-8-sig")


def _lines(body: Body, places: list[Place]) -> Iterator[list[str]]:
    head = [body.id, body.name.zh, body.name.en, body.parent or "", body.level.value]
    if not any(place.order == body.order for place in places):
        yield [*head, "", "", "", "", str(body.order)]
    first = sorted(places, key=lambda place: (place.order != body.order, place.order))
    for place in first:
        names = [place.id, place.name.zh, place.name.en, place.kind.value]
        yield [*head, *names, str(place.order)]
