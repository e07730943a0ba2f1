"""The columns of the directory's file."""

from __future__ import annotations

from podium.sheets.table import MAX_BYTES as MAX_BYTES
from podium.sheets.table import MAX_ROWS as MAX_ROWS
from podium.sheets.table import Column
from podium.values.text import Text

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
    Column("telephones", Text("电话", "telephones")),
)
"""The layout of import and export; ``docs/directory.md`` explains it to those who fill it in."""
