"""Deletes what a person or a server has left in the tables.

`HELD_BY` says of every table how it is reached, so that a table that nobody thought of is noticed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.codec import from_json
from services.domain import Correction, JobRequest
from services.store.database import Database
from services.store.erased_files import note_erased
from services.store.spending import add_to_day
from services.store.tables import (
    blobs,
    checkpoints,
    conversations,
    corrections,
    interactions,
    jobs,
    media_items,
    metadata,
    question_parts,
    readings,
    refinements,
    requests,
    spend,
    spend_by_day,
    thread_summaries,
    turns,
)
from services.store.traces import Trace, batches, corrected_by, posted_by

Holding = Literal["job", "person", "server", "conversation", "content", "nobody"]
HELD_BY: dict[str, Holding] = {
    "jobs": "job",
    "question_parts": "job",
    "interactions": "job",
    "refinements": "job",
    "requests": "person",
    "spend": "person",
    "spend_by_day": "server",
    "left_servers": "server",
    "conversations": "conversation",
    "media_items": "conversation",
    "readings": "conversation",
    "turns": "conversation",
    "corrections": "conversation",
    "thread_summaries": "conversation",
    "blobs": "content",
    "erased_files": "nobody",
    "checkpoints": "server",
    "deletions": "nobody",
    "discord_counts": "nobody",
    "rest_timeline": "nobody",
    "engine_nodes": "nobody",
}
"""Whom the rows of each table belong to: the person and server of a job, a person or server itself, those
who take part in a conversation, whoever knows the content's hash, or nobody."""
_SERVER_TABLES = [
    table
    for name, table in metadata.tables.items()
    if HELD_BY.get(name) == "server" and table is not spend_by_day
]
ANONYMOUS = 0


class ErasureRepository:
    """Deletes what traces lead to. Everything may be repeated."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase_person(self, person_id: int, trace: Trace) -> dict[str, int]:
        """Delete it in one transaction; return how many rows of which table.

        Money stays counted, without saying whose. What other people wrote stays, what the bot said about
        the person's files does not.
        """
        async with self._database.write() as connection:
            posts = await posted_by(connection, person_id)
            made = await corrected_by(connection, person_id)
            checkpoints_gone = await _delete_direct_checkpoints(connection, person_id)
            erased = await _erase_jobs(connection, trace)
            erased["checkpoints"] = checkpoints_gone
            await note_erased(connection, trace.hashes)
            for table, keys in ((media_items, posts.keys), (readings, posts.keys)):
                erased[table.name] = await _delete_keys(connection, table, keys)
            erased["corrections"] = await _delete_keys(connection, corrections, posts.keys)
            erased["corrections"] += await _delete_corrections(connection, made, person_id)
            holding = {key[1] for key in posts.keys}
            spoken = sa.or_(
                turns.c.author_id == person_id,
                sa.and_(turns.c.author == "bot", turns.c.conversation_id.in_(holding)),
            )
            erased["turns"] += (await connection.execute(turns.delete().where(spoken))).rowcount
            erased["thread_summaries"] = await _delete_in(
                connection, thread_summaries, thread_summaries.c.conversation_id, trace.conversation_ids
            )
            erased["conversations"] = await _delete_empty(connection, trace.conversation_ids)
            gone = requests.delete().where(requests.c.person_id == person_id)
            erased["requests"] = (await connection.execute(gone)).rowcount
            whose = spend.c.person_id == person_id
            anonymous = spend.update().where(whose).values(person_id=ANONYMOUS, job_id="")
            erased["spend"] = (await connection.execute(anonymous)).rowcount
        return {name: rows for name, rows in erased.items() if rows}

    async def erase_server(self, guild_id: int, trace: Trace) -> dict[str, int]:
        """Delete it in one transaction; return how many rows of which table. Money stays counted."""
        async with self._database.write() as connection:
            erased = await _erase_jobs(connection, trace)
            await note_erased(connection, trace.hashes)
            for table in (media_items, readings, corrections, turns, thread_summaries):
                rows = await _delete_in(connection, table, table.c.conversation_id, trace.conversation_ids)
                erased[table.name] = erased.get(table.name, 0) + rows
            erased["conversations"] = await _delete_in(
                connection, conversations, conversations.c.id, trace.conversation_ids
            )
            gone = requests.delete().where(requests.c.guild_id == guild_id)
            erased["requests"] = (await connection.execute(gone)).rowcount
            here = spend.c.guild_id == guild_id
            anonymous = spend.update().where(here)
            anonymous = anonymous.values(person_id=ANONYMOUS, guild_id=ANONYMOUS, job_id="")
            erased["spend"] = (await connection.execute(anonymous)).rowcount
            erased["spend_by_day"] = await _anonymise_days(connection, guild_id)
            for table in _SERVER_TABLES:
                gone = table.delete().where(table.c.guild_id == guild_id)
                erased[table.name] = (await connection.execute(gone)).rowcount
        return {name: rows for name, rows in erased.items() if rows}


async def _erase_jobs(connection: AsyncConnection, trace: Trace) -> dict[str, int]:
    """Delete jobs and what hangs on them, also what the bot said in their outcomes."""
    messages: set[int] = set()
    tokens: set[int] = set()
    for batch in batches(trace.job_ids):
        wanted = sa.select(jobs.c.message_ids, jobs.c.request).where(jobs.c.id.in_(batch))
        for standing, request in (await connection.execute(wanted)).all():
            messages.update(standing)
            if (interaction_id := from_json(JobRequest, request).interaction_id) is not None:
                tokens.add(interaction_id)
    answers = 0
    for batch in batches(messages):
        spoken = turns.delete().where(turns.c.message_id.in_(batch), turns.c.author == "bot")
        answers += (await connection.execute(spoken)).rowcount
    return {
        "turns": answers,
        "jobs": await _delete_in(connection, jobs, jobs.c.id, trace.job_ids),
        "question_parts": await _delete_in(connection, question_parts, question_parts.c.job_id, trace.job_ids),
        "interactions": await _delete_in(connection, interactions, interactions.c.id, tokens),
        "refinements": await _delete_in(connection, refinements, refinements.c.id, trace.refinement_ids),
        "blobs": await _delete_in(connection, blobs, blobs.c.sha256, trace.blob_hashes),
    }


async def _delete_direct_checkpoints(connection: AsyncConnection, person_id: int) -> int:
    """Delete where the bot stands in a person's direct messages; before what they asked there is deleted."""
    asked = sa.select(requests.c.channel_id).where(
        requests.c.person_id == person_id, requests.c.guild_id.is_(None), requests.c.channel_id.is_not(None)
    )
    began = sa.select(jobs.c.source_channel_id).where(
        jobs.c.requester_id == person_id, jobs.c.guild_id.is_(None)
    )
    channel = checkpoints.c.channel_id
    theirs = sa.or_(checkpoints.c.person_id == person_id, channel.in_(asked), channel.in_(began))
    gone = checkpoints.delete().where(checkpoints.c.guild_id.is_(None), theirs)
    return (await connection.execute(gone)).rowcount


async def _delete_keys(connection: AsyncConnection, table: sa.Table, keys: Collection[tuple[int, int]]) -> int:
    deleted = 0
    for attachment_id, conversation_id in keys:
        here = sa.and_(table.c.attachment_id == attachment_id, table.c.conversation_id == conversation_id)
        deleted += (await connection.execute(table.delete().where(here))).rowcount
    return deleted


async def _delete_corrections(
    connection: AsyncConnection, keys: Collection[tuple[int, int]], person_id: int
) -> int:
    deleted = 0
    for attachment_id, conversation_id in keys:
        here = (corrections.c.attachment_id == attachment_id, corrections.c.conversation_id == conversation_id)
        wanted = sa.select(corrections.c.made_by, corrections.c.correction).where(*here)
        for made_by, correction in (await connection.execute(wanted)).all():
            if from_json(Correction, correction).by_id == person_id:
                gone = corrections.delete().where(*here, corrections.c.made_by == made_by)
                deleted += (await connection.execute(gone)).rowcount
    return deleted


async def _delete_empty(connection: AsyncConnection, conversation_ids: Collection[int]) -> int:
    """Delete the conversations that hold nothing any more."""
    deleted = 0
    for batch in batches(conversation_ids):
        held = [
            sa.exists().where(table.c.conversation_id == conversations.c.id) for table in (media_items, turns)
        ]
        empty = conversations.delete().where(conversations.c.id.in_(batch), ~held[0], ~held[1])
        deleted += (await connection.execute(empty)).rowcount
    return deleted


async def _anonymise_days(connection: AsyncConnection, guild_id: int) -> int:
    """Count a server's aggregated money among that of nobody in particular."""
    here = spend_by_day.c.guild_id == guild_id
    rows = (await connection.execute(spend_by_day.select().where(here))).mappings().all()
    await connection.execute(spend_by_day.delete().where(here))
    for row in rows:
        await add_to_day(connection, {**row, "guild_id": ANONYMOUS})
    return len(rows)


async def _delete_in(
    connection: AsyncConnection, table: sa.Table, column: sa.Column[Any], values: Iterable[Any]
) -> int:
    deleted = 0
    for batch in batches(values):
        deleted += (await connection.execute(table.delete().where(column.in_(batch)))).rowcount
    return deleted
