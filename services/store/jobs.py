"""Jobs: who asked for what, where it speaks, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from services.codec import from_json, to_json
from services.domain import Failure, JobRequest, Place
from services.store.database import Database
from services.store.tables import blobs, jobs
from services.store.upserts import insert_new


class JobState(StrEnum):
    """running -> delivering -> done; running -> stopped. Both changes are compare-and-set."""

    RUNNING = "running"
    DELIVERING = "delivering"
    DONE = "done"
    STOPPED = "stopped"


OPEN_STATES = (JobState.RUNNING, JobState.DELIVERING)
"""In line, running, or about to be answered."""
ENDED = frozenset({JobState.DONE, JobState.STOPPED})
"""States that nothing follows."""


class JobResult(StrEnum):
    """What an operator calls the end of a job."""

    ANSWERED = "answered"
    PARTLY = "partly"
    """Some of its files could not be read."""
    FAILED = "failed"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    """By an operator; its person is told by whichever process sweeps next."""


# Built once: building a statement costs more than carrying it out, and these are part of every job.
_OWN = jobs.c.id == sa.bindparam("job_id")
_ONE = jobs.select().where(_OWN)
_PLACE = sa.select(jobs.c.place_id, jobs.c.progress_message_id, jobs.c.reply_to, jobs.c.is_thread).where(_OWN)
_REQUEST_LOCKED = sa.select(jobs.c.request).where(_OWN).with_for_update()
"""On SQLite whoever writes holds the lock on everything anyway."""
_BEGIN_DELIVERY = jobs.update().where(_OWN, jobs.c.state.in_(OPEN_STATES)).values(state=JobState.DELIVERING)
_FINISH = (
    jobs.update()
    .where(_OWN, jobs.c.state == JobState.DELIVERING)
    .values(state=JobState.DONE)
    .returning(jobs.c.created)
)


@dataclass(frozen=True, slots=True)
class Job:
    """A row of `jobs`."""

    request: JobRequest
    state: JobState
    place: Place
    message_ids: tuple[int, ...]
    """The messages of the outcome, once it stands."""
    created: float
    """Unix time."""
    finished: float | None = None
    """Unix time; None while it has no outcome, and when it was stopped."""
    result: JobResult | None = None
    failures: tuple[Failure, ...] = ()
    """What went wrong, with the references that find it in the log."""

    @property
    def conversation_id(self) -> int:
        """The conversation that it goes on with, or that it began."""
        return self.request.conversation_id or self.place.conversation_id


class JobRepository:
    """Reads and writes jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record_place(self, request: JobRequest, place: Place) -> None:
        """Write the row of a job whose place is open; the first to write it wins."""
        origin = request.origin
        async with self._database.write(brief=True) as connection:
            await insert_new(
                connection,
                jobs,
                {
                    "id": request.job_id,
                    "workflow": request.workflow,
                    "state": JobState.RUNNING,
                    "guild_id": origin.guild_id,
                    "source_channel_id": origin.channel_id,
                    "source_message_id": origin.message_id,
                    "place_id": place.channel_id,
                    "progress_message_id": place.progress_message_id,
                    "reply_to": place.reply_to,
                    "is_thread": place.is_thread,
                    "requester_id": request.requester_id,
                    "request": to_json(JobRequest, request),
                    "message_ids": [],
                    "created": time.time(),
                },
            )

    async def get(self, job_id: str) -> Job | None:
        """Return a job."""
        async with self._database.read(brief=True) as connection:
            row = (await connection.execute(_ONE, {"job_id": job_id})).mappings().first()
        return _job(row) if row else None

    async def place(self, job_id: str) -> Place | None:
        """Return where a job speaks; None before its place is open."""
        async with self._database.read(brief=True) as connection:
            row = (await connection.execute(_PLACE, {"job_id": job_id})).first()
        return Place(*row) if row else None

    async def unfinished(self) -> list[Job]:
        """Return the jobs that have no outcome yet."""
        return await self._select(jobs.c.state.in_(OPEN_STATES))

    async def of_message(self, message_id: int) -> list[Job]:
        """Return the jobs that a message asked for."""
        return await self._select(jobs.c.source_message_id == message_id)

    async def of_refinement(self, refinement_id: str) -> list[Job]:
        """Return the jobs of all stretches of a refinement."""
        later = jobs.c.id.like(f"{refinement_id}-%")
        return await self._select(sa.or_(jobs.c.id == refinement_id, later))

    async def of_place(self, place_id: int) -> list[Job]:
        """Return the jobs that speak in a thread or channel, the oldest first."""
        return await self._select(jobs.c.place_id == place_id)

    async def unfinished_in(self, place_id: int, workflow: str) -> list[Job]:
        """Return the jobs of one workflow that still run in one place."""
        return await self._select(
            sa.and_(
                jobs.c.place_id == place_id,
                jobs.c.workflow == workflow,
                jobs.c.state.in_(OPEN_STATES),
            )
        )

    async def search(
        self,
        *,
        states: Collection[JobState] = (),
        results: Collection[JobResult] = (),
        person_id: int | None = None,
        guild_id: int | None = None,
        since: float = 0.0,
        limit: int,
    ) -> list[Job]:
        """Return jobs in one of these states or with one of these results, the newest first."""
        wanted: list[sa.ColumnElement[bool]] = [jobs.c.created >= since]
        if states or results:
            wanted.append(sa.or_(jobs.c.state.in_(list(states)), jobs.c.result.in_(list(results))))
        if person_id is not None:
            wanted.append(jobs.c.requester_id == person_id)
        if guild_id is not None:
            wanted.append(jobs.c.guild_id == guild_id)
        newest = jobs.select().where(*wanted).order_by(jobs.c.created.desc()).limit(limit)
        async with self._database.read() as connection:
            return [_job(row) for row in (await connection.execute(newest)).mappings()]

    async def unfinished_of(self, person_id: int) -> list[Job]:
        """Return the jobs of a person that have no outcome yet, the oldest first."""
        active = jobs.c.state.in_([JobState.RUNNING, JobState.DELIVERING])
        return await self._select(sa.and_(jobs.c.requester_id == person_id, active))

    async def mark_cancelled(self, job_id: str) -> bool:
        """Note that an operator cancels a job; False when its outcome stands or is on its way."""
        return await self._move(job_id, {JobState.RUNNING}, JobState.RUNNING, result=JobResult.CANCELLED)

    async def begin_delivery(self, job_id: str) -> bool:
        """Claim the right to post the outcome; False when the job was stopped or is done."""
        async with self._database.write(flush=False, brief=True) as connection:
            return (await connection.execute(_BEGIN_DELIVERY, {"job_id": job_id})).rowcount == 1

    async def stop(self, job_id: str) -> bool:
        """Stop a job; False when its outcome is already on its way."""
        return await self._move(job_id, {JobState.RUNNING}, JobState.STOPPED)

    async def finish(
        self,
        job_id: str,
        message_ids: Sequence[int],
        result: JobResult,
        failures: Sequence[Failure] = (),
        *,
        spare_files: Collection[str] = (),
    ) -> float | None:
        """Mark the end of a job and the messages that say it.

        Args:
            spare_files: SHA-256 of kept files that its messages have now. They are deleted with the mark:
                before, they may be needed to post them again; after, the place's next job may keep the same.

        Returns:
            How many seconds it took; None when its end was marked before, or it was forgotten.
        """
        now = time.time()
        values = {
            "job_id": job_id,
            "message_ids": list(message_ids),
            "finished": now,
            "result": result,
            "failures": [to_json(Failure, each) for each in failures],
        }
        async with self._database.write(brief=not spare_files) as connection:
            created: float | None = await connection.scalar(_FINISH, values)
            if created is not None and spare_files:
                await connection.execute(blobs.delete().where(blobs.c.sha256.in_(spare_files)))
        return None if created is None else now - created

    async def amend(self, request: JobRequest) -> bool:
        """Change what a job was asked for; False when its outcome is already on its way."""
        is_running = sa.and_(jobs.c.id == request.job_id, jobs.c.state == JobState.RUNNING)
        change = jobs.update().where(is_running).values(request=to_json(JobRequest, request))
        async with self._database.write() as connection:
            return (await connection.execute(change)).rowcount == 1

    async def settle(self, request: JobRequest) -> JobRequest | None:
        """Begin the delivery, unless the job was amended meanwhile.

        Amending and settling exclude each other: no edit is taken on that nobody reads any more.

        Args:
            request: What the outcome answers.

        Returns:
            What is asked instead; None when nothing is.
        """
        job = {"job_id": request.job_id}
        async with self._database.write(flush=False, brief=True) as connection:
            row = await connection.scalar(_REQUEST_LOCKED, job)
            newest: JobRequest = request if row is None else from_json(JobRequest, row)
            if (newest.text, newest.attachments) != (request.text, request.attachments):
                return newest
            await connection.execute(_BEGIN_DELIVERY, job)
        return None

    async def reword(self, job_id: str, text: str) -> None:
        """Change what the next job that is made of this one asks."""
        async with self._database.write() as connection:
            request = await connection.scalar(sa.select(jobs.c.request).where(jobs.c.id == job_id))
            if request is not None:
                changed = replace(from_json(JobRequest, request), text=text)
                row = jobs.update().where(jobs.c.id == job_id)
                await connection.execute(row.values(request=to_json(JobRequest, changed)))

    async def forget(self, job_id: str) -> None:
        """Delete a job's row."""
        async with self._database.write() as connection:
            await connection.execute(jobs.delete().where(jobs.c.id == job_id))

    async def _move(self, job_id: str, before: set[JobState], after: JobState, **values: object) -> bool:
        change = (
            jobs.update().where(jobs.c.id == job_id, jobs.c.state.in_(before)).values(state=after, **values)
        )
        async with self._database.write() as connection:
            return (await connection.execute(change)).rowcount == 1

    async def _select(self, condition: sa.ColumnElement[bool]) -> list[Job]:
        async with self._database.read() as connection:
            rows = await connection.execute(jobs.select().where(condition).order_by(jobs.c.created))
            return [_job(row) for row in rows.mappings()]


def _job(row: sa.RowMapping) -> Job:
    values: dict[str, Any] = dict(row)
    return Job(
        request=from_json(JobRequest, values["request"]),
        state=JobState(values["state"]),
        place=Place(
            values["place_id"],
            values["progress_message_id"],
            values["reply_to"],
            values["is_thread"],
        ),
        message_ids=tuple(values["message_ids"]),
        created=values["created"],
        finished=values["finished"],
        result=JobResult(values["result"]) if values["result"] else None,
        failures=tuple(from_json(Failure, each) for each in values["failures"] or ()),
    )
