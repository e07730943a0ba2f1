"""Tables to files that spreadsheets open, in which no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font

Value = str | int | float | None
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WIDEST: Final = 60
_MEASURED: Final = 200
"""Rows that decide how wide columns are."""

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv"


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """UTF-8 with BOM, so that spreadsheets open it as such; lines end in CRLF (RFC 4180). Text
    that would be taken for a formula begins with an apostrophe."""
    out = io.BytesIO()
    # Encoded as it is written: at once, a long table would hold up every other thread.
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([_disarmed(value) for value in row] for row in rows)
    text.flush()
    return out.getvalue()


def _disarmed(value: Value) -> Value:
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return "" if value is None else value


def write_xlsx(title: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """One sheet whose headings stay in sight. Text is stored as text, whatever it begins with."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "Podium")
    sheet.freeze_panes = "A2"
    rest = iter(rows)
    first = list(islice(rest, _MEASURED))
    for place, heading in enumerate(headings):
        longest = max((_width(row[place]) for row in first), default=0)
        letter = _letter(place)
        sheet.column_dimensions[letter].width = min(_WIDEST, max(longest, _width(heading)) + 2)

    def cell(value: Value, *, bold: bool = False) -> Cell:
        written = WriteOnlyCell(sheet)
        if isinstance(value, str):
            written.value = _CONTROL.sub("", value)
            written.data_type = "s"
            written.alignment = Alignment(wrap_text="\n" in value, vertical="top")
        else:
            written.value = value
        if bold:
            written.font = Font(bold=True)
        return written

    sheet.append([cell(heading, bold=True) for heading in headings])
    for row in chain(first, rest):
        sheet.append([cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _width(value: Value) -> int:
    """Chinese is twice as wide."""
    text = "" if value is None else str(value)
    first = text.partition("\n")[0]
    return sum(2 if ord(ch) > 0x2E7F else 1 for ch in first)


def _letter(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
