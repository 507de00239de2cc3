"""Questions that come in several messages: the later ones join the job of the first until it begins."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.store.database import Database
from services.store.jobs import JobState
from services.store.tables import jobs, question_parts
from services.store.upserts import insert_new

_CLOSED = 0
"""The message id of the row that says that a job has begun: nothing joins it any more."""


def root_of(job_id: str) -> str:
    """Return the job that was first made of a question: what joined it belongs to every later one, too."""
    return "-".join(job_id.split("-")[:2])


@dataclass(frozen=True, slots=True)
class Parts:
    """What has joined a question so far."""

    texts: tuple[str, ...]
    newest: float
    """Unix time of the last one; 0 when there is none."""

    def after(self, text: str) -> str:
        """Return the whole question, which begins with this text."""
        return "\n".join(each for each in (text, *self.texts) if each)


class QuestionRepository:
    """Reads and writes the parts of questions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def join(
        self, *, place_id: int, conversation_id: int, person_id: int, message_id: int, text: str
    ) -> str | None:
        """Add a message to the person's question that has not begun yet; return its job, None for none.

        Adding and beginning exclude each other: a message that was added is part of the question.
        """
        waiting = (
            sa.select(jobs.c.id, jobs.c.request)
            .where(
                jobs.c.place_id == place_id,
                jobs.c.workflow == "answer_question",
                jobs.c.requester_id == person_id,
                jobs.c.state == JobState.RUNNING,
            )
            .order_by(jobs.c.created.desc())
        )
        async with self._database.write() as connection:
            for job_id, request in (await connection.execute(waiting)).all():
                if request.get("conversation_id") != conversation_id or not await self._claim(
                    connection, job_id
                ):
                    continue
                if message_id == request["origin"]["message_id"]:
                    return None  # An event that came twice joins nothing.
                key = {"job_id": root_of(job_id), "message_id": message_id}
                await insert_new(connection, question_parts, {**key, "text": text, "created": time.time()})
                return job_id
        return None

    async def has(self, message_id: int) -> bool:
        """Tell whether a message has joined a question."""
        wanted = sa.select(question_parts.c.job_id).where(question_parts.c.message_id == message_id)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).first() is not None

    async def reword(self, message_id: int, text: str) -> str | None:
        """Change a message that has joined a question; return the question's first job, None for none."""
        part = sa.and_(question_parts.c.message_id == message_id, question_parts.c.text != text)
        async with self._database.write() as connection:
            job_id = await connection.scalar(sa.select(question_parts.c.job_id).where(part))
            if job_id is not None:
                await connection.execute(question_parts.update().where(part).values(text=text))
        return job_id

    async def root(self, message_id: int) -> str | None:
        """Return the first job of the question that a message has joined; None when it has joined none."""
        part = question_parts.c.message_id == message_id
        async with self._database.read() as connection:
            return await connection.scalar(sa.select(question_parts.c.job_id).where(part))

    async def leave(self, message_id: int) -> None:
        """Take a deleted message out of the question that it has joined."""
        async with self._database.write() as connection:
            await connection.execute(question_parts.delete().where(question_parts.c.message_id == message_id))

    async def parts(self, job_id: str, *, without: int | None = None) -> Parts:
        """Return what has joined a question, whichever of its jobs this is.

        Args:
            without: A message that leaves it.
        """
        async with self._database.read() as connection:
            return await self._parts(connection, job_id, without=without)

    async def begin(self, job_id: str) -> Parts:
        """Let nothing join a question any more; return what has."""
        async with self._database.write() as connection:
            await self._claim(connection, job_id)
            row = {"job_id": job_id, "message_id": _CLOSED, "text": "", "created": time.time()}
            await insert_new(connection, question_parts, row)
            return await self._parts(connection, job_id)

    async def forget(self, job_id: str) -> None:
        """Delete the parts of a question."""
        async with self._database.write() as connection:
            await connection.execute(question_parts.delete().where(question_parts.c.job_id == job_id))

    async def _claim(self, connection: AsyncConnection, job_id: str) -> bool:
        """Lock a question against others who begin it or join it; False when it has begun."""
        await connection.execute(jobs.update().where(jobs.c.id == job_id).values(workflow=jobs.c.workflow))
        closed = sa.select(question_parts.c.job_id).where(
            question_parts.c.job_id == job_id, question_parts.c.message_id == _CLOSED
        )
        return (await connection.execute(closed)).first() is None

    async def _parts(self, connection: AsyncConnection, job_id: str, *, without: int | None = None) -> Parts:
        wanted = (
            sa.select(question_parts.c.text, question_parts.c.created)
            .where(
                question_parts.c.job_id == root_of(job_id),
                question_parts.c.message_id.not_in([_CLOSED, _CLOSED if without is None else without]),
            )
            .order_by(question_parts.c.message_id)
        )
        rows = (await connection.execute(wanted)).all()
        return Parts(tuple(text for text, _ in rows), max((created for _, created in rows), default=0.0))
