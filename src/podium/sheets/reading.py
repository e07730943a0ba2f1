"""From the bytes of a file to a table. Never raises for what the bytes are."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence

from podium.sheets.table import MAX_BYTES, Column, Fault, Grid, Table, refused, table_of
from podium.sheets.xlsx import is_xlsx, read_xlsx
from podium.values.text import Text

_DISARMED = re.compile(r"'(?=[=+\-@])")


def read_table(data: bytes, columns: Sequence[Column]) -> Table:
    """A file with one line of headings; formats as ``read_grid``. Nothing may be merged."""
    grid = read_grid(data)
    if grid.merged:
        return Table((), grid.merged)
    table = table_of(grid.lines, columns)
    return Table(table.rows, (*table.faults, *grid.faults))


def read_grid(data: bytes) -> Grid:
    """Reads XLSX, or CSV in UTF-8 (with or without BOM), UTF-16 with BOM or GB18030 with comma,
    tab or semicolon."""
    if len(data) > MAX_BYTES:
        limit = MAX_BYTES // (1024 * 1024)
        return refused(
            f"文件超过 {limit} MB，请分成几个文件导入。",
            f"The file is larger than {limit} MB. Import it in parts.",
        )
    return read_xlsx(data) if is_xlsx(data) else _read_csv(data)


def _read_csv(data: bytes) -> Grid:
    text = _decode(data)
    if text is None:
        return refused(
            "无法识别文件编码，请另存为“CSV UTF-8”后重试。",
            'The encoding is not recognised. Save the file as "CSV UTF-8" and try again.',
        )
    if not text.strip():
        return refused("文件是空的。", "The file is empty.")
    broken: list[Fault] = []
    lines = tuple((line, tuple(cells)) for line, cells in _lines(text, broken))
    return Grid(lines, (), tuple(broken))


def _decode(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _lines(text: str, broken: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    head = text.splitlines()[0]
    delimiter = max(",\t;", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            # What an export disarmed for spreadsheets comes back as it was.
            yield start, [_DISARMED.sub("", cell.strip(), count=1) for cell in cells]
            start = reader.line_num + 1
    except csv.Error as error:
        zh, en = f"不是有效的 CSV 文件（{error}）。", f"This is not a valid CSV file ({error})."
        broken.append(Fault(1, "", Text(zh, en)))
