"""baresip as a venue: its registration, its calls and codecs, by our menu to the conference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.conferences import HENAN, ZHEJIANG
from tests.support.phones import baresip
from tests.support.served_telephone import SECTION, Served, serving

from podium.conference import commands as c
from podium.conference.calls import CallEnd
from podium.hall.legs import LegId

pytestmark = pytest.mark.phones

FIRST = LegId(1)


def caller(extra: str = "audio_codecs=PCMA") -> str:
    return f"<sip:alice@127.0.0.1>;regint=0;{extra}"


@pytest.mark.parametrize("codec", ["PCMA", "PCMU", "G722/16000", "opus/48000/2"])
async def test_it_joins_with_every_codec(tmp_path: Path, codec: str) -> None:
    account = caller(f"audio_codecs={codec}")
    async with serving() as served, baresip(tmp_path / "phone", account) as phone:
        await phone.tell("dial", served.address("20230301"))
        await served.until(lambda: served.joined(HENAN))
        agreed = served.legs.media[FIRST]
        assert agreed.codec == codec.partition("/")[0]
        assert agreed.events_payload_type is not None
        await phone.tell("hangup")
        await served.until(lambda: served.ended(HENAN) is CallEnd.HUNG_UP)


async def test_it_joins_by_srtp_holds_and_resumes(tmp_path: Path) -> None:
    async with serving() as served:
        account = caller("audio_codecs=PCMA;mediaenc=srtp-mand")
        async with baresip(tmp_path / "phone", account) as phone:
            await phone.tell("dial", served.address("20230301"))
            await served.until(lambda: served.joined(HENAN))
            assert served.legs.media[FIRST].srtp is not None
            await phone.tell("hold")
            await served.until(lambda: not served.legs.media[FIRST].sends)
            await phone.tell("resume")
            await served.until(lambda: served.legs.media[FIRST].sends)
            assert served.joined(HENAN)
            await served.do(c.CloseConference())
            await phone.until("CALL_CLOSED")


def registering(served: Served) -> str:
    return (
        f"<sip:8001@127.0.0.1:{served.room.port}>;regint=60;auth_pass=right-secret;"
        "answermode=auto;audio_codecs=PCMA"
    )


async def test_it_registers_is_dialled_and_its_own_call_is_its_venue_s(tmp_path: Path) -> None:
    file = tmp_path / "phones.toml"
    file.write_text('[[phone]]\nnumber = "8001"\nsecret = "right-secret"\nvenue = "zhejiang"\n')
    async with (
        serving(replace(SECTION, accounts=file)) as served,
        baresip(tmp_path / "phone", "") as phone,
    ):
        await phone.tell("uanew", registering(served))
        await phone.until("REGISTER_OK")
        await served.give(ZHEJIANG, "8001")
        await served.do(c.PlaceCall(ZHEJIANG))
        await served.until(lambda: "zh/invited" in served.legs.heard.get(FIRST, []))
        await served.press("1")
        await served.until(lambda: served.joined(ZHEJIANG))
        await served.do(c.HangUp(ZHEJIANG))
        await phone.until("CALL_CLOSED")
        await phone.tell("dial", served.address("9000"))
        await served.until(lambda: served.joined(ZHEJIANG))
