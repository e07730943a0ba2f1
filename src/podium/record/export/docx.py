"""DOCX of a paper, by python-docx. Minutes have the measures of GB/T 9704-2012 (see ``pdf``); the
fonts are named as the standard names them, and the reader's word processor finds its own."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from podium.record.export.layout import Block, Grid, Heading, Locale, Paper, Paragraph

_RED: Final = RGBColor(0xCC, 0x00, 0x00)
_LINE: Final = Pt(28.9)
_ILLEGAL: Final = {n: None for n in range(32) if n not in (9, 10, 13)}
"""Characters that XML has no place for."""


def write_docx(paper: Paper) -> bytes:
    document = Document()
    _page(document, paper)
    _font(document.styles["Normal"].font, "FangSong" if paper.official else "SimSun")
    document.styles["Normal"].font.size = Pt(_size(paper))
    _title(document, paper)
    for block in paper.blocks:
        _block(document, block, paper)
    for line in paper.foot:
        run = document.add_paragraph().add_run(_clean(line))
        run.font.size = Pt(9)
    _page_number(document.sections[0], paper)
    document.core_properties.title = _clean(paper.title)
    document.core_properties.author = "Podium"
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _size(paper: Paper) -> float:
    if not paper.official:
        return 10.5
    return 16 if paper.locale is Locale.ZH else 12


def _clean(text: str) -> str:
    return text.translate(_ILLEGAL)


def _page(document: Any, paper: Paper) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    if paper.official:
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
    else:
        section.top_margin = section.bottom_margin = Mm(20)
        section.left_margin = section.right_margin = Mm(18)


def _font(font: Any, name: str) -> None:
    font.name = name
    font.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _title(document: Any, paper: Paper) -> None:
    if paper.mark:
        mark = document.add_paragraph(_clean(paper.mark))
        mark.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    title = document.add_paragraph()
    run = title.add_run(_clean(paper.title))
    run.bold = True
    run.font.size = Pt(22 if paper.official else 18)
    if paper.official:
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        title.paragraph_format.space_before = Mm(35 if not paper.mark else 25)
        title.paragraph_format.space_after = _LINE
        run.font.color.rgb = _RED
        run.font.name = "FZXiaoBiaoSong-B05S"
        _border(title)
    if paper.subtitle:
        document.add_paragraph(_clean(paper.subtitle))


def _border(paragraph: Any) -> None:
    """The red rule under the mark of minutes."""
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "16"), ("space", "8"), ("color", "CC0000")):
        bottom.set(qn(f"w:{key}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)  # python-docx has no borders of its own


def _block(document: Any, block: Block, paper: Paper) -> None:
    match block:
        case Heading(text=text):
            run = document.add_paragraph().add_run(_clean(text))
            run.bold = True
            run.font.size = Pt(12)
        case Paragraph():
            _paragraph(document, block, paper)
        case Grid():
            _grid(document, block)


def _paragraph(document: Any, block: Paragraph, paper: Paper) -> None:
    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.space_after = Pt(0)
    if paper.official and paper.locale is Locale.ZH:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, _LINE
        indent = Pt(2 * _size(paper))
        hang = len(block.lead)
        form.first_line_indent = -Pt(hang * _size(paper)) if hang else indent
        form.left_indent = Pt((2 + hang) * _size(paper)) if hang else None
    else:
        form.space_after = Pt(6)
    if block.lead:
        lead = paragraph.add_run(_clean(block.lead))
        _font(lead.font, "SimHei")
    paragraph.add_run(_clean(block.text))


def _grid(document: Any, grid: Grid) -> None:
    table = document.add_table(rows=1, cols=len(grid.headings), style="Table Grid")
    whole = sum(grid.widths)
    for cell, heading, width in zip(table.rows[0].cells, grid.headings, grid.widths, strict=True):
        cell.width = Mm(174 * width / whole)
        cell.text = ""
        cell.paragraphs[0].add_run(_clean(heading)).bold = True
    for row in grid.rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = _clean(text)


def _page_number(section: Any, paper: Paper) -> None:
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if paper.official else WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run("— " if paper.official else "")
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind is not None:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)  # python-docx has no fields of its own
    paragraph.add_run(" —" if paper.official else "")
