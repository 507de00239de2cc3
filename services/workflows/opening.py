"""Where a job speaks: opened by the gateway at once, or by the workflow's first step after a crash."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from services.delivery import Delivery
from services.domain import JobRequest, Place
from services.store.jobs import JobRepository

POLL_SECONDS = 0.1


class PlaceOpener:
    """Opens the place of a job once, whoever comes first.

    Within a process a lock a job decides; between processes the `jobs` row and Discord itself do
    (a thread has the id of its message, the card has a nonce).

    Args:
        patience: Seconds a worker gives the gateway to write the row before it opens the place
            itself. 0 in the process that is the gateway.
    """

    def __init__(self, *, jobs: JobRepository, delivery: Delivery, patience: float) -> None:
        self._jobs = jobs
        self._delivery = delivery
        self._patience = patience
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def open(self, request: JobRequest, *, begins: int | None = None) -> Place:
        """Return the job's place; open it and write the row where that has not happened yet.

        Args:
            begins: Unix time at which a job that has to wait in line should begin.
        """
        async with self._only_one(request.job_id):
            place = await self._jobs.place(request.job_id)
            if place is None:
                place = await self._delivery.open_place(request, begins=begins)
                await self._jobs.record_place(request, place)
            return place

    async def await_or_open(self, request: JobRequest) -> Place:
        """As `open`, after giving the gateway time to do it: the first step of every workflow."""
        for _ in range(round(self._patience / POLL_SECONDS)):
            if (place := await self._jobs.place(request.job_id)) is not None:
                return place
            await asyncio.sleep(POLL_SECONDS)
        return await self.open(request)

    @asynccontextmanager
    async def _only_one(self, job_id: str) -> AsyncGenerator[None]:
        lock = self._locks[job_id]
        try:
            async with lock:
                yield
        finally:
            if not lock.locked():
                self._locks.pop(job_id, None)
