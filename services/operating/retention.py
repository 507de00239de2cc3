"""Deletes what has been kept for as long as the operator wants it kept."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

from services.engine_records import EngineRecords
from services.media.cache import MediaCache
from services.operating.erasure import Erasure
from services.operating.metrics import Metrics
from services.settings import RetentionSettings
from services.store.stores import Stores

log = logging.getLogger(__name__)

FIRST_SECONDS = 60.0
INTERVAL_SECONDS = 3600.0
CACHE_INTERVAL_SECONDS = 60.0
CLOCK_SKEW_SECONDS = 600.0
"""The machines' clocks may differ by so much."""
COMPACT_SECONDS = 86_400.0
"""Giving space back writes the SQLite files anew: once a day will do."""
BATCH = 200
PAUSE_SECONDS = 0.2
"""Between two batches, for those who wait for the database."""
DAY_SECONDS = 86_400.0
_DUTY = 0x726574656E74696F  # "retentio", as the key of a Postgres advisory lock


class Retention:
    """Sweeps now and then; of a fleet one process at a time."""

    def __init__(
        self,
        settings: RetentionSettings,
        *,
        stores: Stores,
        records: EngineRecords,
        cache: MediaCache,
        erasure: Erasure,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._records = records
        self._cache = cache
        self._erasure = erasure
        self._metrics = metrics
        self._compacted = float("-inf")

    async def run_for_ever(self) -> None:
        """Sweep again and again."""
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            try:
                await self.run_once()
            except Exception:
                log.exception("A retention sweep failed; the next one will do")
            await asyncio.sleep(INTERVAL_SECONDS)

    async def clear_cache_for_ever(self) -> None:
        """Remove from this machine's cache what any process has erased, within about a minute."""
        known: set[tuple[str, float]] = set()
        while True:
            newest = max((moment for _, moment in known), default=0.0)
            try:
                found = set(await self._stores.erased_files.since(newest - CLOCK_SKEW_SECONDS))
                for sha256, _ in found - known:
                    await self._cache.forget(sha256)
                known = found
            except Exception as error:  # a database that is away is told by /readyz
                log.warning("The cache was not cleared (%s)", type(error).__name__)
            await asyncio.sleep(CACHE_INTERVAL_SECONDS)

    async def run_once(self, *, now: float | None = None) -> dict[str, int]:
        """Delete what is too old, and once a day give freed space back.

        Returns:
            How many rows of which table; nothing if another process is at it.

        Args:
            now: Unix seconds; the clock's if not given.
        """
        now = time.time() if now is None else now
        async with self._stores.database.duty(_DUTY) as mine:
            if not mine:
                return {}
            erased = await self._sweep(now)
            if time.monotonic() - self._compacted > COMPACT_SECONDS:
                # Also for what people erased themselves meanwhile.
                await self._erasure.compact()
                self._compacted = time.monotonic()
        for table, rows in erased.items():
            self._metrics.erased(table, rows)
        if any(erased.values()):
            log.info("Retention: %s", ", ".join(f"{rows} {table}" for table, rows in erased.items() if rows))
        return erased

    async def _sweep(self, now: float) -> dict[str, int]:
        settings, expiry = self._settings, self._stores.expiry
        erased = await expiry.end_expired()
        await self._stores.erased_files.forget_old()
        if settings.engine_days:
            erased["engine"] = await _in_batches(lambda: self._end_records(_before(now, settings.engine_days)))
        if settings.conversation_days:
            oldest = _before(now, settings.conversation_days)
            erased["conversations"] = await _in_batches(lambda: self._end_conversations(oldest))
        if settings.job_days:
            oldest = _before(now, settings.job_days)
            erased["jobs"] = await _in_batches(lambda: expiry.end_jobs(oldest, limit=BATCH))
            erased["refinements"] = await _in_batches(lambda: expiry.end_refinements(oldest, limit=BATCH))
            erased["requests"] = await expiry.end_requests(_day(oldest))
        if settings.spend_days:
            first = _day(_before(now, settings.spend_days))
            erased["spend"] = await _in_batches(lambda: self._stores.spending.sum_up(first))
        for guild_id in await self._stores.servers.due(_before(now, settings.left_server_days)):
            await self._erasure.server(guild_id)
            await self._stores.servers.joined(guild_id)
            erased["left_servers"] = erased.get("left_servers", 0) + 1
        return erased

    async def _end_records(self, before: float) -> int:
        old = await self._records.search(ended_before=before, limit=BATCH)
        await self._records.forget([each.job_id for each in old])
        return len(old)

    async def _end_conversations(self, before: float) -> int:
        idle = await self._stores.expiry.idle_conversations(before, limit=BATCH)
        for conversation_id in idle:
            forgotten = await self._stores.conversations.forget(conversation_id)
            for sha256 in forgotten.hashes:
                await self._cache.forget(sha256)
        return len(idle)


async def _in_batches(delete: Callable[[], Awaitable[int]]) -> int:
    """Delete batch after batch until there is nothing left; return how many."""
    total = 0
    while count := await delete():
        total += count
        await asyncio.sleep(PAUSE_SECONDS)
    return total


def _before(now: float, days: int) -> float:
    return now - days * DAY_SECONDS


def _day(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
