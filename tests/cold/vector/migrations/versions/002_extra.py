"""extra"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "002", "001"


def upgrade():
    with op.batch_alter_table("documents") as table:
        table.add_column(sa.Column("extra", sa.JSON))


def downgrade():
    with op.batch_alter_table("documents") as table:
        table.drop_column("extra")
