"""Metrics that are read when somebody asks: how much waits, how large the cache is, who is away."""

from __future__ import annotations

import asyncio
import logging
import time

from services.ai.breakers import Breakers
from services.engine import Engine
from services.media.cache import MediaCache
from services.operating.metrics import Metrics

log = logging.getLogger(__name__)

FRESH_SECONDS = 5.0
"""Asked more often than that, the last reading is given again."""
PATIENCE_SECONDS = 5.0


class Gauges:
    """Reads the queue, the cache and the breakers on demand."""

    def __init__(self, *, engine: Engine, cache: MediaCache, breakers: Breakers, metrics: Metrics) -> None:
        self._breakers = breakers
        self._engine = engine
        self._cache = cache
        self._metrics = metrics
        self._read_at = float("-inf")
        self._turn = asyncio.Lock()

    async def refresh(self) -> None:
        """Bring the metrics up to date; what cannot be read is shown as not a number."""
        for view in self._breakers.views():
            self._metrics.breaker(view.role, view.state)
        async with self._turn:
            if time.monotonic() - self._read_at < FRESH_SECONDS or not self._engine.is_running:
                return
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    queue = await self._engine.records.queue()
                    size = await self._cache.size()
            except Exception as error:  # a database that is away is told by /readyz
                log.warning("The queue could not be read (%s)", type(error).__name__)
                unknown = float("nan")
                self._metrics.queue(waiting=unknown, running=unknown, oldest_seconds=unknown)
            else:
                self._metrics.queue(
                    waiting=queue.waiting, running=queue.running, oldest_seconds=queue.oldest_seconds
                )
                self._metrics.cache_size(size)
            self._read_at = time.monotonic()
