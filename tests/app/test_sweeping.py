"""Real files, some of which no report refers to."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.adapters.store.conftest import HandClock
from tests.support.programmes import (
    CARS,
    CREATE,
    HANGZHOU,
    ISSUE,
    OFFICE,
    PLAN,
    PROGRAMME,
    ZHEJIANG,
    liaison,
    report,
)

from podium.app.sweeping import GRACE, sweep
from podium.desk.programmes import Accepted, Programmes
from podium.store.files import FileStore
from podium.store.opening import Store, open_store
from podium.work import commands as c
from podium.work.values import Evidence


@pytest.fixture
def clock() -> HandClock:
    """Files have the machine's time."""
    return HandClock(datetime.now(UTC))


@pytest.fixture
async def store(tmp_path: Path, clock: HandClock) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path / 'podium.db'}", clock)
    yield opened
    await opened.close()


@pytest.fixture
async def desk(store: Store, clock: HandClock) -> Programmes:
    made = Programmes(store.programme_log, clock)
    assert isinstance(await made.create(CREATE, OFFICE), Accepted)
    later = replace(ISSUE, due=clock.now().date() + timedelta(days=90))
    sign = c.Sign(ZHEJIANG, (CARS,))
    assert isinstance(await made.act(PROGRAMME, (PLAN, later), OFFICE), Accepted)
    assert isinstance(await made.act(PROGRAMME, (sign,), liaison(ZHEJIANG)), Accepted)
    return made


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def there(tmp_path: Path) -> set[str]:
    return {path.read_text() for path in (tmp_path / "files").glob("*/*")}


async def reported(
    desk: Programmes, files: FileStore, clock: HandClock, *contents: bytes
) -> list[str]:
    digests = [await files.put(content) for content in contents]
    evidence = tuple(Evidence("a.jpg", digest, 1) for digest in digests)
    command = replace(report(ZHEJIANG, period=clock.now().date()), evidence=evidence)
    assert isinstance(await desk.act(PROGRAMME, (command,), liaison(ZHEJIANG)), Accepted)
    return digests


async def test_only_what_nobody_needs_any_more(
    tmp_path: Path, store: Store, desk: Programmes, files: FileStore, clock: HandClock
) -> None:
    await reported(desk, files, clock, b"photo", b"table")
    await files.put(b"report never came")
    partial = tmp_path / "files" / "ab"
    partial.mkdir(exist_ok=True)
    (partial / "tmp1234").write_text("half written")
    assert await sweep(files, desk, clock) == 0
    clock.advance(GRACE + timedelta(minutes=1))
    assert await sweep(files, desk, clock) == 2
    assert there(tmp_path) == {"photo", "table"}
    again = Programmes(store.programme_log, clock)
    assert await sweep(files, again, clock) == 0


async def test_what_a_body_had_before_it_was_merged_is_needed(
    tmp_path: Path, desk: Programmes, files: FileStore, clock: HandClock
) -> None:
    await reported(desk, files, clock, b"photo")
    merge = c.MergeBody(ZHEJIANG, HANGZHOU)
    assert isinstance(await desk.act(PROGRAMME, (merge,), OFFICE), Accepted)
    withdraw = c.Withdraw(HANGZHOU, CARS, "误发")
    assert isinstance(await desk.act(PROGRAMME, (withdraw,), OFFICE), Accepted)
    clock.advance(GRACE * 2)
    assert await sweep(files, desk, clock) == 0
    assert there(tmp_path) == {"photo"}


async def test_what_is_sent_again_or_claimed_is_new_again(
    tmp_path: Path, desk: Programmes, files: FileStore, clock: HandClock
) -> None:
    """A report that comes late claims its files first, so that no sweep comes between."""
    digests = [await files.put(content) for content in (b"sent again", b"claimed", b"old")]
    for digest in digests:
        os.utime(tmp_path / "files" / digest[:2] / digest, (0, 0))
    await files.put(b"sent again")
    assert await files.claim([digests[1], "0" * 64]) == ["0" * 64]
    assert await sweep(files, desk, clock) == 1
    assert there(tmp_path) == {"sent again", "claimed"}


async def test_a_programme_that_cannot_be_read_keeps_every_file(
    tmp_path: Path,
    store: Store,
    desk: Programmes,
    files: FileStore,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await files.put(b"whose?")
    clock.advance(GRACE * 2)

    async def unreadable(*_: object) -> None:
        raise OSError("unreadable")

    monkeypatch.setattr(desk, "look", unreadable)
    with pytest.raises(OSError, match="unreadable"):
        await sweep(files, desk, clock)
    assert there(tmp_path) == {"whose?"}
