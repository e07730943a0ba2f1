"""Settings: frozen, by section, each part gets only its own.

They come from the command line, then ``PODIUM_<SECTION>_<KEY>`` in the environment, then a TOML
file with ``[section]`` and ``key``, then the defaults; the first that says something counts.
Lists are TOML arrays, and separated by commas elsewhere.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, Literal

from podium.config import parsing as p
from podium.config.notices import NOTICES_KEYS, NOTICES_SECRETS, NoticesSection
from podium.config.notices import check_together as check_notices
from podium.config.parsing import ConfigError as ConfigError
from podium.config.parsing import Key, Network
from podium.config.record import RECORD_KEYS, RecordSection
from podium.config.situation import SITUATION_KEYS, SituationSection
from podium.config.telephone import TELEPHONE_KEYS, TELEPHONE_SECRETS, TelephoneSection
from podium.config.telephone import check_together as check_telephone

LogFormat = Literal["auto", "text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class WebSection:
    host: str = "127.0.0.1"
    """Address or name to listen on; ``0.0.0.0`` or ``::`` is every address of the machine."""
    port: int = 8080
    """TCP; 0 picks a free one."""
    public_url: str | None = None
    """What links begin with, where a proxy changes it; as requested, where it is not set."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Whose ``X-Forwarded-*`` headers are believed."""
    metrics_from: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class MediaSection:
    host: str | None = None
    """Address to listen on; that of the web, where it is not set."""
    port: int | None = None
    """UDP; the number of the web's port, where it is not set. 0 picks a free one."""
    public_addresses: tuple[str, ...] = ()
    """``ip`` or ``ip:port``: how venues reach the media port, where that is not what is listened
    on (behind NAT, or on every address)."""
    workers: int | None = None
    """Threads that serve viewers; all processors but one, where it is not set."""
    gso: bool = True
    """Let the kernel cut a burst into packets; off only to find faults."""


@dataclass(frozen=True, slots=True)
class StoreSection:
    data: Path = Path("data")
    """Directory of everything that Podium keeps."""
    database: str | None = None
    """``sqlite:///file.db`` or ``postgresql://...``; ``podium.db`` in ``data``, if not set."""

    @property
    def address(self) -> str:
        return self.database or f"sqlite:///{self.data.absolute() / 'podium.db'}"


@dataclass(frozen=True, slots=True)
class LogSection:
    level: LogLevel = "info"
    format: LogFormat = "auto"
    """``auto``: text on a terminal, JSON elsewhere."""


@dataclass(frozen=True, slots=True)
class Settings:
    web: WebSection = field(default_factory=WebSection)
    media: MediaSection = field(default_factory=MediaSection)
    telephone: TelephoneSection = field(default_factory=TelephoneSection)
    store: StoreSection = field(default_factory=StoreSection)
    log: LogSection = field(default_factory=LogSection)
    notices: NoticesSection = field(default_factory=NoticesSection)
    record: RecordSection = field(default_factory=RecordSection)
    situation: SituationSection = field(default_factory=SituationSection)


# --- what is allowed


_PORT: Final = "a number from 0 to 65535"
KEYS: Final[Sequence[Key]] = (
    Key("web", "host", p.text, "an address or a host name"),
    Key("web", "port", p.number(0, 65535), _PORT),
    Key("web", "public_url", p.origin, "http(s)://host[:port], without a path"),
    Key("web", "tls_cert", p.file, "a file that exists (certificate chain, PEM)"),
    Key("web", "tls_key", p.file, "a file that exists (private key, PEM)"),
    Key("web", "proxies", p.many(p.address), "a list of IP addresses"),
    Key("web", "metrics_from", p.many(p.network), "a list of networks, such as 10.0.0.0/8"),
    Key("media", "host", p.address, "an IP address"),
    Key("media", "port", p.number(0, 65535), _PORT),
    Key(
        "media",
        "public_addresses",
        p.many(p.public),
        "a list of ip or ip:port, none of them 0.0.0.0",
    ),
    Key("media", "workers", p.number(1, 64), "a number from 1 to 64"),
    Key("media", "gso", p.switch, "on or off"),
    *TELEPHONE_KEYS,
    Key("store", "data", p.path, "a directory"),
    Key("store", "database", p.database, "sqlite:///<file> or postgresql://<user>@<host>/<name>"),
    Key(
        "log",
        "level",
        p.one_of("debug", "info", "warning", "error"),
        "debug, info, warning or error",
    ),
    Key("log", "format", p.one_of("auto", "text", "json"), "auto, text or json"),
    *NOTICES_KEYS,
    *RECORD_KEYS,
    *SITUATION_KEYS,
)
_SECRET: Final = frozenset({"store.database"}) | TELEPHONE_SECRETS | NOTICES_SECRETS
"""Their values are not repeated in errors."""


# --- where they come from


@dataclass(frozen=True, slots=True)
class _Given:
    value: Any
    source: str
    """In words, for errors."""


def load(
    flags: Mapping[str, Any], environment: Mapping[str, str], file: Path | None = None
) -> Settings:
    """``flags``: values by dotted key; ``None`` was not given. ``file`` defaults to
    ``PODIUM_CONFIG``. Raises ``ConfigError``."""
    if file is None and environment.get("PODIUM_CONFIG"):
        file = Path(environment["PODIUM_CONFIG"])
    given = _from_file(file) | _from_environment(environment) | _from_flags(flags)
    values: dict[str, dict[str, Any]] = {f.name: {} for f in fields(Settings)}
    for key in KEYS:
        if key.dotted in given:
            values[key.section][key.name] = _parsed(key, given[key.dotted])
    settings = Settings(
        web=WebSection(**values["web"]),
        media=MediaSection(**values["media"]),
        telephone=TelephoneSection(**values["telephone"]),
        store=StoreSection(**values["store"]),
        log=LogSection(**values["log"]),
        notices=NoticesSection(**values["notices"]),
        record=RecordSection(**values["record"]),
    )
    _check_together(settings)
    return settings


def _from_flags(flags: Mapping[str, Any]) -> dict[str, _Given]:
    return {
        name: _Given(value, "on the command line")
        for name, value in flags.items()
        if value is not None
    }


def _from_environment(environment: Mapping[str, str]) -> dict[str, _Given]:
    return {
        key.dotted: _Given(environment[key.variable], f"in the environment ({key.variable})")
        for key in KEYS
        if environment.get(key.variable)
    }


def _from_file(file: Path | None) -> dict[str, _Given]:
    if file is None:
        return {}
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{file} is not TOML: {error}") from None
    given = {name: _Given(value, f"in {file}") for name, value in _dotted(tables)}
    known = {key.dotted for key in KEYS}
    for name in given:
        if name not in known:
            raise ConfigError(
                f"{name} in {file} is no setting; there are {', '.join(sorted(known))}"
            )
    return given


def _dotted(tables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for section, table in tables.items():
        if isinstance(table, dict):
            yield from ((f"{section}.{name}", value) for name, value in table.items())
        else:
            yield section, table


def _parsed(key: Key, given: _Given) -> Any:
    try:
        return key.parse(given.value)
    except ConfigError as error:
        raise ConfigError(f"{error} (set {given.source})") from None
    except (ValueError, KeyError):
        shown = "" if key.dotted in _SECRET else f" = {given.value!r}"
        raise ConfigError(
            f"{key.dotted}{shown}, set {given.source}, is not allowed: write {key.allowed}"
        ) from None


def _check_together(settings: Settings) -> None:
    web = settings.web
    if (web.tls_cert is None) != (web.tls_key is None):
        raise ConfigError("web.tls_cert and web.tls_key are set together or not at all")
    check_telephone(settings.telephone)
    check_notices(settings.notices)
