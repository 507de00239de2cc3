"""Corrections, summaries of long threads, and questions that come in several messages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("attachment_id", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("correction", sa.JSON(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "attachment_id", "made_by", name=op.f("pk_corrections")),
    )
    op.create_table(
        "thread_summaries",
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("until_message_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_thread_summaries")),
    )
    op.create_table(
        "question_parts",
        sa.Column("job_id", sa.String(length=80), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "message_id", name=op.f("pk_question_parts")),
    )


def downgrade() -> None:
    for name in ("question_parts", "thread_summaries", "corrections"):
        op.drop_table(name)
