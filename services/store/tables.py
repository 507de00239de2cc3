"""The tables. Changes go through a migration in `services/store/migrations/versions`."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from services.codec import storable_text


class WrittenText(TypeDecorator[str]):
    """What people or models wrote; whatever is in it can be stored, and is compared as it is stored."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Bring a text into the form in which databases take it."""
        return None if value is None else storable_text(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("workflow", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("guild_id", BigInteger),
    Column("source_channel_id", BigInteger, nullable=False),
    Column("source_message_id", BigInteger),
    Column("place_id", BigInteger, nullable=False),
    Column("progress_message_id", BigInteger, nullable=False),
    Column("reply_to", BigInteger),
    Column("is_thread", Boolean, nullable=False),
    Column("requester_id", BigInteger, nullable=False),
    Column("request", JSON, nullable=False),
    Column("message_ids", JSON, nullable=False),
    Column("created", Float, nullable=False),
    Column("finished", Float),
    Column("result", String(16)),
    Column("failures", JSON(none_as_null=True)),
    Index("ix_jobs_state", "state"),
    Index("ix_jobs_requester_id", "requester_id"),
    Index("ix_jobs_guild_id", "guild_id"),
    Index("ix_jobs_created", "created"),
    Index("ix_jobs_source_message_id", "source_message_id"),
    Index("ix_jobs_place_id", "place_id"),
)

interactions = Table(
    "interactions",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("application_id", BigInteger, nullable=False),
    Column("token", Text, nullable=False),
    Column("urls", Text, nullable=False),
    Column("expires", Float, nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
    Column("expires", Float, nullable=False),
)

refinements = Table(
    "refinements",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("source_message_id", BigInteger),
    Column("request", JSON, nullable=False),
    Column("state", JSON(none_as_null=True)),
    Column("created", Float, nullable=False),
    Index("ix_refinements_source_message_id", "source_message_id"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("created", Float, nullable=False),
    Index("ix_conversations_channel_id", "channel_id"),
)

media_items = Table(
    "media_items",
    metadata,
    Column("attachment_id", BigInteger, primary_key=True),
    Column("conversation_id", BigInteger, primary_key=True),
    Column("message_id", BigInteger),
    Column("position", Integer, nullable=False),
    Column("item", JSON, nullable=False),
    Column("sha256", String(64)),
    Column("author_id", BigInteger),
    Index("ix_media_items_author_id", "author_id"),
    Index("ix_media_items_conversation_id", "conversation_id"),
    Index("ix_media_items_message_id", "message_id"),
    Index("ix_media_items_sha256", "sha256"),
)

readings = Table(
    "readings",
    metadata,
    Column("attachment_id", BigInteger, primary_key=True),
    Column("conversation_id", BigInteger, primary_key=True),
    Column("reading", JSON, nullable=False),
    Column("created", Float, nullable=False),
    Column("answer_message_id", BigInteger),
)

turns = Table(
    "turns",
    metadata,
    Column("message_id", BigInteger, primary_key=True),
    Column("conversation_id", BigInteger, nullable=False),
    Column("author", String(8), nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("text", WrittenText, nullable=False),
    Index("ix_turns_conversation_id", "conversation_id"),
    Index("ix_turns_author_id", "author_id"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("conversation_id", BigInteger, primary_key=True),
    Column("attachment_id", BigInteger, primary_key=True),
    Column("made_by", String(80), primary_key=True),
    Column("correction", JSON, nullable=False),
    Column("created", Float, nullable=False),
)

thread_summaries = Table(
    "thread_summaries",
    metadata,
    Column("conversation_id", BigInteger, primary_key=True),
    Column("text", WrittenText, nullable=False),
    Column("until_message_id", BigInteger, nullable=False),
)

question_parts = Table(
    "question_parts",
    metadata,
    Column("job_id", String(80), primary_key=True),
    Column("message_id", BigInteger, primary_key=True),
    Column("text", WrittenText, nullable=False),
    Column("created", Float, nullable=False),
)

spend = Table(
    "spend",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("job_id", String(80), nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("role", String(24), nullable=False),
    Column("model", String(120), nullable=False),
    Column("input_tokens", Integer, nullable=False),
    Column("cached_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("usd", Float),
    Column("counted_usd", Float, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("day", Date, nullable=False),
    Index("ix_spend_day_counted_usd", "day", "counted_usd"),
    Index("ix_spend_day_person_id", "day", "person_id"),
    Index("ix_spend_day_guild_id", "day", "guild_id"),
    Index("ix_spend_job_id", "job_id"),
)

spend_by_day = Table(
    "spend_by_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("guild_id", BigInteger, primary_key=True),  # 0: direct messages
    Column("role", String(24), primary_key=True),
    Column("model", String(120), primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("usd", Float, nullable=False),
    Column("counted_usd", Float, nullable=False),
)

erased_files = Table(
    "erased_files",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("erased", Float, nullable=False),
    Index("ix_erased_files_erased", "erased"),
)

left_servers = Table(
    "left_servers",
    metadata,
    Column("guild_id", BigInteger, primary_key=True),
    Column("since", Float, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("job_id", String(80), primary_key=True),
    Column("person_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger),
    Column("admitted", Float),
    Column("day", Date, nullable=False),
    Index("ix_requests_admitted", "admitted"),
    Index("ix_requests_day_person_id", "day", "person_id"),
    Index("ix_requests_day_guild_id", "day", "guild_id"),
)

rest_timeline = Table(
    "rest_timeline",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("free_at", Float, nullable=False),
)
"""One row: until when (Unix time, by the database's clock) requests to Discord are spoken for."""

engine_nodes = Table(
    "engine_nodes",
    metadata,
    Column("node", String(80), primary_key=True),
    Column("seen", DateTime(timezone=True), nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("channel_id", BigInteger, primary_key=True),
    Column("guild_id", BigInteger),
    Column("message_id", BigInteger, nullable=False),
    Column("person_id", BigInteger),
)

discord_counts = Table(
    "discord_counts",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("minute", BigInteger, primary_key=True),
    Column("count", Integer, nullable=False),
)

deletions = Table(
    "deletions",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("noted", Float, nullable=False),
)
