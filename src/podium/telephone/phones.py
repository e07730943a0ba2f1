"""The telephones that register here, from a file of the administrator.

::

    [[phone]]
    number = "8001"              # its name when it registers, and what it is dialled by
    secret = "..."               # 8 characters or more
    venue = "henan"              # optional: a call of it is this venue, without a PIN
    language = "en"              # optional: what it is spoken to in
    algorithm = "SHA-256"        # optional: MD5 where it is not set, for old telephones
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from podium.conference.state import VenueId
from podium.telephone.dialplan import normal
from podium.telephone.prompts.texts import Language

Algorithm = Literal["MD5", "SHA-256"]
_KEYS: Final = frozenset({"number", "secret", "venue", "language", "algorithm"})


class PhonesUnusable(Exception):
    """The administrator's fault: ``args[0]`` names the file and the telephone."""


@dataclass(frozen=True, slots=True)
class Phone:
    number: str
    secret: str = field(repr=False)
    venue: VenueId | None
    languages: tuple[Language, ...]
    """Of the telephone; empty: the house's ways."""
    algorithm: Algorithm


def load_phones(path: Path) -> Mapping[str, Phone]:
    """By number. Raises ``PhonesUnusable``."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PhonesUnusable(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise PhonesUnusable(f"{path} is not TOML") from None
    found: dict[str, Phone] = {}
    for place, table in enumerate(tables.get("phone", []), 1):
        phone = _phone(table, f"{path}, telephone {place}")
        if phone.number in found:
            raise PhonesUnusable(f"{path}, telephone {place}: its number is there twice")
        found[phone.number] = phone
    return found


def _phone(table: Any, where: str) -> Phone:
    if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
        raise PhonesUnusable(f"{where}: write texts in quotation marks")
    unknown = table.keys() - _KEYS
    if unknown:
        raise PhonesUnusable(
            f"{where}: {', '.join(sorted(unknown))} is not known; there are "
            f"{', '.join(sorted(_KEYS))}"
        )
    number = normal(table.get("number", ""))
    if number is None:
        raise PhonesUnusable(f"{where}: number must be 2 to 20 digits")
    if len(table.get("secret", "")) < 8:
        raise PhonesUnusable(f"{where}: secret must have 8 characters or more")
    algorithm, language = table.get("algorithm", "MD5"), table.get("language")
    if algorithm not in ("MD5", "SHA-256"):
        raise PhonesUnusable(f"{where}: algorithm is MD5 or SHA-256")
    if language is not None and language not in set(Language):
        raise PhonesUnusable(f"{where}: language is zh or en")
    return Phone(
        number=number,
        secret=table["secret"],
        venue=VenueId(table["venue"]) if table.get("venue") else None,
        languages=(Language(language),) if language else (),
        algorithm=algorithm,
    )
