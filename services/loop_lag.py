"""How late the event loop is, the sign of something that blocks it; and how many tasks it has."""

from __future__ import annotations

import asyncio
import logging
import time

log = logging.getLogger(__name__)

PROBE_SECONDS = 0.01


async def report_loop_lag(period_seconds: float) -> None:
    """Log the 99th percentile of the lag of each period, for ever."""
    while True:
        lags: list[float] = []
        end = time.monotonic() + period_seconds
        while time.monotonic() < end:
            asked = time.perf_counter()
            await asyncio.sleep(PROBE_SECONDS)
            lags.append(time.perf_counter() - asked - PROBE_SECONDS)
        lags.sort()
        p99 = lags[int(len(lags) * 0.99)]
        tasks = len(asyncio.all_tasks())
        log.info("loop lag p99 %.1f ms max %.1f ms, %d tasks", p99 * 1000, lags[-1] * 1000, tasks)
