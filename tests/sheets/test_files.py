"""Spreadsheets from strangers, and those that we give out."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from podium.sheets.reading import read_table
from podium.sheets.table import MAX_ROWS, Column
from podium.sheets.writing import write_csv, write_xlsx
from podium.values.text import Text

COLUMNS = (
    Column("code", Text("代码", "code"), required=True),
    Column("note", Text("说明", "note"), longest=300, lines=True),
)


def book(*rows: tuple[object, ...], merge: str | None = None) -> bytes:
    made = Workbook()
    sheet = made.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    if merge is not None:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_workbook_reads_like_a_csv_file() -> None:
    data = book(("代码", "说明"), ("a", 3.0), (None, None), ("b", datetime(2023, 3, 1)), (7, True))
    table = read_table(data, COLUMNS)
    assert table.faults == ()
    assert [(row.line, row["code"], row["note"]) for row in table.rows] == [
        (2, "a", "3"),
        (4, "b", "2023-03-01"),
        (5, "7", "true"),
    ]


def test_merged_cells_are_named() -> None:
    data = book(("代码", "说明"), ("a", "x"), ("b", "y"), merge="A2:A3")
    [fault] = read_table(data, COLUMNS).faults
    assert (fault.line, fault.column) == (2, "A2:A3")


def test_too_many_lines_in_a_workbook() -> None:
    rows = (("a",) for _ in range(MAX_ROWS + 5))
    data = write_xlsx("x", ["code"], rows)
    assert "parts" in read_table(data, COLUMNS).faults[0].text.en


def repacked(data: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one part replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            new.writestr(part.filename, content if part.filename == name else old.read(part))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(book(("代码",)), SHEET, b"<a>" + b" " * (70 * 1024 * 1024) + b"</a>")
    assert len(bomb) < 1024 * 1024
    [fault] = read_table(bomb, COLUMNS).faults
    assert "unpacked" in fault.text.en


def test_entities_are_refused() -> None:
    evil = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>
    <worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
    <row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>"""
    [fault] = read_table(repacked(book(("代码",)), SHEET, evil), COLUMNS).faults
    assert "not a valid XLSX" in fault.text.en


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04", b"PK\x03\x04" + b"\x00" * 100, book(("代码",))[:-200]]
)
def test_broken_workbooks(data: bytes) -> None:
    [fault] = read_table(data, COLUMNS).faults
    assert "not a valid XLSX" in fault.text.en


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    read_table(b"PK\x03\x04" + data, COLUMNS)


FORMULAS = ["=1+1", "+1", "-2", "@SUM(A1)", "\tx", "'=x", "plain", ""]


def test_no_cell_of_an_export_is_a_formula() -> None:
    rows = [[text, "x"] for text in FORMULAS]
    lines = list(csv.reader(io.StringIO(write_csv(["代码", "说明"], rows).decode("utf-8-sig"))))
    assert not any(cell[:1] in set("=+-@\t\r") for line in lines for cell in line if cell)
    sheet = load_workbook(io.BytesIO(write_xlsx("x", ["代码", "说明"], rows))).worksheets[0]
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert [row[0].value for row in sheet.iter_rows(min_row=2)][:4] == FORMULAS[:4]


def test_what_was_disarmed_comes_back() -> None:
    rows = [["a", "-5 %"], ["b", "两行\n正文"]]
    for data in (write_csv(["代码", "说明"], rows), write_xlsx("x", ["代码", "说明"], rows)):
        table = read_table(data, COLUMNS)
        assert table.faults == ()
        assert [[row["code"], row["note"]] for row in table.rows] == rows


def test_lines_only_where_a_column_takes_them() -> None:
    [fault] = read_table(write_csv(["code"], [["a\nb"]]), COLUMNS).faults
    assert (fault.line, fault.column) == (2, "code")


def test_numbers_stay_numbers() -> None:
    sheet = load_workbook(io.BytesIO(write_xlsx("x", ["a"], [[-5], [1.5]]))).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [-5, 1.5]
