"""Finds jobs that the engine gave up on, and tells their people."""

from __future__ import annotations

import asyncio
import logging
import time

from services import failures
from services.delivery import Delivery
from services.domain import FailedOutcome
from services.engine import Engine
from services.errors import BotError, DeadlineError, UnexpectedError, UserError
from services.store.jobs import Job, JobRepository

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 10.0
YOUNGEST_SECONDS = 30.0


class Sweep:
    """Every job ends in an outcome: one that took too long, or kept killing its process, in this one."""

    def __init__(self, *, engine: Engine, jobs: JobRepository, delivery: Delivery) -> None:
        self._engine = engine
        self._jobs = jobs
        self._delivery = delivery

    async def run_for_ever(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            try:
                await self.run_once()
            except Exception:
                log.exception("A sweep failed; the next one will do")

    async def run_once(self) -> None:
        """Tell the people of every job that nothing works on any more."""
        for job in await self._jobs.unfinished():
            if time.time() - job.created < YOUNGEST_SECONDS:
                continue
            state = await self._engine.state(job.request.job_id)
            if state == "cancelled":
                await self._end(job, DeadlineError("job-timed-out"))
            elif state in {"failed", "done", None}:
                await self._end(job, UnexpectedError("unexpected"))

    async def _end(self, job: Job, error: BotError) -> None:
        job_id = job.request.job_id
        if not await self._jobs.begin_delivery(job_id):
            return
        outcome = FailedOutcome(failures.note(error, job_id))
        try:
            messages = await self._delivery.deliver(job.request, job.place, outcome, in_place=True)
        except UserError as failed:
            log.warning("Job %s: its end may not be posted (%s)", job_id, failed)
            messages = []
        except BotError as failed:
            log.warning("Job %s: its end could not be posted (%s); the next sweep will try", job_id, failed)
            return
        await self._jobs.finish(job_id, messages)
