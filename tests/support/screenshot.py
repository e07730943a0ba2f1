"""Makes the README's picture: the console of the model conference. Run by scripts/screenshot.sh."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.support import browsers
from tests.support.pages import sign_in
from tests.support.stage import stage


async def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        async with stage(folder, 9) as made, browsers.chromium(folder, 60) as page:
            await made.in_session()
            await made.command("start_item", item="item-1")
            await made.command("start_item", item="item-2")
            await made.command(
                "set_preview",
                program={"main": made.venue(4).id, "second": None, "content": None},
            )
            await made.fleet.ask_for_floor(3)
            await made.fleet.ask_for_floor(6)
            account = made.credentials
            address = f"{made.server.url}/console/{made.console.conference}"
            await sign_in(page, address, account.name, account.password)
            await page.wait_for_function(
                "() => [1, 4].every(number => podiumTest.shown().includes(number))", timeout=20_000
            )
            await page.screenshot(path=target)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
