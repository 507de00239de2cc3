"""Erases one person's or one server's data: tables, the engine's records, cached media, freed space."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from services.engine_records import EngineRecords
from services.media.cache import MediaCache
from services.operating.metrics import Metrics
from services.operating.recorded import stored_files
from services.store.stores import Stores
from services.store.traces import Trace

log = logging.getLogger(__name__)

BATCH = 200
INTERRUPTED_SECONDS = 2.0
"""A step that runs while its job is cancelled is interrupted within about a second."""


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

    def __init__(self, *, stores: Stores, records: EngineRecords, cache: MediaCache, metrics: Metrics) -> None:
        self._stores = stores
        self._records = records
        self._cache = cache
        self._metrics = metrics

    async def person(self, person_id: int) -> Erased:
        """Erase all that a person caused or posted."""

        async def erase() -> tuple[Trace, dict[str, int]]:
            trace = await self._stores.traces.person(person_id)
            await self._forget(trace, await self._recorded(person_id))
            return trace, await self._stores.erasure.erase_person(person_id, trace)

        return await self._erase(erase)

    async def server(self, guild_id: int) -> Erased:
        """Erase all that belongs to a server."""

        async def erase() -> tuple[Trace, dict[str, int]]:
            trace = await self._stores.traces.server(guild_id)
            await self._forget(trace, set())
            return trace, await self._stores.erasure.erase_server(guild_id, trace)

        return await self._erase(erase)

    async def compact(self) -> bool:
        """Give freed space back; tell whether all of it was."""
        return all([await self._stores.database.compact(), await self._records.compact()])

    async def _erase(self, erase: Callable[[], Awaitable[tuple[Trace, dict[str, int]]]]) -> Erased:
        trace, rows = await erase()
        if trace.active_ids:
            # What ran a moment ago may have kept something since.
            await asyncio.sleep(INTERRUPTED_SECONDS)
            again, more = await erase()
            rows = {name: rows.get(name, 0) + more.get(name, 0) for name in {**rows, **more}}
            trace = trace.joined(again)
        for sha256 in trace.hashes:
            await self._cache.forget(sha256)
        rows |= {"engine": len(trace.job_ids | trace.neighbour_ids), "cache": len(trace.hashes)}
        for name, count in rows.items():
            self._metrics.erased(name, count)
        log.info("Erased: %s", ", ".join(f"{count} {name}" for name, count in rows.items() if count))
        return Erased(rows, await self.compact(), len(trace.busy_ids))

    async def _recorded(self, person_id: int) -> set[str]:
        """Return the jobs of a person that the engine knows, also those without a row."""
        found = await self._records.search(person_id=person_id, limit=100_000)
        return {each.job_id for each in found}

    async def _forget(self, trace: Trace, recorded: Iterable[str]) -> None:
        """Stop what runs, then delete what the engine has recorded, and the files that it speaks of."""
        for job_id in trace.active_ids:
            await self._stores.jobs.stop(job_id)
        job_ids = sorted({*trace.job_ids, *trace.neighbour_ids, *recorded})
        for job_id in job_ids:
            for step in await self._records.steps(job_id, content=True):
                for sha256 in stored_files(step.result):
                    await self._stores.blobs.delete(sha256)
        for start in range(0, len(job_ids), BATCH):
            await self._records.forget(job_ids[start : start + BATCH])
