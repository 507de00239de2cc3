"""The rows of a job or of a person, as JSON."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.codec import from_json
from services.domain import Correction
from services.store.database import Database
from services.store.tables import (
    checkpoints,
    corrections,
    jobs,
    media_items,
    question_parts,
    readings,
    refinements,
    requests,
    spend,
    thread_summaries,
    turns,
)
from services.store.traces import Trace, batches, posted_by

Rows = dict[str, list[dict[str, Any]]]
"""By table."""


class ExportRepository:
    """Reads rows as they are; blobs stay behind, they are copies of what was posted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def job(self, job_id: str) -> Rows:
        """Return the rows that belong to a job alone."""
        async with self._database.read() as connection:
            return await _of_jobs(connection, {job_id}, {job_id})

    async def person(self, person_id: int, trace: Trace) -> Rows:
        """Return the rows that a person has caused, posted, said or set right."""
        async with self._database.read() as connection:
            rows = await _of_jobs(connection, trace.job_ids, trace.refinement_ids)
            keys = (await posted_by(connection, person_id)).keys
            for table in (media_items, readings):
                here = await _in(connection, table, table.c.conversation_id, trace.conversation_ids)
                mine = [row for row in here if (row["attachment_id"], row["conversation_id"]) in keys]
                rows[table.name] = mine
            answers = {each for row in rows["jobs"] for each in row["message_ids"]}
            said = await _in(connection, turns, turns.c.conversation_id, trace.conversation_ids)
            rows["turns"] = [
                row for row in said if row["author_id"] == person_id or row["message_id"] in answers
            ]
            set_right = await _rows(connection, corrections.select())
            rows["corrections"] = [
                row for row in set_right if from_json(Correction, row["correction"]).by_id == person_id
            ]
            rows["thread_summaries"] = await _in(
                connection, thread_summaries, thread_summaries.c.conversation_id, trace.conversation_ids
            )
            rows["spend"] = await _rows(connection, spend.select().where(spend.c.person_id == person_id))
            written = checkpoints.select().where(checkpoints.c.person_id == person_id)
            rows["checkpoints"] = await _rows(connection, written)
            asked = requests.select().where(requests.c.person_id == person_id)
            rows["requests"] = await _rows(connection, asked)
        return {name: found for name, found in rows.items() if found}


async def _of_jobs(
    connection: AsyncConnection, job_ids: Collection[str], refinement_ids: Collection[str]
) -> Rows:
    return {
        "jobs": await _in(connection, jobs, jobs.c.id, job_ids),
        "requests": await _in(connection, requests, requests.c.job_id, job_ids),
        "question_parts": await _in(connection, question_parts, question_parts.c.job_id, job_ids),
        "refinements": await _in(connection, refinements, refinements.c.id, refinement_ids),
        "spend": await _in(connection, spend, spend.c.job_id, job_ids),
    }


async def _in(
    connection: AsyncConnection, table: sa.Table, column: sa.Column[Any], values: Collection[Any]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for batch in batches(values):
        found += await _rows(connection, table.select().where(column.in_(batch)))
    return found


async def _rows(connection: AsyncConnection, wanted: sa.Select[Any]) -> list[dict[str, Any]]:
    rows = (await connection.execute(wanted)).mappings().all()
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
