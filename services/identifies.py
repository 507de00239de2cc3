"""How often the bot may open a new gateway session, counted on disk.

Discord takes the token away from a bot that identifies more than 1000 times a day: a supervisor that
restarts a crashing bot every minute gets there within 17 hours. So a bot that was there too often within
an hour waits, and the wait survives the restart.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from services.store.discord_counts import DiscordCountRepository

log = logging.getLogger(__name__)

HOUR_MINUTES = 60
STARTS_AN_HOUR = 2
"""A bot of many shards may start so often an hour, whatever the setting says."""
RESERVE = 50
"""So many of Discord's own allowance are left alone, for whoever has to mend things by hand."""


class Identifies:
    """Counts new sessions, and says how long to wait before the next one.

    Args:
        an_hour: How many may begin within an hour.
        now: Returns Unix time.
    """

    def __init__(
        self, counts: DiscordCountRepository, *, an_hour: int, now: Callable[[], float] = time.time
    ) -> None:
        self._counts = counts
        self._an_hour = an_hour
        self._now = now

    async def pause(self, shards: int) -> float:
        """Return how many seconds to wait before one more session begins; 0: none.

        Args:
            shards: How many sessions the bot consists of.
        """
        now = self._now()
        counts = await self._counts.since("identify", self._minute() - HOUR_MINUTES + 1)
        limit = max(self._an_hour, STARTS_AN_HOUR * shards)
        excess = sum(counts.values()) - limit + 1
        for minute, count in counts.items():
            if excess <= 0:
                break
            excess -= count
            if excess <= 0:
                return (minute + HOUR_MINUTES) * 60 - now
        return 0.0

    async def begin(self, shards: int) -> None:
        """Wait until one more session may begin, and count it."""
        await self.wait(shards)
        await self._counts.add("identify", self._minute())

    async def wait(self, shards: int, *, left: int | None = None, reset_seconds: float = 0.0) -> None:
        """Wait until one more session may begin, by our own count and by Discord's.

        Args:
            left: How many Discord still allows; None when it was not asked.
            reset_seconds: In how many seconds it allows more.
        """
        if left is not None and left < shards + RESERVE:
            log.error(
                "Discord allows only %d more connections, and takes the token away after the last one: waiting "
                "%d minutes until it allows more. Find out why the bot starts so often.",
                left,
                reset_seconds // 60 + 1,
            )
            await asyncio.sleep(reset_seconds)
        while (seconds := await self.pause(shards)) > 0:
            log.error(
                "The bot has connected too often within an hour, and Discord takes the token away after 1000 "
                "times a day: waiting %d minutes before the next time. Find out why it starts so often.",
                seconds // 60 + 1,
            )
            await asyncio.sleep(seconds)

    async def today(self) -> int:
        """Return how many sessions began within 24 hours."""
        return sum((await self._counts.since("identify", self._minute() - 24 * HOUR_MINUTES)).values())

    def _minute(self) -> int:
        return int(self._now() // 60)
