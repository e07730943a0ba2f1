"""The directory as a file in the import's layout, which imports back without a change."""

from __future__ import annotations

from collections.abc import Iterator

from podium.directory.csv_table import COLUMNS
from podium.directory.numbers import join_numbers
from podium.directory.values import Body, Directory, Place
from podium.sheets.writing import write_csv


def export_csv(directory: Directory) -> bytes:
    """As ``sheets`` writes CSV."""
    venues: dict[str, list[Place]] = {}
    for place in directory.venues:
        venues.setdefault(place.organisation, []).append(place)
    lines = (
        line for body in directory.organisations for line in _lines(body, venues.get(body.id, []))
    )
    return write_csv([column.heading.zh for column in COLUMNS], lines)


def _lines(body: Body, places: list[Place]) -> Iterator[list[str]]:
    head = [body.id, body.name.zh, body.name.en, body.parent or "", body.level.value]
    if not any(place.order == body.order for place in places):
        yield [*head, "", "", "", "", str(body.order), ""]
    first = sorted(places, key=lambda place: (place.order != body.order, place.order))
    for place in first:
        names = [place.id, place.name.zh, place.name.en, place.kind.value]
        yield [*head, *names, str(place.order), join_numbers(place.telephones)]
