"""Run by Alembic for every upgrade; :mod:`podium.store.migrating` hands in the connection."""

from alembic import context

from podium.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
    render_as_batch=True,
)
context.run_migrations()
