"""The state of refinements between two decisions of their people"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "refinements",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("source_message_id", sa.BigInteger(), nullable=True),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=True),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refinements")),
    )
    with op.batch_alter_table("refinements", schema=None) as batch_op:
        batch_op.create_index("ix_refinements_source_message_id", ["source_message_id"], unique=False)


def downgrade() -> None:
    op.drop_table("refinements")
