"""Whether this process lives, and whether it can take work on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from services.operating.metrics import Metrics

PROBE_SECONDS = 0.25
STALE_SECONDS = 15.0
"""A loop that gave no sign of life for so long is stuck, or its probe has died."""
CHECK_SECONDS = 3.0
"""A dependency that takes longer to answer counts as away."""

Check = Callable[[], Awaitable[bool]]


class Health:
    """Asks what the process depends on, whenever somebody asks it.

    Liveness is the process's own: an orchestrator restarts what is not alive, and a restart mends
    neither the database nor Discord. Those belong to readiness.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._checks: dict[str, Check] = {}
        self._beat = time.monotonic()
        self.draining = False
        """Set when the process has been asked to end: it takes nothing on any more."""

    def depend_on(self, name: str, check: Check) -> None:
        """Make readiness depend on something; the last check under a name counts."""
        self._checks[name] = check

    @property
    def heartbeat_age(self) -> float:
        """Seconds since the loop's last sign of life."""
        return time.monotonic() - self._beat

    async def beat_for_ever(self) -> None:
        """Give signs of life, and report how late the loop is."""
        while True:
            asked = time.monotonic()
            await asyncio.sleep(PROBE_SECONDS)
            self._beat = time.monotonic()
            self._metrics.loop_lagged(max(self._beat - asked - PROBE_SECONDS, 0.0))

    def is_alive(self) -> bool:
        """Tell whether the loop still gives signs of life."""
        return self.heartbeat_age < STALE_SECONDS

    async def missing(self) -> list[str]:
        """Return the names of what keeps the process from taking work on; empty when it is ready."""
        names = list(self._checks)
        answers = await asyncio.gather(*(_answer(self._checks[name]) for name in names))
        missing = [name for name, is_there in zip(names, answers, strict=True) if not is_there]
        return [*missing, "draining"] if self.draining else missing


async def _answer(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except Exception:  # drivers have many; whatever it is, it is not there
        return False
