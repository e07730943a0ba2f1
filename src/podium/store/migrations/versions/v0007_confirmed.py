"""A later batch may take the place of an unverified figure of the same day."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEY = ["series", "measure", "period_end", "months", "published", "batch"]


def upgrade() -> None:
    with op.batch_alter_table("figure", recreate="auto") as table:
        table.drop_constraint("pk_figure", type_="primary")
        table.create_primary_key("pk_figure", _KEY)
