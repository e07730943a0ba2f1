"""Challenges and credentials on the wire, and the arithmetic of Digest (RFC 3261, 22; RFC 7616)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from podium.telephone.sip.headers import Headers
from podium.telephone.sip.syntax import SipSyntaxError, is_token, quote, split_outside, unquote


class Algorithm(StrEnum):
    """RFC 8760. MD5 is for phones that know nothing better."""

    MD5 = "MD5"
    SHA_256 = "SHA-256"


Ha1s = Mapping[Algorithm, str]
"""What is kept of an account's password: H(user:realm:password) in lower-case hex, by algorithm.

An account can be used with the algorithms that are there and no other.
"""

_HASHES: Final = {Algorithm.MD5: hashlib.md5, Algorithm.SHA_256: hashlib.sha256}
_MAX_FIELDS: Final = 32
_NC: Final = re.compile(r"[0-9A-Fa-f]{8}")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One that can be answered: a known algorithm, ``qop=auth`` or none."""

    realm: str
    nonce: str
    algorithm: Algorithm
    has_qop: bool
    opaque: str | None = None
    stale: bool = False

    def __str__(self) -> str:
        qop = ', qop="auth"' if self.has_qop else ""
        opaque = "" if self.opaque is None else f", opaque={quote(self.opaque)}"
        stale = ", stale=true" if self.stale else ""
        return (
            f"Digest realm={quote(self.realm)}, nonce={quote(self.nonce)}, "
            f"algorithm={self.algorithm}{qop}{opaque}{stale}"
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """``qop=auth``: the client's nonce and its count of uses of the server's, eight hex digits."""

    cnonce: str
    nc: str

    @classmethod
    def of(cls, cnonce: str, count: int) -> Self:
        return cls(cnonce, f"{count:08x}")

    @property
    def count(self) -> int:
        return int(self.nc, 16)


@dataclass(frozen=True, slots=True)
class Plain:
    """No ``qop``, as in RFC 2069."""


@dataclass(frozen=True, slots=True)
class Credentials:
    username: str = field(repr=False)
    realm: str
    nonce: str = field(repr=False)
    uri: str = field(repr=False)
    algorithm: Algorithm
    use: Counted | Plain
    response: str = field(repr=False)
    opaque: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        fields = [
            f"username={quote(self.username)}",
            f"realm={quote(self.realm)}",
            f"nonce={quote(self.nonce)}",
            f"uri={quote(self.uri)}",
            f"response={quote(self.response)}",
            f"algorithm={self.algorithm}",
        ]
        if isinstance(self.use, Counted):
            fields += [f"cnonce={quote(self.use.cnonce)}", "qop=auth", f"nc={self.use.nc}"]
        if self.opaque is not None:
            fields.append(f"opaque={quote(self.opaque)}")
        return f"Digest {', '.join(fields)}"


def ha1(algorithm: Algorithm, username: str, realm: str, password: str) -> str:
    """What to keep instead of the password (RFC 7616, 3.4.2)."""
    return _hash(algorithm, f"{username}:{realm}:{password}")


def make_ha1s(
    username: str,
    realm: str,
    password: str,
    algorithms: Collection[Algorithm] = (Algorithm.MD5,),
) -> Ha1s:
    """What to keep of a new password for a phone that can do ``algorithms``."""
    return {
        algorithm: ha1(algorithm, username, realm, password)
        for algorithm in Algorithm
        if algorithm in algorithms
    }


def digest(
    secret: str, algorithm: Algorithm, method: str, uri: str, nonce: str, use: Counted | Plain
) -> str:
    """The ``response`` (RFC 7616, 3.4.1), or that of RFC 2617, 3.2.2.1 without qop."""
    ha2 = _hash(algorithm, f"{method}:{uri}")
    if isinstance(use, Plain):
        return _hash(algorithm, f"{secret}:{nonce}:{ha2}")
    return _hash(algorithm, f"{secret}:{nonce}:{use.nc}:{use.cnonce}:auth:{ha2}")


def read_challenges(headers: Headers, name: str) -> tuple[Challenge, ...]:
    """Those of WWW-Authenticate or Proxy-Authenticate that can be answered, in their order."""
    challenges: list[Challenge] = []
    for line in headers.lines(name):
        fields = _read_fields(line)
        algorithm = _algorithm(fields)
        qops = [qop.strip().lower() for qop in fields.get("qop", "").split(",") if qop.strip()]
        if algorithm is None or "realm" not in fields or "nonce" not in fields:
            continue
        if qops and "auth" not in qops:
            continue
        stale = fields.get("stale", "").lower() == "true"
        challenges.append(
            Challenge(
                fields["realm"],
                fields["nonce"],
                algorithm,
                bool(qops),
                fields.get("opaque"),
                stale,
            )
        )
    return tuple(challenges)


def read_credentials(headers: Headers, name: str, realm: str) -> Credentials | None:
    """The first of Authorization or Proxy-Authorization for this realm that can be checked.

    Anything else counts as none at all: other schemes and realms, ``auth-int``, a field missing
    (RFC 4475, 3.3.7).
    """
    for line in headers.lines(name):
        fields = _read_fields(line)
        algorithm = _algorithm(fields)
        use = _use(fields)
        if algorithm is None or use is None or fields.get("realm") != realm:
            continue
        if all(fields.get(needed) for needed in ("username", "nonce", "uri", "response")):
            return Credentials(
                fields["username"],
                realm,
                fields["nonce"],
                fields["uri"],
                algorithm,
                use,
                fields["response"].lower(),
                fields.get("opaque"),
            )
    return None


def _use(fields: Mapping[str, str]) -> Counted | Plain | None:
    if "qop" not in fields:
        return Plain()
    nc, cnonce = fields.get("nc", ""), fields.get("cnonce")
    if fields["qop"].lower() != "auth" or cnonce is None or _NC.fullmatch(nc) is None:
        return None
    return Counted(cnonce, nc)


def _algorithm(fields: Mapping[str, str]) -> Algorithm | None:
    wanted = fields.get("algorithm", "MD5").upper()
    return next((algorithm for algorithm in Algorithm if algorithm == wanted), None)


def _read_fields(line: str) -> dict[str, str]:
    """Of a Digest challenge or credentials, names in lower case; empty for anything else."""
    scheme, _, rest = line.strip().partition(" ")
    if scheme.lower() != "digest":
        return {"algorithm": "none"}
    fields: dict[str, str] = {}
    try:
        parts = split_outside(rest, ",")
        for part in parts[:_MAX_FIELDS]:
            name, _, value = part.partition("=")
            name = name.strip().lower()
            if not is_token(name) or name in fields:
                return {"algorithm": "none"}
            fields[name] = unquote(value.strip())
    except SipSyntaxError:
        return {"algorithm": "none"}
    return fields


def _hash(algorithm: Algorithm, text: str) -> str:
    return _HASHES[algorithm](text.encode("utf-8", "surrogateescape")).hexdigest()
