"""Whose direct messages a checkpoint is of"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("checkpoints", sa.Column("person_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("checkpoints", "person_id")
