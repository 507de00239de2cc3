"""What an operator asks of jobs: which there are, how one went, cancel it, run it again.

Works beside a running bot, on the tables alone: whichever process runs sees what was changed.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import cast

from services.domain import JobRequest
from services.engine_records import EngineRecords, RecordedJob, RecordedStep
from services.operating.recorded import has_failure, stored_files
from services.settings import Settings
from services.store.jobs import ENDED, Job, JobResult, JobState
from services.store.spending import RoleSpend
from services.store.stores import Stores

ACTIVE_LIMIT = 10_000


class RefusedError(Exception):
    """What was asked cannot be done; says why, and what to do instead."""


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job of a list; without content."""

    job_id: str
    state: str
    """queued, running, delivering, or how it ended."""
    workflow: str
    created: float
    """Unix time."""
    seconds: float
    """How long it took, or how old it is."""
    steps: int
    last_step: str
    usd: float | None
    """None when a call had no known price."""
    person_id: int
    guild_id: int | None


@dataclass(frozen=True, slots=True)
class JobSheet:
    """All that is known of one job."""

    line: JobLine
    process: str
    forked_from: str
    failures: tuple[tuple[str, str], ...]
    """Code and reference of each."""
    steps: tuple[RecordedStep, ...]
    spend: tuple[RoleSpend, ...]
    request: JobRequest | None


class OperatorDesk:
    """Answers an operator."""

    def __init__(self, *, settings: Settings, stores: Stores, records: EngineRecords) -> None:
        self._settings = settings
        self._stores = stores
        self._records = records

    async def list(
        self,
        *,
        states: Collection[str] = (),
        person_id: int | None = None,
        guild_id: int | None = None,
        since: float = 0.0,
        limit: int = 50,
    ) -> list[JobLine]:
        """Return jobs, the newest first; without states, those of every state."""
        found = await self._records.search(
            states=["queued", "running"], person_id=person_id, since=since, limit=ACTIVE_LIMIT
        )
        active = {each.job_id: each for each in found}
        unfinished = {"queued", "running", "delivering"} & set(states)
        rows = await self._stores.jobs.search(
            states=[JobState.RUNNING, JobState.DELIVERING] if unfinished else [],
            results=[each for each in JobResult if each in states],
            person_id=person_id,
            guild_id=guild_id,
            since=since,
            limit=limit,
        )
        stopped = await self._stopped(states, person_id, guild_id, since, limit)
        lines = [await self._line(row, active.pop(row.request.job_id, None)) for row in [*rows, *stopped]]
        lines += [line for each in active.values() if (line := await self._placeless(each, guild_id))]
        wanted = [each for each in lines if not states or each.state in states]
        return sorted(wanted, key=lambda each: each.created, reverse=True)[:limit]

    async def show(self, job_id: str, *, content: bool) -> JobSheet:
        """Return all that is known of a job.

        Args:
            content: With what people wrote and models answered.

        Raises:
            RefusedError: It is unknown.
        """
        row, recorded = await self._known(job_id)
        steps = await self._records.steps(job_id, content=content)
        if row is not None:
            line = await self._line(row, recorded)
        else:
            line = await self._placeless(cast("RecordedJob", recorded), None)
        assert line is not None
        return JobSheet(
            line=line,
            process=recorded.process if recorded else "",
            forked_from=recorded.forked_from if recorded else "",
            failures=tuple((each.code, each.reference) for each in row.failures) if row else (),
            steps=tuple(steps),
            spend=tuple(await self._stores.spending.of_job(job_id)),
            request=(row.request if row else await self._records.request(job_id)) if content else None,
        )

    async def cancel(self, job_id: str) -> bool:
        """Stop a job; its person is told by whichever process sweeps next.

        Returns:
            Whether anybody is told: False when nothing had been posted for it yet.

        Raises:
            RefusedError: It is unknown, or over.
        """
        row, recorded = await self._known(job_id)
        if recorded is None or recorded.state not in {"queued", "running"}:
            raise RefusedError(f"{job_id} is over; there is nothing to cancel.")
        if row is not None and not await self._stores.jobs.mark_cancelled(job_id):
            raise RefusedError(f"The answer of {job_id} is on its way already; it is too late to cancel it.")
        await self._records.cancel(job_id)
        return row is not None

    async def retry(self, job_id: str) -> tuple[str, int, str]:
        """Run a job that failed again as a new one, in the same place.

        Returns:
            Its id, how many recorded steps it takes over, and from which step on it runs; "" for what
            comes after the last one.

        Raises:
            RefusedError: It is unknown, not over, was answered, or cannot be taken up from its steps.
        """
        row, recorded = await self._known(job_id)
        if row is None or recorded is None:
            raise RefusedError(f"What {job_id} did is not recorded any more. Its person can ask again.")
        if row.state not in ENDED:
            raise RefusedError(f"{job_id} is not over. Cancel it first, or wait for its end.")
        if row.request.workflow == "refine_image":
            raise RefusedError(f"{job_id} is a refinement: it goes on with the buttons under it.")
        if row.result is JobResult.ANSWERED:
            raise RefusedError(f"{job_id} was answered; there is nothing to do again.")
        steps = await self._records.steps(job_id, content=True)
        again = await self._first_again(steps)
        new_id = await self._free_id(job_id)
        request = replace(row.request, job_id=new_id)
        await self._stores.jobs.record_place(request, row.place)
        try:
            await self._records.fork(
                job_id,
                new_id,
                from_step=again,
                place=str(request.origin.guild_id or request.origin.channel_id),
                seconds=float(self._settings.limits.job_seconds),
            )
        except BaseException:
            await self._stores.jobs.forget(new_id)
            raise
        kept = sum(each.number < again for each in steps)
        return new_id, kept, next((each.name for each in steps if each.number == again), "")

    async def _known(self, job_id: str) -> tuple[Job | None, RecordedJob | None]:
        row, recorded = await self._stores.jobs.get(job_id), await self._records.get(job_id)
        if row is None and recorded is None:
            raise RefusedError(f"There is no job {job_id}. `jobs list` shows those there are.")
        return row, recorded

    async def _stopped(
        self,
        states: Collection[str],
        person_id: int | None,
        guild_id: int | None,
        since: float,
        limit: int,
    ) -> list[Job]:
        """Return the jobs that people stopped, whose rows hold no result."""
        if JobResult.STOPPED not in states:
            return []
        return await self._stores.jobs.search(
            states=[JobState.STOPPED], person_id=person_id, guild_id=guild_id, since=since, limit=limit
        )

    async def _line(self, row: Job, recorded: RecordedJob | None) -> JobLine:
        request = row.request
        steps, last = await self._records.step_count(request.job_id)
        spent = await self._stores.spending.of_job(request.job_id)
        return JobLine(
            job_id=request.job_id,
            state=_state(row, recorded),
            workflow=request.workflow,
            created=row.created,
            seconds=(row.finished or time.time()) - row.created,
            steps=steps,
            last_step=last,
            usd=_total(spent),
            person_id=request.requester_id,
            guild_id=request.origin.guild_id,
        )

    async def _placeless(self, recorded: RecordedJob, guild_id: int | None) -> JobLine | None:
        """Return a job for which nothing was posted yet, if it is of this server."""
        request = await self._records.request(recorded.job_id)
        if request is None or (guild_id is not None and request.origin.guild_id != guild_id):
            return None
        steps, last = await self._records.step_count(recorded.job_id)
        return JobLine(
            job_id=recorded.job_id,
            state=recorded.state,
            workflow=recorded.workflow,
            created=recorded.created,
            seconds=(recorded.ended or time.time()) - recorded.created,
            steps=steps,
            last_step=last,
            usd=_total(await self._stores.spending.of_job(recorded.job_id)),
            person_id=recorded.person_id,
            guild_id=request.origin.guild_id,
        )

    async def _first_again(self, steps: list[RecordedStep]) -> int:
        """Return the number of the first step that has to run again.

        That is the first one that went wrong, that speaks of a file which is gone, or the delivery.
        """
        for step in steps[1:]:  # The first one has opened the place, which stands.
            gone = [each for each in stored_files(step.result) if await self._stores.blobs.get(each) is None]
            if step.error or step.name == "deliver" or gone or has_failure(step.result):
                return step.number
        return steps[-1].number + 1 if steps else 1

    async def _free_id(self, job_id: str) -> str:
        root, _, number = job_id.partition("-r")
        count = int(number) if number.isdigit() else 0
        while True:
            count += 1
            new_id = f"{root}-r{count}"
            if await self._stores.jobs.get(new_id) is None and await self._records.get(new_id) is None:
                return new_id


def _state(row: Job, recorded: RecordedJob | None) -> str:
    if row.state is JobState.DONE:
        return str(row.result or JobState.DONE)
    if row.state is JobState.RUNNING and recorded is not None and recorded.state == "queued":
        return "queued"
    return str(row.state)


def _total(spent: list[RoleSpend]) -> float | None:
    amounts = [each.usd for each in spent]
    return None if None in amounts else sum(each for each in amounts if each)
