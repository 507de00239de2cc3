"""Questions of one conversation are answered one after the other, so that each knows the one before."""

from __future__ import annotations

import asyncio
import time

from services.delivery import Delivery
from services.domain import JobRequest, Place, Progress
from services.store.jobs import Job, JobRepository

PATIENCE_SECONDS = 180.0
"""Longer than that nothing waits for what came before it."""
POLL_SECONDS = 0.25
WAITED_FOR = ("read_post", "answer_question")


class TurnTaking:
    """Has a job wait until its conversation is done with the jobs before it, in the order of their rows."""

    def __init__(self, *, jobs: JobRepository, delivery: Delivery) -> None:
        self._jobs = jobs
        self._delivery = delivery

    async def await_turn(self, request: JobRequest, place: Place, conversation_id: int, *, phase: str) -> None:
        """Wait, and say so meanwhile; within a step.

        Args:
            phase: What the card says once the wait is over.
        """
        is_shown = False
        for _ in range(round(PATIENCE_SECONDS / POLL_SECONDS)):
            if not await self._is_busy(request, place, conversation_id):
                break
            if not is_shown:
                await self._delivery.show_progress(request, place, Progress("queued", done=0, total=0))
                is_shown = True
            await asyncio.sleep(POLL_SECONDS)
        if is_shown:
            await self._delivery.show_progress(request, place, Progress(phase, done=0, total=0))

    async def _is_busy(self, request: JobRequest, place: Place, conversation_id: int) -> bool:
        own = await self._jobs.get(request.job_id)
        before = (own.created, request.job_id) if own else (time.time(), request.job_id)
        jobs: list[Job] = []
        for workflow in WAITED_FOR:
            jobs += await self._jobs.unfinished_in(place.channel_id, workflow)
        return any(
            job.conversation_id == conversation_id and (job.created, job.request.job_id) < before
            for job in jobs
        )
