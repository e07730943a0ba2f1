"""From the bytes of a CSV file to cells by column, with every fault named by line and column."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from podium.conference.state import Text

MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 20_000
MAX_CELL = 200


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` is the stable name; headings are accepted in either language."""

    key: str
    heading: Text
    required: bool = False


COLUMNS = (
    Column("organisation_code", Text("单位代码", "organisation code"), required=True),
    Column("organisation_zh", Text("单位名称", "organisation name (zh)")),
    Column("organisation_en", Text("单位英文名称", "organisation name (en)")),
    Column("parent_code", Text("上级单位代码", "parent code")),
    Column("level", Text("级别", "level")),
    Column("venue_code", Text("会场代码", "venue code")),
    Column("venue_zh", Text("会场名称", "venue name (zh)")),
    Column("venue_en", Text("会场英文名称", "venue name (en)")),
    Column("venue_kind", Text("会场类型", "venue kind")),
    Column("order", Text("顺序号", "order")),
)
"""The layout of import and export; ``docs/directory.md`` explains it to those who fill it in."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of the file. ``line`` counts from 1, the headings included;
    ``column`` is a key of ``COLUMNS``, the heading as found, or empty for the whole line."""

    line: int
    column: str
    text: Text


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: trimmed cells by column key; a missing cell is empty."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        return self.cells.get(key, "")


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def read_table(data: bytes) -> Table:
    """Reads UTF-8 (with or without BOM), UTF-16 with BOM or GB18030; comma, tab or semicolon."""
    if len(data) > MAX_BYTES:
        limit = MAX_BYTES // (1024 * 1024)
        return _refused(
            f"文件超过 {limit} MB，请分成几个文件导入。",
            f"The file is larger than {limit} MB. Import it in parts.",
        )
    text = _decode(data)
    if text is None:
        return _refused(
            "无法识别文件编码，请另存为“CSV UTF-8”后重试。",
            'The encoding is not recognised. Save the file as "CSV UTF-8" and try again.',
        )
    if not text.strip():
        return _refused("文件是空的。", "The file is empty.")
    return _read_rows(text)


def _refused(zh: str, en: str) -> Table:
    return Table((), (Fault(1, "", Text(zh, en)),))


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


def _read_rows(text: str) -> Table:
    lines = _lines(text)
    rows: list[Row] = []
    faults: list[Fault] = []
    keys: Sequence[str] | None = None
    try:
        for line, cells in lines:
            if not any(cells):
                continue
            if keys is None:
                keys, faults = _headings(line, cells)
                if faults:
                    return Table((), tuple(faults))
            elif len(rows) == MAX_ROWS:
                faults.append(_too_many(line))
                break
            else:
                faults.extend(_cell_faults(line, keys, cells))
                rows.append(Row(line, dict(zip(keys, cells, strict=False))))
    except csv.Error as error:
        faults.append(_unreadable(error))
    return Table(tuple(rows), tuple(faults))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    head = text.splitlines()[0]
    delimiter = max(",\t;", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    for cells in reader:
        yield start, [cell.strip() for cell in cells]
        start = reader.line_num + 1


def _headings(line: int, cells: Sequence[str]) -> tuple[list[str], list[Fault]]:
    by_heading = {_fold(name): c.key for c in COLUMNS for name in (c.key, *_both(c.heading))}
    keys: list[str] = []
    faults: list[Fault] = []
    for cell in cells:
        key = by_heading.get(_fold(cell), "")
        if cell and not key:
            faults.append(_unknown_column(line, cell))
        if key and key in keys:
            faults.append(
                Fault(line, key, Text(f"列“{cell}”重复。", f'Column "{cell}" is there twice.'))
            )
        keys.append(key)
    faults.extend(
        Fault(
            line,
            c.key,
            Text(
                f"缺少列“{c.heading.zh}”。第一行应为列名。",
                f'Column "{c.heading.en}" is missing. The first line must hold the headings.',
            ),
        )
        for c in COLUMNS
        if c.required and c.key not in keys
    )
    return keys, faults


def _cell_faults(line: int, keys: Sequence[str], cells: Sequence[str]) -> Iterator[Fault]:
    if any(cells[len(keys) :]):
        yield Fault(
            line,
            "",
            Text(
                f"本行有 {len(cells)} 格，多于列名的 {len(keys)} 格；含逗号的内容请加引号。",
                f"The line has {len(cells)} cells, the headings {len(keys)}. "
                "Put text that holds a comma in quotes.",
            ),
        )
    for key, cell in zip(keys, cells, strict=False):
        if len(cell) > MAX_CELL:
            yield Fault(
                line,
                key,
                Text(f"超过 {MAX_CELL} 个字。", f"Longer than {MAX_CELL} characters."),
            )
        elif any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in cell):
            yield Fault(
                line,
                key,
                Text("含有换行或控制字符。", "Holds a line break or a control character."),
            )


def _unknown_column(line: int, cell: str) -> Fault:
    known_zh = "、".join(c.heading.zh for c in COLUMNS)
    known_en = ", ".join(c.heading.en for c in COLUMNS)
    shown = cell[:40]
    return Fault(
        line,
        shown,
        Text(
            f"不认识列“{shown}”。可用的列：{known_zh}。",
            f'Column "{shown}" is not known. Known columns: {known_en}.',
        ),
    )


def _too_many(line: int) -> Fault:
    return Fault(
        line,
        "",
        Text(
            f"超过 {MAX_ROWS} 行，请分成几个文件导入。",
            f"More than {MAX_ROWS} lines. Import the file in parts.",
        ),
    )


def _unreadable(error: csv.Error) -> Fault:
    return Fault(
        1,
        "",
        Text(f"不是有效的 CSV 文件（{error}）。", f"This is not a valid CSV file ({error})."),
    )


def _fold(name: str) -> str:
    return name.casefold().replace(" ", "").replace("_", "").replace("（", "(").replace("）", ")")


def _both(text: Text) -> tuple[str, str]:
    return text.zh, text.en
