"""The tables, and the drawing of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from podium.conference.lifecycle import CALL, CONFERENCE, FLOOR, VENUE, document
from podium.conference.state import Connection, Phase

DOCUMENT = Path(__file__).parents[2] / "docs" / "lifecycle.md"


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), (
        "write it anew: python -m podium.conference.lifecycle > docs/lifecycle.md"
    )


@pytest.mark.parametrize("machine", [CONFERENCE, VENUE, FLOOR, CALL], ids=lambda m: m.title)
def test_machines_are_deterministic_and_every_state_is_reached(machine: object) -> None:
    assert isinstance(machine, type(CONFERENCE))
    arrows = Counter((t.source, t.trigger) for t in machine.transitions)
    assert set(arrows.values()) == {1}
    reached = {machine.initial}
    for _ in machine.transitions:
        reached |= {t.target for t in machine.transitions if t.source in reached}
    assert reached == set(type(machine.initial))
    assert not any(t.source in machine.final for t in machine.transitions)


def test_after() -> None:
    assert CONFERENCE.after(Phase.OPEN, "start_session") is Phase.IN_SESSION
    assert CONFERENCE.after(Phase.CLOSED, "start_session") is None
    assert VENUE.after(Connection.ABSENT, "gone") is None
