"""baresip against the telephone's signalling: registration, calls, hold, codecs, SRTP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.baresip import BARESIP, baresip
from tests.support.conferences import HENAN, ZHEJIANG
from tests.support.served_telephone import SECTION, Served, serving
from tests.support.stage import free_port

from podium.conference import commands as c
from podium.conference.calls import CallEnd
from podium.config.telephone import TelephoneSection
from podium.hall.legs import LegId, LegMedia

pytestmark = pytest.mark.skipif(BARESIP is None, reason="baresip is not installed")

FIRST = LegId(1)


def caller(extra: str = "audio_codecs=PCMA") -> str:
    return f"<sip:alice@127.0.0.1>;regint=0;{extra}"


def with_accounts(tmp_path: Path) -> TelephoneSection:
    file = tmp_path / "phones.toml"
    file.write_text('[[phone]]\nnumber = "8001"\nsecret = "right-secret"\nvenue = "zhejiang"\n')
    return replace(SECTION, accounts=file)


def registering(served: Served, secret: str, transport: str = "udp") -> str:
    return (
        f"<sip:8001@127.0.0.1:{served.room.port};transport={transport}>;regint=60;"
        f"auth_pass={secret};answermode=auto;audio_codecs=PCMA"
    )


def media(served: Served) -> LegMedia | None:
    return served.legs.media.get(FIRST)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("codec", ["PCMA", "PCMU", "G722/16000", "opus/48000/2"])
async def test_it_calls_in_with_every_codec(tmp_path: Path, transport: str, codec: str) -> None:
    async with serving() as served:
        phone = baresip(tmp_path / "phone", caller(f"audio_codecs={codec}"), 3, free_port)
        async with phone as made:
            await made.command("dial", f"{served.address('20230301')};transport={transport}")
            await made.until("CALL_ESTABLISHED")
            await served.until(lambda: served.joined(HENAN))
            agreed = media(served)
            assert agreed is not None
            assert agreed.codec == codec.partition("/")[0]
            assert agreed.events_payload_type is not None
            await made.command("hangup")
            await served.until(lambda: served.ended(HENAN) is CallEnd.HUNG_UP)


@pytest.mark.parametrize("mandatory", ["srtp", "srtp-mand"])
async def test_it_calls_in_by_srtp(tmp_path: Path, mandatory: str) -> None:
    async with serving() as served:
        account = caller(f"audio_codecs=PCMA;mediaenc={mandatory}")
        async with baresip(tmp_path / "phone", account, 3, free_port) as made:
            await made.command("dial", served.address("20230301"))
            await made.until("CALL_ESTABLISHED")
            await served.until(lambda: served.joined(HENAN))
            agreed = media(served)
            assert agreed is not None
            assert agreed.srtp is not None


async def test_it_holds_and_resumes(tmp_path: Path) -> None:
    async with serving() as served, baresip(tmp_path / "p", caller(), 3, free_port) as made:
        await made.command("dial", served.address("20230301"))
        await made.until("CALL_ESTABLISHED")
        await served.until(lambda: served.joined(HENAN))
        await made.command("hold")
        await served.until(lambda: not served.legs.media[FIRST].sends)
        await made.command("resume")
        await served.until(lambda: served.legs.media[FIRST].sends)
        assert served.joined(HENAN)
        await served.do(c.CloseConference())
        await made.until("CALL_CLOSED")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_it_registers_is_dialled_and_its_own_call_is_its_venue_s(
    tmp_path: Path, transport: str
) -> None:
    async with serving(with_accounts(tmp_path)) as served:
        account = registering(served, "right-secret", transport)
        async with baresip(tmp_path / "phone", "", 3, free_port) as made:
            await made.command("uanew", account)
            await made.until("REGISTER_OK")
            await served.give(ZHEJIANG, "8001")
            await served.do(c.PlaceCall(ZHEJIANG))
            await made.until("CALL_ESTABLISHED")
            await served.until(lambda: "zh/invited" in served.legs.heard[FIRST])
            await served.press("1")
            await served.until(lambda: served.joined(ZHEJIANG))
            await served.do(c.HangUp(ZHEJIANG))
            await made.until("CALL_CLOSED")
            await made.command("dial", served.address("9000"))
            await made.until("CALL_ESTABLISHED")
            await served.until(lambda: served.joined(ZHEJIANG))


async def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    async with serving(with_accounts(tmp_path)) as served:
        account = registering(served, "wrong-secret")
        async with baresip(tmp_path / "phone", "", 3, free_port) as made:
            await made.command("uanew", account)
            await made.until("REGISTER_FAIL")
