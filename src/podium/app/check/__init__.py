"""``podium check``: whether the telephone would work, in words, with what to do where it would not.

Nothing is changed anywhere: trunks are asked with OPTIONS, and with a REGISTER that names no
contact and so only looks (RFC 3261 10.3).
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from podium.app.check.findings import Finding, Mark, note
from podium.app.check.machine import check_dialling, check_files, check_ports
from podium.app.check.reach import check_reach
from podium.app.check.trunks import check_trunks
from podium.config.telephone import TelephoneSection

__all__ = ["Finding", "Mark", "check_telephone"]


async def check_telephone(section: TelephoneSection) -> AsyncIterator[Finding]:
    if not section.enabled:
        yield note(
            "没有电话接入：请在设置文件中设置 telephone.hosts（见 docs/phones.md）",
            "there is no telephone: set telephone.hosts in the file of settings (docs/phones.md)",
        )
        return
    for found in (*check_files(section), *check_ports(section), *check_dialling(section)):
        yield found
    async for found in check_reach(section):
        yield found
    async for found in check_trunks(section):
        yield found
