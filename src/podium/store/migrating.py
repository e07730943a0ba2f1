"""Brings the database to this version's tables, at every start, before anything else."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from podium.store.database import Database, StorageError

_MIGRATION_LOCK = 0x706F6469756D
"""Of PostgreSQL's advisory locks ("podium"): two processes that start at once take turns."""


async def migrate(database: Database) -> None:
    """In one transaction. Raises ``StorageError`` when a newer Podium has written the data."""
    await database.run(_upgrade)


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _MIGRATION_LOCK})
    config = configuration()
    script = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and not _knows(script, current):
        raise StorageError(
            f"the data is of a newer Podium (revision {current}); start that version, or restore "
            "the backup that was made before the upgrade"
        )
    if current == script.get_current_head():
        return
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def configuration() -> Config:
    """Alembic's, for the scripts inside the package; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", "podium.store:migrations")
    return config


def _knows(script: ScriptDirectory, revision: str) -> bool:
    try:
        return script.get_revision(revision) is not None
    except CommandError:
        return False
