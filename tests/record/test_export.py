"""Papers of the model case: the layout of the minutes measured on the PDF itself."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import docx
import pytest
from docx.shared import Mm
from tests.record.model_case import held

from podium.conference.state import VenueId
from podium.record.communique import events as e
from podium.record.communique.document import Document, document
from podium.record.communique.draft import draft
from podium.record.export.docx import write_docx
from podium.record.export.layout import Locale, Paper, Paragraph
from podium.record.export.minutes import minutes
from podium.record.export.pdf import write_pdf
from podium.record.export.report import Report, length
from podium.record.export.tables import Table, write_table
from podium.record.folds.record import Record, record_of
from podium.values.log import Examined, Head, Wrong

ZONE = ZoneInfo("Asia/Shanghai")
HASH = "ab" * 32
PROOF = Examined(Head(131, HASH), None)
BY = e.Author("account", "会议办公室")


@pytest.fixture(scope="module")
def record() -> Record:
    story = held(absent=[VenueId("460000")])
    found = record_of(story.entries, story.now)
    assert found is not None
    return found


def communique(record: Record, *, approved: bool) -> Document:
    entries = [e.Entry(1, record.as_of, BY, e.Drafted(draft(record, ZONE), 131, HASH))]
    if approved:
        entries.append(e.Entry(2, record.as_of, BY, e.Approved("cd" * 32)))
    return document(entries)


def paper(record: Record, locale: Locale = Locale.ZH, *, approved: bool = True) -> Paper:
    return minutes(record, communique(record, approved=approved), PROOF, locale, ZONE)


def printed(content: bytes, tmp_path: Path, *flags: str) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (apt-get install poppler-utils)")
    source = tmp_path / "paper.pdf"
    source.write_bytes(content)
    command = ["pdftotext", *flags, str(source), "-"]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()


@pytest.fixture(scope="module")
def pdf(record: Record) -> bytes:
    return write_pdf(paper(record))


def test_minutes_have_the_type_area_of_the_standard(pdf: bytes, tmp_path: Path) -> None:
    """GB/T 9704-2012, 5.2: 210 mm by 297 mm, 37 mm above, 28 mm at the binding edge, at most 22
    lines of 28 characters."""
    text = printed(pdf, tmp_path, "-bbox-layout")
    assert re.search(r'<page width="595\.2\d+" height="841\.8\d+"', text)
    pages = text.split("<page ")[1:]
    assert len(pages) >= 2
    point = 72 / 25.4
    for number, page in enumerate(pages, 1):
        body = [
            tuple(map(float, found))
            for found in re.findall(
                r'<line xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"', page
            )
            if float(found[1]) < (297 - 35) * point
        ]
        left = 28 if number % 2 else 26
        assert min(line[0] for line in body) > left * point - 1
        assert max(line[2] for line in body) < (left + 156) * point + 2
        assert min(line[1] for line in body) > 37 * point - 2
        rows = {round(line[1] / 28.9) for line in body}
        assert len(rows) <= 23
    lines = printed(pdf, tmp_path).splitlines()
    full = [line for line in lines if len(line) > 20 and not line.isascii()]
    assert max(len(re.sub(r"[0-9]{1,2}", "字", line)) for line in full) <= 29


def test_minutes_say_everything_and_number_their_pages(pdf: bytes, tmp_path: Path) -> None:
    text = printed(pdf, tmp_path)
    plain = re.sub(r"\s", "", text)
    assert "全国促进消费工作视频电话会议纪要" in plain
    assert "在北京召开" in plain
    assert "出席:" in plain.replace("：", ":")
    assert HASH in plain
    assert "cd" * 32 in plain
    assert "—1—" in plain
    assert "草稿" not in plain


def test_a_draft_says_that_it_is_one(record: Record, tmp_path: Path) -> None:
    chinese = printed(write_pdf(paper(record, approved=False)), tmp_path)
    assert "草稿" in chinese
    english = write_pdf(paper(record, Locale.EN, approved=False))
    assert "Draft" in printed(english, tmp_path)


def test_minutes_count_venues_that_are_too_many_to_name(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("podium.record.export.minutes.LISTED_MOST", 51)

    def led(lead: str, locale: Locale) -> str:
        found = [b for b in paper(record, locale).blocks if isinstance(b, Paragraph)]
        return next(b.text for b in found if b.lead == lead)

    assert led("分会场：", Locale.ZH) == "52个，名单见会议记录"
    english = "52; the record of the conference lists them"
    assert led("Branch venues: ", Locale.EN) == english


def test_a_report_lists_every_venue(record: Record, tmp_path: Path) -> None:
    text = printed(write_pdf(Report(record, Locale.ZH, ZONE).paper(PROOF)), tmp_path)
    for name in ("北京主会场", "海南省", "昆明特派员办事处"):
        assert name in text
    assert "缺席" in text


def test_a_wrong_entry_is_said_on_paper(record: Record) -> None:
    broken = Examined(Head(3, HASH), Wrong(4, "该条目缺失", "this entry is missing"))
    foot = Report(record, Locale.EN, ZONE).paper(broken).foot
    assert foot == ("Entry 4 of the log is wrong: this entry is missing",)


@pytest.mark.parametrize("locale", Locale)
def test_minutes_in_docx_have_the_measures(record: Record, locale: Locale) -> None:
    opened = docx.Document(io.BytesIO(write_docx(paper(record, locale))))
    section = opened.sections[0]
    measures = (section.page_width, section.top_margin, section.left_margin)
    for found, wanted in zip(measures, (Mm(210), Mm(37), Mm(28)), strict=True):
        assert found is not None
        assert abs(found - wanted) < Mm(0.1)
    text = "\n".join(p.text for p in opened.paragraphs)
    assert ("在北京召开" if locale is Locale.ZH else "held in Beijing") in text
    assert HASH in text


@pytest.mark.parametrize("locale", Locale)
def test_a_word_processor_lays_minutes_out_as_the_pdf_is(
    record: Record, tmp_path: Path, locale: Locale
) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed (apt-get install libreoffice-writer-nogui)")
    (tmp_path / "word.docx").write_bytes(write_docx(paper(record, locale)))
    home = f"-env:UserInstallation=file://{tmp_path}/office"
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "word.docx"]
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=tmp_path)
    ours = printed(write_pdf(paper(record, locale)), tmp_path, "-bbox-layout")
    theirs = printed((tmp_path / "word.pdf").read_bytes(), tmp_path, "-bbox-layout")
    assert theirs.count("<page ") == ours.count("<page ")
    point = 72 / 25.4
    for number, page in enumerate(theirs.split("<page ")[1:], 1):
        assert page.startswith('width="595.3')
        left = (28 if number % 2 else 26) * point
        words = re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)"', page)
        assert min(float(word[0]) for word in words) > left - 2
        # Punctuation may hang into the margin, which Chinese typesetting allows.
        assert max(float(word[2]) for word in words) < left + 156 * point + 17
        assert min(float(word[1]) for word in words) > 37 * point - 3


def test_a_report_in_docx_has_its_tables(record: Record) -> None:
    opened = docx.Document(io.BytesIO(write_docx(Report(record, Locale.EN, ZONE).paper(PROOF))))
    assert len(opened.tables) >= 4
    assert opened.tables[1].rows[1].cells[0].text == "Beijing main venue"


def test_tables_have_a_row_for_everything(record: Record) -> None:
    rows = {
        table: write_table(record, table, Locale.EN, ZONE).decode("utf-8-sig").splitlines()
        for table in Table
    }
    assert len(rows[Table.TIMELINE]) == len(record.timeline) + 1
    assert len(rows[Table.ATTENDANCE]) == 55
    assert rows[Table.AGENDA][1].startswith("Summary of the consumption promotion work of 2022,")
    assert "2023-03-01 09:30:00" in rows[Table.ATTENDANCE][1]


def test_lengths_read_as_clocks_do() -> None:
    assert [length(timedelta(seconds=s)) for s in (0, 59, 61, 3661)] == [
        "0:00",
        "0:59",
        "1:01",
        "1:01:01",
    ]
