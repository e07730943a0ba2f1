"""Synthetic telephones as tests need them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from podium.demo import phone_line
from podium.demo.phone import Phone
from podium.demo.phone_line import HOST, Registrar

VOICES = tuple(range(10))

__all__ = ["HOST", "VOICES", "phone"]


@asynccontextmanager
async def phone(
    name: str, voice: int, *, answers: bool = True, at: tuple[int, str] | None = None
) -> AsyncIterator[tuple[Phone, int]]:
    """``at``: the port of a registrar, and the password by which it registers there."""
    registrar = None if at is None else Registrar(*at)
    async with phone_line.phone(name, voice, VOICES, answers=answers, at=registrar) as made:
        yield made
