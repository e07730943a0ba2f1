"""PDF of a paper, by WeasyPrint with the fonts of the machine.

Minutes follow GB/T 9704-2012: A4, margins of 37 mm above and 28 mm at the binding edge, a type
area of 156 mm by 225 mm with 22 lines of 28 characters in size 3 (16 pt) FangSong, page numbers in
size 4 between dashes at the outer edge, the mark of minutes in red. Where the machine lacks
FangSong and XiaoBiaoSong, which are not free, Noto Serif and Noto Sans take their place.
"""

from __future__ import annotations

from html import escape
from typing import Any, Final, NoReturn

from podium.record.export.layout import Block, Grid, Heading, Locale, Paper, Paragraph

_SERIF: Final = '"FangSong", "FangSong_GB2312", "FandolFang R", "Noto Serif CJK SC", serif'
_TITLE: Final = '"FZXiaoBiaoSong-B05S", "Noto Serif CJK SC", serif'
_SANS: Final = '"SimHei", "Noto Sans CJK SC", sans-serif'

_OFFICIAL: Final = f"""
@page {{ size: 210mm 297mm; margin: 37mm 26mm 35mm 28mm; }}
@page :right {{ @bottom-right {{ content: "— " counter(page) " —"; font: 14pt {_SERIF};
  margin-right: 14pt; vertical-align: top; padding-top: 7mm; }} }}
@page :left {{ margin-left: 26mm; margin-right: 28mm;
  @bottom-left {{ content: "— " counter(page) " —"; font: 14pt {_SERIF}; margin-left: 14pt;
  vertical-align: top; padding-top: 7mm; }} }}
body {{ margin: 0; font: 16pt {_SERIF}; line-height: 28.9pt; letter-spacing: -0.21pt;
  text-align: justify; }}
h1 {{ margin: 35mm 0 0; color: #c00; font: 700 22pt {_TITLE}; line-height: 32pt;
  text-align: center; letter-spacing: 0; padding-bottom: 4mm; border-bottom: 0.7mm solid #c00; }}
.mark {{ position: absolute; top: 0; right: 0; white-space: nowrap;
  letter-spacing: 0; font: 16pt {_SANS}; line-height: 28.9pt; }}
.text {{ margin: 28.9pt 0 0; }}
p {{ margin: 0; text-indent: 2em; orphans: 1; widows: 1; }}
p.listed.first {{ margin-top: 28.9pt; }}
p.listed b {{ font: 16pt {_SANS}; }}
.foot {{ margin-top: 12pt; padding: 1.5mm 0; border-top: 0.35mm solid; border-bottom: 0.35mm solid;
  break-inside: avoid; }}
.foot p {{ font-size: 9pt; line-height: 13pt; text-indent: 0; padding: 0 1em;
  letter-spacing: 0; overflow-wrap: anywhere; text-align: left; }}
"""
_ENGLISH: Final = """
body { font-size: 12pt; line-height: 18pt; letter-spacing: 0; text-align: left; }
h1 { margin-top: 12mm; font-size: 18pt; line-height: 24pt; }
p { text-indent: 0; margin-bottom: 9pt; orphans: 2; widows: 2; }
.foot p { margin-bottom: 0; }
p.listed b, .mark { font-size: 12pt; }
"""
_REPORT: Final = f"""
@page {{ size: A4; margin: 20mm 18mm; @bottom-center {{ content: counter(page) " / "
  counter(pages); font: 9pt {_SANS}; }} }}
body {{ margin: 0; font: 10pt {_SANS}; line-height: 1.5; }}
h1 {{ margin: 0; font-size: 18pt; }}
.subtitle {{ margin: 0 0 4mm; color: #444; }}
h2 {{ margin: 6mm 0 2mm; font-size: 12pt; break-after: avoid; }}
p {{ margin: 0 0 2mm; }}
table {{ width: 100%; border-collapse: collapse; table-layout: fixed; }}
thead {{ display: table-header-group; }}
th, td {{ padding: 1mm 1.5mm; border-bottom: 0.2mm solid #999; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }}
th {{ border-bottom: 0.4mm solid #333; font-weight: 700; }}
tr {{ break-inside: avoid; }}
.foot {{ margin-top: 6mm; padding-top: 2mm; border-top: 0.4mm solid #333; }}
.foot p {{ font-size: 8pt; overflow-wrap: anywhere; }}
"""


class PdfUnavailable(Exception):
    """The machine lacks the libraries that draw text; ``args[0]`` names them."""


def write_pdf(paper: Paper) -> bytes:
    """Takes some seconds for a long record; to be run in a thread. Raises ``PdfUnavailable``."""
    try:
        from weasyprint import HTML  # loads Pango, which not every machine has
    except OSError as error:
        raise PdfUnavailable(
            "Pango is missing: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0 fonts-noto-cjk"
        ) from error
    document = HTML(string=_html(paper), url_fetcher=_fetch_nothing)
    content: bytes = document.write_pdf()
    return content


def _fetch_nothing(url: str, *_: Any, **__: Any) -> NoReturn:
    """A paper is complete: nothing is fetched from anywhere."""
    raise ValueError("nothing is fetched for a paper")


def _html(paper: Paper) -> str:
    style = _OFFICIAL if paper.official else _REPORT
    if paper.official and paper.locale is Locale.EN:
        style += _ENGLISH
    language = "zh-CN" if paper.locale is Locale.ZH else "en"
    mark = f'<div class="mark">{escape(paper.mark)}</div>' if paper.mark else ""
    subtitle = f'<p class="subtitle">{escape(paper.subtitle)}</p>' if paper.subtitle else ""
    foot = "".join(f"<p>{escape(line)}</p>" for line in paper.foot)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(paper.title)}</title><style>{style}</style></head><body>{mark}"
        f"<h1>{escape(paper.title)}</h1>{subtitle}"
        f'<div class="text">{_blocks(paper)}</div><div class="foot">{foot}</div></body></html>'
    )


def _blocks(paper: Paper) -> str:
    parts, listed = [], False
    for block in paper.blocks:
        first = isinstance(block, Paragraph) and bool(block.lead) and not listed
        listed = listed or first
        parts.append(_block(block, first=first))
    return "".join(parts)


def _block(block: Block, *, first: bool) -> str:
    match block:
        case Heading(text=text):
            return f"<h2>{escape(text)}</h2>"
        case Paragraph(text=text, lead=""):
            return f"<p>{escape(text)}</p>"
        case Paragraph(text=text, lead=lead):
            kind = "listed first" if first else "listed"
            return f'<p class="{kind}"{_hanging(lead)}><b>{escape(lead)}</b>{escape(text)}</p>'
        case Grid():
            return _grid(block)


def _hanging(lead: str) -> str:
    """The lines after the first begin below the text, not below the lead (GB/T 9704, 10.3)."""
    if lead.isascii():
        return ""
    return f' style="padding-left:{2 + len(lead)}em;text-indent:-{len(lead)}em"'


def _grid(grid: Grid) -> str:
    whole = sum(grid.widths)
    columns = "".join(f'<col style="width:{100 * w / whole:.2f}%">' for w in grid.widths)
    head = "".join(f"<th>{escape(h)}</th>" for h in grid.headings)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in grid.rows
    )
    top = f"<colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead>"
    return f"<table>{top}<tbody>{rows}</tbody></table>"
