"""Deletes what is older than the operator wants it kept, a batch at a time."""

from __future__ import annotations

import time
from datetime import date

import sqlalchemy as sa

from services.store.database import Database
from services.store.jobs import JobState
from services.store.tables import (
    blobs,
    conversations,
    corrections,
    interactions,
    jobs,
    question_parts,
    readings,
    refinements,
    requests,
    turns,
)

_EPOCH_MILLISECONDS = 1_420_070_400_000  # of Discord's ids


class ExpiryRepository:
    """Deletes by age. Times are Unix seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def end_jobs(self, before: float, *, limit: int) -> int:
        """Delete jobs that ended before, with what joined their questions; return how many."""
        ended = sa.func.coalesce(jobs.c.finished, jobs.c.created) < before
        over = jobs.c.state.in_([JobState.DONE, JobState.STOPPED])
        async with self._database.write() as connection:
            old = list(await connection.scalars(sa.select(jobs.c.id).where(over, ended).limit(limit)))
            await connection.execute(question_parts.delete().where(question_parts.c.job_id.in_(old)))
            return (await connection.execute(jobs.delete().where(jobs.c.id.in_(old)))).rowcount

    async def end_refinements(self, before: float, *, limit: int) -> int:
        """Delete refinements that were begun before and have no job left; return how many."""
        stretch = sa.or_(jobs.c.id == refinements.c.id, jobs.c.id.like(refinements.c.id.concat("-%")))
        old = (
            sa.select(refinements.c.id)
            .where(refinements.c.created < before, ~sa.exists().where(stretch))
            .limit(limit)
        )
        async with self._database.write() as connection:
            ids = list(await connection.scalars(old))
            return (await connection.execute(refinements.delete().where(refinements.c.id.in_(ids)))).rowcount

    async def end_requests(self, before: date) -> int:
        """Delete the counted requests of days before; return how many."""
        async with self._database.write() as connection:
            return (await connection.execute(requests.delete().where(requests.c.day < before))).rowcount

    async def idle_conversations(self, before: float, *, limit: int) -> list[int]:
        """Return conversations in which nothing has happened since."""
        here = conversations.c.id
        snowflake = max(int(before * 1000) - _EPOCH_MILLISECONDS, 0) << 22
        busy = [
            sa.exists().where(readings.c.conversation_id == here, readings.c.created >= before),
            sa.exists().where(corrections.c.conversation_id == here, corrections.c.created >= before),
            sa.exists().where(turns.c.conversation_id == here, turns.c.message_id >= snowflake),
        ]
        idle = sa.select(here).where(conversations.c.created < before, *(~each for each in busy)).limit(limit)
        async with self._database.read() as connection:
            return list(await connection.scalars(idle))

    async def end_expired(self) -> dict[str, int]:
        """Delete blobs and interactions that have expired; return how many of each."""
        now, ended = time.time(), dict[str, int]()
        async with self._database.write() as connection:
            for table in (blobs, interactions):
                gone = table.delete().where(table.c.expires < now)
                ended[table.name] = (await connection.execute(gone)).rowcount
        return ended
