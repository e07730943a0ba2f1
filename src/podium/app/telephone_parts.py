"""From the settings of the telephone to what its parts are made of."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from podium.app.errors import StartError
from podium.config.telephone import TelephoneSection, TrunkSection
from podium.telephone.board import Manners
from podium.telephone.dialplan import DialRules
from podium.telephone.dialplan import Trunk as DialTrunk
from podium.telephone.phones import Phone, PhonesUnusable, load_phones
from podium.telephone.prompts import PromptUnusable, load_prompts
from podium.telephone.prompts.texts import Language
from podium.telephone.sip.digest import Login
from podium.telephone.sip.digest_fields import Algorithm, Ha1s, make_ha1s
from podium.telephone.sip.registration import Trunk
from podium.telephone.sip.uri import Uri

Network = IPv4Network | IPv6Network
OUR_NAME: Final = "podium"
"""The user part of our address; trunks that we register with call it."""


def prompts_of(section: TelephoneSection) -> Mapping[str, bytes]:
    """Raises ``StartError``."""
    try:
        return load_prompts(section.prompts)
    except PromptUnusable as error:
        raise StartError(f"telephone.prompts: {error}") from None


def phones_of(section: TelephoneSection) -> Mapping[str, Phone]:
    """Raises ``StartError``."""
    if section.accounts is None:
        return {}
    try:
        return load_phones(section.accounts)
    except PhonesUnusable as error:
        raise StartError(f"telephone.accounts: {error}") from None


class Passwords:
    """What the gate asks about telephones. Passwords themselves are not kept."""

    def __init__(self, realm: str, phones: Mapping[str, Phone]) -> None:
        self._ha1s = {
            name: make_ha1s(name, realm, phone.secret, (Algorithm(phone.algorithm),))
            for name, phone in phones.items()
        }

    def ha1s(self, username: str) -> Ha1s | None:
        return self._ha1s.get(username)


def rules_of(section: TelephoneSection, phones: Mapping[str, Phone]) -> DialRules:
    return DialRules(
        allowed=section.allowed_prefixes,
        accounts=frozenset(phones),
        trunks=tuple(DialTrunk(trunk.name, trunk.prefixes) for trunk in section.trunks),
        per_conference=section.calls_per_conference,
        per_day=section.calls_per_day,
        concurrent=section.concurrent_calls,
    )


def manners_of(
    section: TelephoneSection, phones: Mapping[str, Phone], recorded: frozenset[str]
) -> Manners:
    own = Language(section.language)
    return Manners(
        languages=(own, *(language for language in Language if language is not own)),
        access=frozenset({*section.access_numbers, OUR_NAME}),
        trunks=frozenset(trunk.name for trunk in section.trunks),
        phones=phones,
        recorded=recorded,
        longest_call=section.longest_call * 3600.0,
    )


def trunk_of(section: TrunkSection) -> Trunk:
    """Raises ``StartError``."""
    user = section.user or OUR_NAME
    transport = section.transport
    params = () if transport == "udp" else (("transport", transport),)
    return Trunk(
        name=section.name,
        server=Uri("sip", "", section.host, section.port, params),
        identity=Uri("sip", user, section.host),
        login=_login(section, user),
        registers=section.register,
    )


def _login(section: TrunkSection, user: str) -> Login | None:
    if section.secret_file is None:
        return None
    try:
        secret = section.secret_file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        secret = ""
    if not secret:
        raise StartError(
            f"telephone.trunks, {section.name!r}: {section.secret_file} cannot be read, or is "
            "empty: write the password that the telephone company has given you into it"
        )
    return Login(user, secret)


async def sources_of(trunks: Sequence[TrunkSection]) -> Mapping[str, Sequence[Network]]:
    """Where each trunk's calls come from: as set, or the addresses of its host now. Of a host that
    is not known no call is taken; ``podium check`` says so."""
    found = await asyncio.gather(*(_addresses(t) for t in trunks))
    return {trunk.name: networks for trunk, networks in zip(trunks, found, strict=True)}


async def _addresses(trunk: TrunkSection) -> Sequence[Network]:
    if trunk.sources:
        return trunk.sources
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(trunk.host, None, type=socket.SOCK_DGRAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(ip_network(address[0]) for *_, address in found))
