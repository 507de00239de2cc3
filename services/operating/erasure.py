"""Erases one person's or one server's data: tables, the engine's records, cached media, freed space."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from services.engine_records import EngineRecords
from services.media.cache import MediaCache
from services.operating.metrics import Metrics
from services.operating.recorded import stored_files
from services.store.jobs import ENDED
from services.store.stores import Stores
from services.store.traces import Trace

log = logging.getLogger(__name__)

BATCH = 200
MOST_JOBS = 100_000
POLL_SECONDS = 0.5
TOLD_SECONDS = 25.0
"""A running bot tells the person of a cancelled job within about ten seconds."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased."""

    rows: dict[str, int] = field(default_factory=dict[str, int])
    """By table; `engine` counts the jobs whose records went, `cache` the files."""
    is_compact: bool = True
    """Whether freed space was given back, so that no byte is left in the files."""
    busy: int = 0
    """Jobs of other people that still run in the same conversations and may quote what was erased."""


class Erasure:
    """Erases; what still runs of the jobs concerned is stopped first. Everything may be repeated."""

    def __init__(
        self,
        *,
        stores: Stores,
        records: EngineRecords,
        cache: MediaCache,
        metrics: Metrics,
        patience: float = TOLD_SECONDS,
    ) -> None:
        self._stores = stores
        self._records = records
        self._cache = cache
        self._metrics = metrics
        self._patience = patience

    async def person(self, person_id: int) -> Erased:
        """Erase all that a person caused or posted."""

        async def erase(trace: Trace) -> dict[str, int]:
            found = await self._records.search(person_id=person_id, limit=MOST_JOBS)
            await self._forget({*trace.job_ids, *trace.neighbour_ids, *(each.job_id for each in found)})
            return await self._stores.erasure.erase_person(person_id, trace)

        return await self._erase(lambda: self._stores.traces.person(person_id), erase)

    async def server(self, guild_id: int) -> Erased:
        """Erase all that belongs to a server."""

        async def erase(trace: Trace) -> dict[str, int]:
            await self._forget(trace.job_ids)
            return await self._stores.erasure.erase_server(guild_id, trace)

        return await self._erase(lambda: self._stores.traces.server(guild_id), erase)

    async def compact(self) -> bool:
        """Give freed space back; tell whether all of it was."""
        return all([await self._stores.database.compact(), await self._records.compact()])

    async def _erase(
        self, find: Callable[[], Awaitable[Trace]], erase: Callable[[Trace], Awaitable[dict[str, int]]]
    ) -> Erased:
        trace = await find()
        if trace.active_ids:
            await self._stop(trace.active_ids)
            trace = await find()
        rows = await erase(trace)
        if trace.active_ids:
            # Nobody has told their people; what ran a moment ago may have kept something since.
            again = await find()
            more = await erase(again)
            rows = {name: rows.get(name, 0) + more.get(name, 0) for name in {**rows, **more}}
            trace = trace.joined(again)
        for sha256 in trace.hashes:
            await self._cache.forget(sha256)
        rows |= {"engine": len(trace.job_ids | trace.neighbour_ids), "cache": len(trace.hashes)}
        for name, count in rows.items():
            self._metrics.erased(name, count)
        log.info("Erased: %s", ", ".join(f"{count} {name}" for name, count in rows.items() if count))
        return Erased(rows, await self.compact(), len(trace.busy_ids))

    async def _stop(self, job_ids: Iterable[str]) -> None:
        """Cancel jobs, and wait until the running bot has told their people."""
        waiting = set(job_ids)
        for job_id in waiting:
            if await self._stores.jobs.mark_cancelled(job_id):
                await self._records.cancel(job_id)
        deadline = time.monotonic() + self._patience
        while waiting and time.monotonic() < deadline:
            await asyncio.sleep(POLL_SECONDS)
            for job_id in list(waiting):
                job = await self._stores.jobs.get(job_id)
                if job is None or job.state in ENDED:
                    waiting.discard(job_id)

    async def _forget(self, job_ids: Iterable[str]) -> None:
        """Delete what the engine has recorded of jobs, and the files that it speaks of."""
        ordered = sorted(job_ids)
        for job_id in ordered:
            for step in await self._records.steps(job_id, content=True):
                for sha256 in stored_files(step.result):
                    await self._stores.blobs.delete(sha256)
        for start in range(0, len(ordered), BATCH):
            await self._records.forget(ordered[start : start + BATCH])
