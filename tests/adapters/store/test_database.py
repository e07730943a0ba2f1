"""Opening, migrating, and failing in plain words."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from podium.hall.ports import Clock
from podium.store.database import StorageError, open_engine
from podium.store.opening import Store, open_store
from podium.store.tables import metadata


async def test_the_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    differences: list[object] = []

    def compare(connection: Connection) -> None:
        differences.extend(compare_metadata(MigrationContext.configure(connection), metadata))

    await store.database.run(compare)
    assert differences == []


async def test_opening_again_changes_nothing(store: Store, address: str, clock: Clock) -> None:
    again = await open_store(address, clock)
    await again.database.check()
    await again.close()


async def test_two_processes_may_start_at_once(address: str, clock: Clock) -> None:
    stores = await asyncio.gather(*(open_store(address, clock) for _ in range(3)))
    for store in stores:
        await store.database.check()
        await store.close()


async def test_data_of_a_newer_version_is_refused(store: Store, address: str, clock: Clock) -> None:
    async with store.database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer Podium"):
        await open_store(address, clock)


async def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    insert = text(
        "INSERT INTO organisation (id, name_zh, name_en, level, protocol_order)"
        " VALUES ('a', 'a', 'a', 'unit', 1)"
    )

    async def fail_half_way() -> None:
        async with store.database.write() as connection:
            await connection.execute(insert)
            await connection.execute(text("INSERT INTO nothing VALUES (1)"))

    with pytest.raises(StorageError):
        await fail_half_way()
    assert (await store.directory.read()).organisations == ()


async def test_reads_go_on_while_something_is_written(store: Store) -> None:
    async with store.database.write() as connection:
        await connection.execute(
            text(
                "INSERT INTO organisation (id, name_zh, name_en, level, protocol_order)"
                " VALUES ('a', 'a', 'a', 'unit', 1)"
            )
        )
        async with asyncio.timeout(2):
            assert (await store.directory.read()).organisations == ()
    assert len((await store.directory.read()).organisations) == 1


async def test_sqlite_is_safe_against_power_loss_and_private(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "new" / "podium.db"
    store = await open_store(f"sqlite:///{path}", clock)
    async with store.database.write() as connection:
        pragmas = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    files = sorted(path.parent.iterdir())
    modes = {stat.S_IMODE(file.stat().st_mode) for file in files}
    await store.close()
    assert pragmas == ["wal", 2, 1]
    assert len(files) == 3
    assert modes == {0o600}


@pytest.mark.parametrize(
    "address", ["", "nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"]
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="store"):
        open_engine(address)


async def test_a_file_that_is_no_database_is_a_storage_error(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "podium.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(OSError, match="DatabaseError"):
        await open_store(f"sqlite:///{path}", clock)


async def test_a_server_that_is_not_there_is_a_storage_error(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(OSError):  # noqa: PT011
        await open_store(f"postgresql://podium@/podium?host={tmp_path}", clock)
