"""What trunks say: whether they answer, know us, and have a codec in common with us."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Final

from podium.app.check.asking import Asker, asking
from podium.app.check.findings import Finding, fault, good, note
from podium.app.errors import StartError
from podium.app.telephone_parts import trunk_of
from podium.config.telephone import TelephoneSection
from podium.telephone.sip.agreement import Capabilities
from podium.telephone.sip.events import Failure
from podium.telephone.sip.message import Response
from podium.telephone.sip.registration import Trunk
from podium.telephone.sip.sdp import parse_sdp
from podium.telephone.sip.sdp_formats import formats_of
from podium.telephone.sip.syntax import SipSyntaxError
from podium.values.text import Text

_SILENT: Final[Mapping[Failure, Text]] = {
    Failure.UNRESOLVED: Text(
        "找不到它的主机：请更正 host，或检查本机的 DNS",
        "its host is not known: correct host, or mend this machine's DNS",
    ),
    Failure.TRANSPORT: Text(
        "它不接受连接：请更正 host、port 和 transport",
        "nothing takes its connection: correct host, port and transport",
    ),
    Failure.TIMEOUT: Text(
        "它没有应答：请更正 host、port 和 transport，放行防火墙，并向运营商确认是否已登记本机地址",
        "it does not answer: correct host, port and transport, open the firewall, and ask the "
        "company whether it knows this machine's address",
    ),
}


async def check_trunks(section: TelephoneSection) -> AsyncIterator[Finding]:
    if not section.trunks:
        return
    try:
        async with asking(section.hosts, section.public_address) as asker:
            for given in section.trunks:
                try:
                    trunk = trunk_of(given)
                except StartError as error:
                    yield fault(f"中继线路“{given.name}”的设置有误：{error}", str(error))
                    continue
                async for found in _trunk(asker, trunk):
                    yield found
    except OSError as error:
        yield fault(
            f"无法查询中继线路：{error.strerror}", f"trunks cannot be asked: {error.strerror}"
        )


async def _trunk(asker: Asker, trunk: Trunk) -> AsyncIterator[Finding]:
    zh, en = f"中继线路“{trunk.name}”：", f"trunk {trunk.name!r}: "
    pinged = await asker.trunk(trunk, "OPTIONS")
    if isinstance(pinged, Failure):
        why = _SILENT[pinged]
        yield fault(zh + why.zh, en + why.en)
        return
    yield good(f"{zh}有应答（{pinged.status}）", f"{en}it answers ({pinged.status})")
    yield _codecs(zh, en, pinged)
    if trunk.registers:
        yield _registration(zh, en, await asker.trunk(trunk, "REGISTER"))


def _registration(zh: str, en: str, answer: Response | Failure) -> Finding:
    match answer:
        case Failure():
            return fault(f"{zh}注册没有应答", f"{en}it does not answer a registration")
        case Response(status=status) if 200 <= status < 300:
            here = len(answer.contacts)
            return good(
                f"{zh}用户名和密码正确；目前已注册 {here} 个",
                f"{en}user and password are right; {here} registered at present",
            )
        case Response(status=401 | 403 | 407 as status):
            return fault(
                f"{zh}用户名或密码错误（{status}）：请更正 user 和 secret_file",
                f"{en}user or password is wrong ({status}): correct user and secret_file",
            )
        case Response(status=status):
            return fault(
                f"{zh}不接受注册（{status}）：请询问运营商",
                f"{en}it does not take registrations ({status}): ask the company",
            )


def _codecs(zh: str, en: str, answer: Response) -> Finding:
    ours = Capabilities().codecs
    try:
        audio = [m for m in parse_sdp(answer.body).media if m.kind == "audio"]
        theirs = {found.codec for media in audio for found in formats_of(media)} - {None}
    except SipSyntaxError:
        theirs = set()
    if not theirs:
        return note(
            f"{zh}未说明支持哪些编码；各运营商都支持 PCMA 或 PCMU，本机支持 {'、'.join(ours)}",
            f"{en}it does not say which codecs it has; every telephone company has PCMA or "
            f"PCMU, and we have {', '.join(ours)}",
        )
    common = [codec for codec in ours if codec in theirs]
    if common:
        return good(
            f"{zh}共同的编码有 {'、'.join(common)}", f"{en}codecs in common are {', '.join(common)}"
        )
    return fault(
        f"{zh}没有共同的编码：请运营商开放 PCMA（G.711 A 律）",
        f"{en}no codec in common: ask the company to allow PCMA (G.711 A-law)",
    )
