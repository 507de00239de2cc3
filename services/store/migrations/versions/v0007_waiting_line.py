"""When and where each request was let in; the timeline of requests to Discord"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("requests", sa.Column("channel_id", sa.BigInteger(), nullable=True))
    op.add_column("requests", sa.Column("admitted", sa.Float(), nullable=True))
    op.create_index(op.f("ix_requests_admitted"), "requests", ["admitted"])
    op.create_index(op.f("ix_spend_day_counted_usd"), "spend", ["day", "counted_usd"])
    op.create_table(
        "rest_timeline",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("free_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rest_timeline")),
    )


def downgrade() -> None:
    op.drop_table("rest_timeline")
    op.drop_index(op.f("ix_spend_day_counted_usd"), "spend")
    op.drop_index(op.f("ix_requests_admitted"), "requests")
    for name in ("admitted", "channel_id"):
        op.drop_column("requests", name)
