"""XLSX workbooks from strangers: bounded before they are unpacked, no formula, no merged cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from podium.sheets.table import MAX_ROWS, Fault, Grid, refused
from podium.values.text import Text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_UNPACKED: Final = 64 * 1024 * 1024
"""Bytes that a workbook may have unpacked; one of 4 MB packed rarely has a quarter of it."""
_PARTS: Final = 1_000
_COLUMNS: Final = 200
_FAULTS: Final = 50

_NOT_READABLE = (
    "不是有效的 XLSX 文件。请在电子表格软件中重新保存后再导入。",
    "This is not a valid XLSX file. Save it anew in a spreadsheet program and try again.",
)


def is_xlsx(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")


def read_xlsx(data: bytes) -> Grid:
    """The first sheet. Never raises for what the bytes are."""
    if _too_large(data):
        return refused(
            "文件解压后过大，已拒绝。请只保留需要导入的工作表。",
            "The file is too large when unpacked and was refused. Keep only the sheet to import.",
        )
    try:
        # Not "read only": that mode does not tell which cells are merged.
        book = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        if sheet.max_row > MAX_ROWS + 1_000 or sheet.max_column > _COLUMNS:
            return refused(
                f"工作表超过 {MAX_ROWS} 行或 {_COLUMNS} 列，请分成几个文件导入。",
                f"The sheet has more than {MAX_ROWS} lines or {_COLUMNS} columns. "
                "Import it in parts.",
            )
        lines = tuple((line, tuple(cells)) for line, cells in _lines(sheet))
        return Grid(lines, tuple(_merged(sheet)), ())
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        ParseError,
        # What openpyxl raises for parts that contradict each other; defusedxml's are ValueErrors.
        AttributeError,
        IndexError,
        KeyError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
    ):
        return refused(*_NOT_READABLE)


def _too_large(data: bytes) -> bool:
    """By the archive's own list. What lies about itself ends with an error when it is unpacked:
    ``zipfile`` reads no more of a part than the list says."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    return len(parts) > _PARTS or sum(part.file_size for part in parts) > _UNPACKED


def _merged(sheet: Worksheet) -> Iterator[Fault]:
    for span in sorted(sheet.merged_cells.ranges, key=lambda r: (r.min_row, r.min_col))[:_FAULTS]:
        yield Fault(
            span.min_row,
            span.coord,
            Text(
                f"合并单元格 {span.coord} 无法导入，请取消合并并逐行填写。",
                f"Merged cells {span.coord} cannot be imported. Unmerge them and fill each line.",
            ),
        )


def _lines(sheet: Worksheet) -> Iterator[tuple[int, list[str]]]:
    for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = [_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        yield line, cells


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value).strip()
