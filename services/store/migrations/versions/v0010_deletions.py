"""Deleted messages whose traces are still to be taken back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "deletions",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("noted", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_deletions")),
    )


def downgrade() -> None:
    op.drop_table("deletions")
