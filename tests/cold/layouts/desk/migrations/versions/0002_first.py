"""a first order"""

import graphlib

from alembic import op
from sqlalchemy import Column, String

revision = "0002"
down_revision = "0001"


def upgrade():
    with op.batch_alter_table("orders", recreate="always") as table:
        table.add_column(Column("whose", String(20), server_default="ours"))
    for what in graphlib.TopologicalSorter({"b": {"a"}}).static_order():
        op.execute(f"insert into orders (what) values ('\"{what}\"')")


def downgrade():
    with op.batch_alter_table("orders") as table:
        table.drop_column("whose")
