"""Passwords as argon2id, hashed in threads: a hash takes as long as a hundred requests."""

from __future__ import annotations

import asyncio
import secrets as random_source

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = 2


class Passwords:
    """46 MiB, one pass, one lane (OWASP's first recommendation): a guess costs as much as with
    more lanes, and signing in leaves the media threads their cores."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
        self._nobody = self._hasher.hash(random_source.token_urlsafe(32))
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, hashed: str | None, password: str) -> bool:
        """With ``hashed`` None (nobody has that name) it is false, after just as long."""
        async with self._places:
            found = await asyncio.to_thread(self._verify, hashed or self._nobody, password)
        return found and hashed is not None

    def outdated(self, hashed: str) -> bool:
        """Made with other parameters: hash again while the password is at hand."""
        return self._hasher.check_needs_rehash(hashed)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
