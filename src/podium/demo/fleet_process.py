"""A process of synthetic venues: orders come in as lines, news goes out as lines.

Run as ``python -m podium.demo.fleet_process``. Tokens come by the standard input, so that no list
of processes shows them.
"""

from __future__ import annotations

import asyncio
import os
import sys

from podium.demo.messages import (
    AskForFloor,
    Assignment,
    Finish,
    News,
    Order,
    Trouble,
    order_from,
    to_line,
)
from podium.demo.peers import use_address_towards
from podium.demo.signalling import LinkEnded
from podium.demo.venue import SyntheticVenue


def tell(news: News) -> None:
    sys.stdout.buffer.write(to_line(news))
    sys.stdout.buffer.flush()


async def play(venue: SyntheticVenue) -> None:
    """One venue, whose end is no matter to the others."""
    try:
        await venue.run()
    except* LinkEnded as ended:
        tell(Trouble(venue.spec.number, f"the server ended the link: {ended.exceptions}"))


async def obey(order: Order, venues: dict[int, SyntheticVenue]) -> bool:
    """False when it was the last order."""
    match order:
        case AskForFloor(number):
            await venues[number].ask_for_floor()
        case Finish():
            for venue in venues.values():
                tell(await venue.report())
            return False
        case Assignment():
            raise ValueError("a second assignment")
    return True


async def main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    assignment = order_from(await lines.readline())
    if not isinstance(assignment, Assignment):
        raise TypeError("the first order must be an assignment")
    use_address_towards(assignment.server)
    venues = {
        spec.number: SyntheticVenue(spec, assignment.server, assignment.numbers, tell)
        for spec in assignment.venues
    }
    tasks = [asyncio.ensure_future(play(venue)) for venue in venues.values()]
    while line := await lines.readline():
        if not await obey(order_from(line), venues):
            break
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for venue in venues.values():
        await venue.close()


if __name__ == "__main__":
    asyncio.run(main())
    # aiortc's decoding threads may outlive the loop; nothing of theirs is needed any more.
    sys.stdout.flush()
    os._exit(0)
