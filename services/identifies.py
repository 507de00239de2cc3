"""How often the bot may open a new gateway session, counted on disk.

Discord takes the token away from a bot that identifies more than 1000 times a day: a supervisor that
restarts a crashing bot every minute gets there within 17 hours. So the bot has an allowance that fills up
by the hour. Whoever tries things out restarts at once; a bot that crashes all day long is spaced out, and
the wait survives the restart. In no 24 hours are there more than a full allowance and what a day adds.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from services.store.discord_counts import DiscordCountRepository

log = logging.getLogger(__name__)

HOUR_MINUTES = 60
DAY_MINUTES = 24 * HOUR_MINUTES
STARTS = 2
"""A bot of many shards may start so often an hour, and so often in a row, whatever the settings say."""
RESERVE = 50
"""So many of Discord's own allowance are left alone, for whoever has to mend things by hand."""


class Identifies:
    """Counts new sessions, and says how long to wait before the next one.

    Args:
        in_a_row: How many may begin at once, when none did for long.
        an_hour: How many more each hour allows.
        now: Returns Unix time.
    """

    def __init__(
        self,
        counts: DiscordCountRepository,
        *,
        in_a_row: int,
        an_hour: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._counts = counts
        self._in_a_row = in_a_row
        self._an_hour = an_hour
        self._now = now

    async def pause(self, shards: int) -> float:
        """Return how many seconds to wait before one more session begins; 0: none.

        Args:
            shards: How many sessions the bot consists of.
        """
        most = max(self._in_a_row, STARTS * shards)
        a_minute = max(self._an_hour, STARTS * shards) / HOUR_MINUTES
        left, then = float(most), float(self._minute() - DAY_MINUTES)
        for minute, count in (await self._counts.since("identify", self._minute() - DAY_MINUTES)).items():
            left = min(left + (minute - then) * a_minute, most) - count
            then = minute
        left = min(left + (self._now() / 60 - then) * a_minute, most)
        return max(1 - left, 0.0) / a_minute * 60

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
                "The bot has connected too often, and Discord takes the token away after 1000 times a day: "
                "waiting %d minutes before the next time. Find out why it starts so often.",
                seconds // 60 + 1,
            )
            await asyncio.sleep(seconds)

    async def today(self) -> int:
        """Return how many sessions began within 24 hours."""
        return sum((await self._counts.since("identify", self._minute() - DAY_MINUTES)).values())

    def _minute(self) -> int:
        return int(self._now() // 60)
