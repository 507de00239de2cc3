"""Results of jobs, who posted a file, spend by day, and servers that were left"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("result", sa.String(length=16), nullable=True))
    op.add_column("jobs", sa.Column("failures", sa.JSON(none_as_null=True), nullable=True))
    op.create_index(op.f("ix_jobs_requester_id"), "jobs", ["requester_id"])
    op.create_index(op.f("ix_jobs_guild_id"), "jobs", ["guild_id"])
    op.create_index(op.f("ix_jobs_created"), "jobs", ["created"])
    op.add_column("media_items", sa.Column("author_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_media_items_author_id"), "media_items", ["author_id"])
    op.create_index(op.f("ix_turns_author_id"), "turns", ["author_id"])
    op.create_table(
        "spend_by_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("usd", sa.Float(), nullable=False),
        sa.Column("counted_usd", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("day", "guild_id", "role", "model", name=op.f("pk_spend_by_day")),
    )
    op.create_table(
        "left_servers",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_left_servers")),
    )
    op.create_table(
        "erased_files",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("erased", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_erased_files")),
    )
    op.create_index(op.f("ix_erased_files_erased"), "erased_files", ["erased"])


def downgrade() -> None:
    op.drop_table("erased_files")
    op.drop_table("left_servers")
    op.drop_table("spend_by_day")
    op.drop_index(op.f("ix_turns_author_id"), "turns")
    op.drop_index(op.f("ix_media_items_author_id"), "media_items")
    op.drop_column("media_items", "author_id")
    for name in ("ix_jobs_created", "ix_jobs_guild_id", "ix_jobs_requester_id"):
        op.drop_index(op.f(name), "jobs")
    op.drop_column("jobs", "failures")
    op.drop_column("jobs", "result")
