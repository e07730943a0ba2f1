"""What python-docx has no words for, as elements of WordprocessingML (ECMA-376 part 1, 17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn

_TABLE_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"


def element(name: str, **attributes: str | int) -> Any:
    """``name`` with its prefix; attributes are of the same namespace."""
    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), str(value))
    return made


def set_font(font: Any, east_asian: str, latin: str | None = None) -> None:
    """``latin``: for everything else; the same font where it is not given."""
    font.name = latin or east_asian
    named = font.element.get_or_add_rPr().get_or_add_rFonts()
    named.set(qn("w:eastAsia"), east_asian)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme"):  # they would take precedence
        named.attrib.pop(qn(f"w:{theme}"), None)


def set_language(document: Any) -> None:
    """Chinese is mainland Chinese: it decides the forms of signs and where punctuation stands."""
    properties = document.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(element("lang", val="en-GB", eastAsia="zh-CN", bidi="ar-SA"))


def name_substitutes(document: Any, substitutes: Mapping[str, str]) -> None:
    """Which free font stands in where the named one is missing (17.8.3.1)."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{instead}"/></w:font>'
        for name, instead in substitutes.items()
    )
    content = f"<w:fonts {nsdecls('w')}>{fonts}</w:fonts>".encode()
    package, known = document.part.package, document.part.rels
    for relation in known.values():
        if relation.reltype == RELATIONSHIP_TYPE.FONT_TABLE:
            relation.target_part._blob = content  # the template's own table, which is empty of use
            return
    part = Part(PackURI("/word/fontTable.xml"), _TABLE_TYPE, content, package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FONT_TABLE)


def mirror_margins(document: Any) -> None:
    """Left is the binding edge of odd pages and the outer edge of even ones."""
    settings = document.settings.element
    first = ("view", "zoom", "embedTrueTypeFonts", "embedSystemFonts", "saveSubsetFonts")
    before = {qn(f"w:{name}") for name in first}
    place = sum(1 for child in settings if child.tag in before)
    settings.insert(place, element("mirrorMargins"))
    document.settings.odd_and_even_pages_header_footer = True


def tighten(style: Any, points: float) -> None:
    """Characters stand this much closer, and Chinese no further from digits and Latin."""
    spacing = element("spacing", val=round(-points * 20))
    style.element.get_or_add_rPr().insert_element_before(spacing, "w:w", "w:kern", "w:sz", "w:lang")
    properties = style.element.get_or_add_pPr()
    for name in ("autoSpaceDE", "autoSpaceDN"):
        properties.insert_element_before(element(name, val=0), "w:spacing", "w:ind", "w:jc")


def rules(paragraph: Any, *, color: str, eighths: int, **space: int) -> None:
    """Rules at the named sides (``top``, ``bottom``), with their distance in points."""
    borders = element("pBdr")
    for side, distance in space.items():
        borders.append(element(side, val="single", sz=eighths, space=distance, color=color))
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(borders, "w:spacing", "w:ind", "w:jc")


def field(run: Any, code: str) -> None:
    """A field that the word processor computes: PAGE, NUMPAGES."""
    run._r.append(element("fldChar", fldCharType="begin"))
    instruction = element("instrText")
    instruction.text = code
    run._r.append(instruction)
    run._r.append(element("fldChar", fldCharType="end"))


def repeat_row(row: Any) -> None:
    """At the top of every page that the table goes on to; no row is split by a page."""
    properties = row._tr.get_or_add_trPr()
    properties.append(element("cantSplit"))
    properties.append(element("tblHeader"))


def light_rules(table: Any) -> None:
    """Only thin lines between rows, and room above and below the text."""
    properties = table._tbl.tblPr
    borders = element("tblBorders")
    for side in ("top", "bottom", "insideH"):
        borders.append(element(side, val="single", sz=4, space=0, color="999999"))
    properties.insert_element_before(borders, "w:tblLayout", "w:tblLook")
    margins = element("tblCellMar")
    for side, twips in (("top", 40), ("left", 80), ("bottom", 40), ("right", 80)):
        margins.append(element(side, w=twips, type="dxa"))
    properties.insert_element_before(margins, "w:tblLook")
