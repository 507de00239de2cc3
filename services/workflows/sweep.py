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
from services.operating.metrics import Metrics
from services.store.jobs import Job, JobRepository, JobResult
from services.workflows.steering import TakeBack

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 10.0
YOUNGEST_SECONDS = 30.0


class Sweep:
    """Every job ends in an outcome: one that took too long, or kept killing its process, in this one."""

    def __init__(
        self,
        *,
        engine: Engine,
        jobs: JobRepository,
        take_back: TakeBack,
        delivery: Delivery,
        metrics: Metrics,
    ) -> None:
        self._metrics = metrics
        self._take_back = take_back
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
        """Tell the people of every job that nothing works on any more; end what was begun to be taken back."""
        await self._take_back.resume()
        unfinished = [job for job in await self._jobs.unfinished() if _is_due(job)]
        states = await self._engine.states([job.request.job_id for job in unfinished])
        for job in unfinished:
            state = states.get(job.request.job_id)
            if state == "cancelled" and job.result is JobResult.CANCELLED:
                await self._end(job, UserError("job-cancelled"))
            elif state == "cancelled":
                await self._end(job, DeadlineError("job-timed-out"))
            elif state == "parked":
                await self._end(job, UserError("job-parked"))
            elif state in {"failed", "done", None}:
                await self._end(job, UnexpectedError("unexpected"))

    async def _end(self, job: Job, error: BotError) -> None:
        job_id = job.request.job_id
        if not await self._jobs.begin_delivery(job_id):
            return
        failure = failures.note(error, job_id)
        outcome = FailedOutcome(failure)
        try:
            messages = await self._delivery.deliver(job.request, job.place, outcome, in_place=True)
        except UserError as failed:
            log.warning("Job %s: its end may not be posted (%s)", job_id, failed)
            messages = []
        except BotError as failed:
            log.warning("Job %s: its end could not be posted (%s); the next sweep will try", job_id, failed)
            return
        result = job.result or JobResult.FAILED
        seconds = await self._jobs.finish(job_id, messages, result, [failure])
        if seconds is not None:
            self._metrics.job_ended(job.request.workflow, result, seconds)


def _is_due(job: Job) -> bool:
    """Tell whether a job is to be looked at: its place in the engine may be younger than its row."""
    return job.result is JobResult.CANCELLED or job.created <= time.time() - YOUNGEST_SECONDS
