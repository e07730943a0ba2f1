"""Secrets of 256 random bits: given out once, kept as SHA-256.

A plain hash is enough for them, unlike for passwords: nobody can guess 256 random bits.
"""

from __future__ import annotations

import hashlib
import secrets as random_source

API_TOKEN = "pdt_"  # noqa: S105
STATION_LINK = "pds_"
WALL_LINK = "pdw_"
_LONGEST = 128


def new_secret(prefix: str = "") -> str:
    """``prefix`` and 43 characters of URL-safe base 64."""
    return prefix + random_source.token_urlsafe(32)


def new_id() -> str:
    """An identifier that says nothing and never repeats (128 random bits)."""
    return random_source.token_urlsafe(16)


def secret_hash(secret: str) -> str:
    """Hexadecimal SHA-256. Text that cannot be a secret has a hash that nothing has."""
    if len(secret) > _LONGEST or not secret.isascii():
        return ""
    return hashlib.sha256(secret.encode()).hexdigest()
