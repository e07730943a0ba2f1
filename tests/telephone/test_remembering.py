"""What must survive a restart does, and what cannot be written now is written later."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from tests.support.conferences import CHAIR, CONFERENCE, HENAN
from tests.support.telephone import NUMBER, RULES, MemoryNotebook, rig

from podium.conference import commands as c
from podium.conference.calls import CallEnd, CallStage, StandingCall
from podium.telephone import remembering
from podium.telephone.guard import Attempt, By, Locked

GUEST = "8613900000001"
ONE_A_DAY = replace(RULES, per_day=1)


async def test_a_caller_who_was_locked_out_still_is() -> None:
    notebook, who = MemoryNotebook(), Attempt(((By.CALLER, f"<{GUEST}>"),))
    async with rig(notebook=notebook) as r:
        while not isinstance(r.guard.attempt(who, r.now()), Locked):
            pass
        failures = r.guard.failures(*who.keys[0])
        r.house._memory.changed()
    async with rig(notebook=notebook) as r:
        assert r.guard.failures(*who.keys[0]) == failures > 3
        await r.do(CHAIR, c.OpenConference(), c.StartSession())
        await r.dial(by="one", caller=GUEST)
        r.heard()
        await r.press("20230301#")
        assert r.heard() == ["pin_locked", "again_1_minute"] * 2
        assert r.pins.asked == 0


async def test_strangers_who_were_locked_out_still_are_and_the_console_is_told() -> None:
    notebook = MemoryNotebook()
    async with rig(notebook=notebook) as r:
        r.besiege()
        r.house._memory.changed()
        level = r.lockout.tally
    async with rig(notebook=notebook) as r:
        assert len(r.locks) == 1
        assert r.lockout.tally.locks == level.locks
        await r.dial(by="one", caller=GUEST)
        assert r.heard() == ["strangers_locked", "again_15_minutes"] * 2


async def test_who_had_a_right_pin_before_the_restart_is_no_stranger_after_it() -> None:
    notebook = MemoryNotebook()
    async with rig(notebook=notebook) as r:
        await r.do(CHAIR, c.OpenConference())
        await r.dial("99990000", by="one", caller=GUEST)
    async with rig(notebook=notebook) as r:
        r.besiege()
        await r.dial(by="one", caller=GUEST)
        assert r.heard() == ["welcome", "welcome"]


async def test_calls_placed_before_the_restart_count_for_the_caps() -> None:
    notebook = MemoryNotebook()
    async with rig(notebook=notebook, rules=ONE_A_DAY) as r:
        await r.do(CHAIR, c.OpenConference(), c.PlaceCall(HENAN))
        await r.bell.until(lambda: bool(r.agent.invited))
    assert [call.conference for call in notebook.placed] == [CONFERENCE]
    async with rig(notebook=notebook, rules=ONE_A_DAY) as r:
        await r.do(CHAIR, c.OpenConference(), c.PlaceCall(HENAN))
        call = r.call_of(HENAN)
        assert isinstance(call, StandingCall)
        assert call.stage is CallStage.WAITING
        assert call.setback is CallEnd.LIMIT
        assert not r.agent.invited


async def test_what_cannot_be_written_now_is_written_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(remembering, "DELAY", 0.01)
    notebook = MemoryNotebook()
    notebook.fault = OSError("the disk is full")
    with caplog.at_level(logging.WARNING):
        async with rig(notebook=notebook) as r:
            await r.dial("11111111", by="one", caller=GUEST)
            while not caplog.records:
                await r.settle()
            notebook.fault = None
            while not notebook.notes:
                await r.settle()
    assert ("caller", f"<{GUEST}>") in notebook.notes
    assert GUEST not in caplog.text
    assert NUMBER not in caplog.text
