"""Settings of the telephone: where it listens, which trunks there are, who may be dialled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, Literal

from podium.config import parsing as p
from podium.config.parsing import ConfigError, Key, Network


@dataclass(frozen=True, slots=True)
class TrunkSection:
    """A line to the telephone network; one table ``[[telephone.trunks]]`` each, in order."""

    name: str
    host: str
    """Name or address of the company's server."""
    port: int | None = None
    transport: Literal["udp", "tcp", "tls"] = "udp"
    user: str | None = None
    secret_file: Path | None = None
    """Holds the password and nothing else."""
    register: bool = False
    """Announce ourselves there, so that calls find their way here."""
    sources: tuple[Network, ...] = ()
    """Where its calls come from, if not from ``host``."""
    prefixes: tuple[str, ...] = ()
    """The numbers that it takes; all, where none are given."""
    caller: str | None = None
    """The number that the called see; ``user``, where it is not set."""


@dataclass(frozen=True, slots=True)
class TelephoneSection:
    hosts: tuple[str, ...] = ()
    """Addresses to listen on, at most one of IPv4 and one of IPv6; none: no telephone."""
    port: int = 5060
    """UDP and TCP; 0 picks a free one."""
    tls_port: int = 5061
    """TCP; used where there is a certificate."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    public_address: str | None = None
    """How the other side reaches us behind NAT."""
    rtp_host: str | None = None
    """Address for sound; the first of ``hosts``, where it is not set."""
    rtp_ports: tuple[int, int] = (20_000, 29_999)
    """First and last UDP port for sound; a call takes two."""
    realm: str = "podium"
    """What telephones are told when they are asked for their password."""
    access_numbers: tuple[str, ...] = ("9000",)
    """Numbers that reach the voice menu; the first is printed in invitations."""
    sources: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    """Calls from here are answered without trunk or password."""
    accounts: Path | None = None
    """Telephones that register here (docs/deploy.md)."""
    trunks: tuple[TrunkSection, ...] = ()
    allowed_prefixes: tuple[str, ...] = ()
    """What may be dialled by trunk; nothing, where none are given."""
    calls_per_conference: int = 3000
    """Calls that one conference may place in 24 hours."""
    calls_per_day: int = 10_000
    concurrent_calls: int = 500
    """Calls placed by us that stand at one time."""
    longest_call: int = 12
    """Hours, for calls that we have placed."""
    fallback_after: int = 5
    """Seconds without video until the telephone rings."""
    fallback_grace: int = 15
    """Seconds of video until that call is released."""
    language: Literal["zh", "en"] = "zh"
    """Spoken first, and alone to whoever has not chosen."""
    prompts: Path | None = None
    """Directory of an organisation's own recordings."""

    @property
    def enabled(self) -> bool:
        return bool(self.hosts)


def _trunk(value: Any) -> TrunkSection:
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise ConfigError("every table [[telephone.trunks]] needs a name")
    unknown = value.keys() - _TRUNK.keys()
    if unknown:
        hint = "; a password stands in a file, see secret_file" if "secret" in unknown else ""
        raise ConfigError(
            f"telephone.trunks, {name!r}: {', '.join(sorted(unknown))} is no setting{hint}; "
            f"there are {', '.join(_TRUNK)}"
        )
    given: dict[str, Any] = {}
    for key, content in value.items():
        parse, allowed = _TRUNK[key]
        try:
            given[key] = parse(content)
        except (ValueError, KeyError):
            raise ConfigError(
                f"telephone.trunks, {name!r}: {key} is not allowed as it is: write {allowed}"
            ) from None
    if "host" not in given:
        raise ConfigError(f"telephone.trunks, {name!r}: host is missing")
    trunk = TrunkSection(**given)
    if trunk.register and (trunk.user is None or trunk.secret_file is None):
        raise ConfigError(f"telephone.trunks, {name!r}: register needs user and secret_file")
    return trunk


def _trunks(value: Any) -> tuple[TrunkSection, ...]:
    if not isinstance(value, list):
        raise ValueError
    trunks = tuple(map(_trunk, value))
    names = [trunk.name for trunk in trunks]
    if len(set(names)) < len(names):
        raise ConfigError("telephone.trunks: two of them have the same name")
    return trunks


_PREFIXES: Final = "a list of prefixes such as +8610"
_NETWORKS: Final = "a list of networks, such as 10.0.0.0/8"
_TRUNK: Final[Mapping[str, tuple[Callable[[Any], Any], str]]] = {
    "name": (p.text, "a name"),
    "host": (p.text, "a host name or an address"),
    "port": (p.number(1, 65535), "a number from 1 to 65535"),
    "transport": (p.one_of("udp", "tcp", "tls"), "udp, tcp or tls"),
    "user": (p.text, "the name that the telephone company has given you"),
    "secret_file": (p.file, "a file that exists and holds the password"),
    "register": (p.switch, "true or false"),
    "sources": (p.many(p.network), _NETWORKS),
    "prefixes": (p.many(p.prefix), _PREFIXES),
    "caller": (p.prefix, "a number"),
}


def _key(name: str, parse: Callable[[Any], Any], allowed: str) -> Key:
    return Key("telephone", name, parse, allowed)


TELEPHONE_KEYS: Final[Sequence[Key]] = (
    _key("hosts", p.many(p.address), "a list of IP addresses"),
    _key("port", p.number(0, 65535), "a number from 0 to 65535"),
    _key("tls_port", p.number(0, 65535), "a number from 0 to 65535"),
    _key("public_address", p.address, "an IP address"),
    _key("tls_cert", p.file, "a file that exists (certificate chain, PEM)"),
    _key("tls_key", p.file, "a file that exists (private key, PEM)"),
    _key("rtp_host", p.address, "an IP address"),
    _key("rtp_ports", p.ports, "first-last, such as 20000-29999"),
    _key("realm", p.text, "a name"),
    _key("access_numbers", p.many(p.prefix), "a list of numbers, such as 9000"),
    _key("sources", p.many(p.network), _NETWORKS),
    _key("accounts", p.file, "a file that exists"),
    _key("trunks", _trunks, "tables [[telephone.trunks]] in the file of settings"),
    _key("allowed_prefixes", p.many(p.prefix), _PREFIXES),
    _key("calls_per_conference", p.number(0, 100_000), "a number from 0 to 100000"),
    _key("calls_per_day", p.number(0, 1_000_000), "a number from 0 to 1000000"),
    _key("concurrent_calls", p.number(0, 100_000), "a number from 0 to 100000"),
    _key("longest_call", p.number(1, 48), "hours, 1 to 48"),
    _key("fallback_after", p.number(1, 600), "seconds, 1 to 600"),
    _key("fallback_grace", p.number(0, 600), "seconds, 0 to 600"),
    _key("language", p.one_of("zh", "en"), "zh or en"),
    _key("prompts", p.directory, "a directory that exists"),
)
TELEPHONE_SECRETS: Final = frozenset({"telephone.trunks"})
"""Their values are not repeated in errors."""


def check_together(section: TelephoneSection) -> None:
    """Raises ``ConfigError``."""
    if (section.tls_cert is None) != (section.tls_key is None):
        raise ConfigError("telephone.tls_cert and telephone.tls_key are set together or not at all")
    families = [":" in host for host in section.hosts]
    if len(set(families)) < len(families):
        raise ConfigError("telephone.hosts: at most one address of IPv4 and one of IPv6")
    if section.enabled and not section.access_numbers:
        raise ConfigError("telephone.access_numbers is empty: nobody could call in")
