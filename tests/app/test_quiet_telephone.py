"""Neither a PIN nor a telephone number comes into the log, however much is logged."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from tests.support.conferences import CONFERENCE, HENAN, SCHEDULE, XINJIANG
from tests.support.web import open_web

from podium.app import logs
from podium.conference import commands as c
from podium.config import LogSection
from podium.hall.access import AccountRole

NUMBER, DIALLED = "+861065190000", "+86991123456"


async def test_no_digit_is_logged(tmp_path: Path) -> None:
    written = io.StringIO()
    async with open_web(tmp_path) as web:
        logs.set_up(LogSection(level="debug", format="json"), written)
        web.telephone.number = NUMBER
        office = (await web.person(AccountRole.OPERATOR)).browser
        pins = f"/api/conferences/{CONFERENCE}/pins"
        asked = {"venues": [HENAN], "general": True}
        issued = (await web.http.post(pins, json=asked, headers=office)).json()
        numbered = replace(SCHEDULE.venues[3], telephones=(DIALLED,))
        await web.do(c.OpenConference(), c.InviteVenues((), (numbered,)), c.PlaceCall(XINJIANG))
        commands = f"/api/conferences/{CONFERENCE}/commands"
        wrong = {"type": "dial_number", "guest": "g", "number": DIALLED + "x"}
        assert (await web.http.post(commands, json=wrong, headers=office)).status_code == 422
        web.telephone.failing = True
        await web.do(c.HangUp(XINJIANG))
    assert "telephone did not take 1 effects" in written.getvalue()
    pin = issued["venues"][0]["pin"]
    for digits in (pin, issued["general"], NUMBER, DIALLED, DIALLED[1:]):
        assert digits not in written.getvalue()
