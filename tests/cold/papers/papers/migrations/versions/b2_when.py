"""when a document came"""

import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade() -> None:
    with op.batch_alter_table("documents") as table:
        table.alter_column("name", existing_type=sa.String(100), type_=sa.String(200))
        table.add_column(sa.Column("came", sa.DateTime, server_default=sa.func.now(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("documents") as table:
        table.drop_column("came")
