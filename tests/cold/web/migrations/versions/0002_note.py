"""a note"""

revision = "0002"
down_revision = "0001"
import sqlalchemy as sa
from alembic import op


def upgrade():
    with op.batch_alter_table("orders") as batch:
        batch.add_column(sa.Column("note", sa.Text, server_default=""))


def downgrade():
    with op.batch_alter_table("orders") as batch:
        batch.drop_column("note")
