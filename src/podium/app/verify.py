"""``podium verify``: whether the logs are as they were written, without the web."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from podium.app.clock import SystemClock
from podium.app.errors import StartError
from podium.app.house import open_storage
from podium.app.records import communique_log
from podium.conference.state import ConferenceId
from podium.config import StoreSection
from podium.store.database import StorageError
from podium.store.log import EventLog
from podium.store.opening import Store
from podium.values.log import Examined

HASH_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Verified:
    """One log: ``kind`` is "conference", "programme" or "communique"."""

    kind: str
    id: str
    examined: Examined


async def verify(
    section: StoreSection, conference: str | None, kept: str | None
) -> Sequence[Verified]:
    """Of one conference; or of all conferences, programmes and communiques. ``kept``: a hash that
    was kept outside, of one of the entries of ``conference``. Raises ``StartError``."""
    if kept is not None and (conference is None or len(kept) != HASH_LENGTH):
        raise StartError(
            f"--hash takes the {HASH_LENGTH} characters that the record shows, with --conference"
        )
    store = await open_storage(section, SystemClock())
    try:
        if conference is not None:
            return [await _one(store, conference, None if kept is None else kept.lower())]
        return await _every(store)
    except StorageError as error:
        raise StartError(f"the logs cannot be read: {error}") from error
    finally:
        await store.close()


async def _every(store: Store) -> Sequence[Verified]:
    logs: Sequence[tuple[str, EventLog[Any, Any]]] = (
        ("conference", store.log),
        ("programme", store.programme_log),
        ("communique", communique_log(store.database)),
    )
    return [
        Verified(kind, of, await log.examine(of))
        for kind, log in logs
        for of in sorted(await log.ids())
    ]


async def _one(store: Store, conference: str, kept: str | None) -> Verified:
    examined = await store.log.examine(ConferenceId(conference), kept)
    if examined.head.seq == 0 and examined.wrong is None:
        raise StartError(f"there is no conference {conference!r} in this data")
    return Verified("conference", conference, examined)


def line(verified: Verified) -> str:
    """What is printed of one log."""
    head, wrong = verified.examined.head, verified.examined.wrong
    name = f"{verified.kind} {verified.id}"
    if wrong is None:
        return f"{name}: {head.seq} entries, intact 完好, {head.hash}"
    return f"{name}: entry 条目 {wrong.seq}: {wrong.en}; {wrong.zh}"
