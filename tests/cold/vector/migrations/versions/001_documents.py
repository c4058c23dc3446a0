"""documents"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "001", None


def upgrade():
    op.create_table("documents", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(200), unique=True), sa.Column("parts", sa.Integer), sa.Column("at", sa.DateTime))


def downgrade():
    op.drop_table("documents")
