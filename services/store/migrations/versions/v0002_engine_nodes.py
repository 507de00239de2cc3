"""Which processes work, and when each was last alive"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "engine_nodes",
        sa.Column("node", sa.String(length=80), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_engine_nodes")),
    )


def downgrade() -> None:
    op.drop_table("engine_nodes")
