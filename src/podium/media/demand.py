"""What is wanted of a venue: it sends only what somebody looks at, as large as they look at it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from podium.conference.state import Program, Slot, VenueId
from podium.hall.sessions import PublishDemand, Size, Video

_VIDEO: Final = {Size.LOW: Video.LOW, Size.MID: Video.MID, Size.HIGH: Video.HIGH}
_ORDER: Final = (Video.OFF, Video.LOW, Video.MID, Video.HIGH)
_CAMERA_SLOTS: Final = (Slot.MAIN, Slot.SECOND)


def demand_of(
    venue: VenueId,
    program: Program,
    preview: Program,
    microphone: bool,
    walls: Iterable[Size],
) -> PublishDemand:
    """``walls``: the size of every private slot that shows the venue.

    What is in the preview is wanted as large as what is on air: browsers take many seconds to
    reach a high rate, and the picture must be ready when it is taken.
    """
    sizes = [_VIDEO[size] for size in walls]
    if any(p.source(slot) == venue for p in (program, preview) for slot in _CAMERA_SLOTS):
        sizes.append(Video.HIGH)
    return PublishDemand(
        video=max(sizes, key=_ORDER.index, default=Video.OFF),
        sound=microphone,
        content=venue in (program.content, preview.content),
    )
