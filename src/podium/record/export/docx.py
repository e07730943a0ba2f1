"""DOCX of a paper, by python-docx. Minutes have the measures of GB/T 9704-2012 (see ``pdf``). The
fonts are named as the standard names them, each with a free one that stands in where it is missing.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.shared import Mm, Pt, RGBColor

from podium.record.export import docx_parts as parts
from podium.record.export.layout import Block, Grid, Heading, Locale, Paper, Paragraph

_RED: Final = RGBColor(0xCC, 0x00, 0x00)
_LINE: Final = Pt(28.9)
_TIGHTER: Final = 0.2
"""Points by which 28 characters of 16 points fit in 156 mm."""
_ILLEGAL: Final = {n: None for n in range(32) if n not in (9, 10, 13)}
"""Characters that XML has no place for."""
_TEXT: Final = "FangSong"
_TITLE: Final = "FZXiaoBiaoSong-B05S"
_LEAD: Final = "SimHei"
_REPORT: Final = "SimSun"
_LATIN: Final = "Times New Roman"
_REPORT_LATIN: Final = "Arial"
_SUBSTITUTES: Final = {
    _TEXT: "Noto Serif CJK SC",
    _TITLE: "Noto Serif CJK SC",
    _LEAD: "Noto Sans CJK SC",
    _REPORT: "Noto Sans CJK SC",
    _LATIN: "Liberation Serif",
    _REPORT_LATIN: "Liberation Sans",
}


def write_docx(paper: Paper) -> bytes:
    document = Document()
    parts.set_language(document)
    parts.name_substitutes(document, _SUBSTITUTES)
    _page(document, paper)
    _style(document, paper)
    _title(document, paper)
    listed = False
    for block in paper.blocks:
        first = isinstance(block, Paragraph) and bool(block.lead) and not listed
        listed = listed or first
        _block(document, block, paper, first=first)
    _foot(document, paper)
    _page_numbers(document.sections[0], paper)
    document.core_properties.title = _clean(paper.title)
    document.core_properties.author = "Podium"
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _size(paper: Paper) -> float:
    if not paper.official:
        return 10
    return 16 if paper.locale is Locale.ZH else 12


def _on_grid(paper: Paper) -> bool:
    """Chinese minutes have 22 lines of 28 characters."""
    return paper.official and paper.locale is Locale.ZH


def _clean(text: str) -> str:
    return text.translate(_ILLEGAL)


def _page(document: Any, paper: Paper) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    if paper.official:
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(23)
        parts.mirror_margins(document)
    else:
        section.top_margin = section.bottom_margin = Mm(20)
        section.left_margin = section.right_margin = Mm(18)


def _style(document: Any, paper: Paper) -> None:
    normal, heading = document.styles["Normal"], document.styles["Heading 2"]
    latin = _LATIN if paper.official else _REPORT_LATIN
    if paper.official:
        parts.set_font(normal.font, _TEXT, _TEXT if _on_grid(paper) else latin)
    else:
        parts.set_font(normal.font, _REPORT, latin)
    normal.font.size = Pt(_size(paper))
    normal.paragraph_format.space_after = Pt(0)
    if _on_grid(paper):
        parts.tighten(normal, _TIGHTER)
        normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        normal.paragraph_format.line_spacing = _LINE
    parts.set_font(heading.font, _LEAD, latin)
    heading.font.size, heading.font.color.rgb = Pt(12), RGBColor(0, 0, 0)
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(14), Pt(4)


def _title(document: Any, paper: Paper) -> None:
    if paper.mark:
        mark = document.add_paragraph()
        mark.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        parts.set_font(mark.add_run(_clean(paper.mark)).font, _LEAD)
    title = document.add_paragraph()
    form = title.paragraph_format
    form.line_spacing_rule = WD_LINE_SPACING.SINGLE
    run = title.add_run(_clean(paper.title))
    run.font.size = Pt(22 if _on_grid(paper) else 18)
    if paper.official:
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        above = 35 if _on_grid(paper) else 12
        form.space_before = Mm(above - (10 if paper.mark else 0))
        form.space_after = _LINE
        run.font.color.rgb = _RED
        parts.set_font(run.font, _TITLE, None if _on_grid(paper) else _LATIN)
        run.bold = not _on_grid(paper)  # XiaoBiaoSong is heavy as it is
        parts.rules(title, color="CC0000", eighths=16, bottom=10)
    else:
        parts.set_font(run.font, _LEAD, _REPORT_LATIN)
        run.bold = True
    if paper.subtitle:
        document.add_paragraph(_clean(paper.subtitle)).paragraph_format.space_after = Pt(8)


def _block(document: Any, block: Block, paper: Paper, *, first: bool) -> None:
    match block:
        case Heading(text=text):
            document.add_heading(_clean(text), 2)
        case Paragraph():
            _paragraph(document, block, paper, first=first)
        case Grid():
            _grid(document, block)


def _paragraph(document: Any, block: Paragraph, paper: Paper, *, first: bool) -> None:
    """``first`` of those who were there: after an empty line (GB/T 9704, 10.3)."""
    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    size = _size(paper)
    if _on_grid(paper):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        hang = len(block.lead)
        form.first_line_indent = -Pt(hang * size) if hang else Pt(2 * size)
        form.left_indent = Pt((2 + hang) * size) if hang else None
    else:
        form.space_after = Pt(6)
    if first:
        form.space_before = _LINE if _on_grid(paper) else Pt(12)
    if block.lead:
        lead = paragraph.add_run(_clean(block.lead))
        parts.set_font(lead.font, _LEAD, None if _on_grid(paper) else _LATIN)
        lead.bold = None if _on_grid(paper) else True
    paragraph.add_run(_clean(block.text))


def _grid(document: Any, grid: Grid) -> None:
    table = document.add_table(rows=1, cols=len(grid.headings))
    table.autofit = False
    parts.light_rules(table)
    parts.repeat_row(table.rows[0])
    whole = sum(grid.widths)
    widths = [Mm(174 * width / whole) for width in grid.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    _fill(table.rows[0], grid.headings, widths, bold=True)
    for row in grid.rows:
        _fill(table.add_row(), row, widths, bold=False)


def _fill(row: Any, texts: Any, widths: Any, *, bold: bool) -> None:
    for cell, text, width in zip(row.cells, texts, widths, strict=True):
        cell.width = width
        run = cell.paragraphs[0].add_run(_clean(text))
        run.bold = True if bold else None
        run.font.size = Pt(9)


def _foot(document: Any, paper: Paper) -> None:
    last = len(paper.foot) - 1
    for number, line in enumerate(paper.foot):
        paragraph = document.add_paragraph()
        form = paragraph.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(13)
        form.space_before = Pt(12 if number == 0 else 0)
        form.keep_with_next, form.keep_together = number < last, True
        sides = ({"top": 4} if number == 0 else {}) | ({"bottom": 4} if number == last else {})
        if sides:
            parts.rules(paragraph, color="000000", eighths=6, **sides)
        paragraph.add_run(_clean(line)).font.size = Pt(9)


def _page_numbers(section: Any, paper: Paper) -> None:
    """At the outer edge, one character from it (GB/T 9704, 7.5); in the middle of a report."""
    if not paper.official:
        paragraph = section.footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for code in ("PAGE", "NUMPAGES"):
            _sized(paragraph, 9, " / " if code == "NUMPAGES" else "")
            parts.field(_sized(paragraph, 9), code)
        return
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        paragraph.paragraph_format.left_indent = Pt(14)
        paragraph.paragraph_format.right_indent = Pt(14)
        _sized(paragraph, 14, "— ")
        parts.field(_sized(paragraph, 14), "PAGE")
        _sized(paragraph, 14, " —")


def _sized(paragraph: Any, points: float, text: str = "") -> Any:
    run = paragraph.add_run(text)
    run.font.size = Pt(points)
    return run
