"""orders"""

revision = "0001"
down_revision = None
import sqlalchemy as sa
from alembic import op


def upgrade():
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("what", sa.String(80), nullable=False),
        sa.Column("price", sa.Float, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )


def downgrade():
    op.drop_table("orders")
