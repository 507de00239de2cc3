"""How often Discord refused a request (401, 403, 429), counted on disk.

After 10,000 of them within ten minutes Discord bans the machine's address for an hour. Far below that
no request is sent any more until some of those minutes have passed; whoever wanted to send it finds
Discord away, and tries again later.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable

from services.store.discord_counts import DiscordCountRepository
from services.tasks import Tasks

log = logging.getLogger(__name__)

WINDOW_MINUTES = 10
REFUSED = frozenset({401, 403, 429})


class Refusals:
    """Counts refused requests and stops further ones in time.

    Before `load` it counts in memory alone.

    Args:
        limit: How many may be refused within ten minutes.
        now: Returns Unix time.
    """

    def __init__(self, *, limit: int, now: Callable[[], float] = time.time) -> None:
        self._limit = limit
        self._now = now
        self._counts: Counter[int] = Counter()
        self._unwritten: Counter[int] = Counter()
        self._repository: DiscordCountRepository | None = None
        self._tasks = Tasks()
        self._was_paused = False

    async def load(self, repository: DiscordCountRepository) -> None:
        """Take over what earlier processes counted, and write down what is counted from now on."""
        self._counts += Counter(await repository.since("refusal", self._oldest()))
        self._repository = repository
        await self._write()

    def note(self, status: int, scope: str = "") -> None:
        """Count an answer of Discord's.

        Args:
            status: Of HTTP.
            scope: Of a 429; those that are shared with others do not count.
        """
        if status not in REFUSED or scope == "shared":
            return
        minute = int(self._now() // 60)
        self._counts[minute] += 1
        self._unwritten[minute] += 1
        if self._repository is not None and self._unwritten.total() == 1:
            self._tasks.start(self._write(), name="refusals")

    def recent(self) -> int:
        """Return how many were counted within the last ten minutes."""
        oldest = self._oldest()
        for minute in [each for each in self._counts if each < oldest]:
            del self._counts[minute]
        return self._counts.total()

    @property
    def is_paused(self) -> bool:
        """Whether nothing may be sent for now."""
        paused = self.recent() >= self._limit
        if paused and not self._was_paused:
            log.error(
                "Discord refused %d requests within ten minutes, and bans addresses for too many: nothing is "
                "sent for some minutes. Look at the bot's permissions and token.",
                self.recent(),
            )
        self._was_paused = paused
        return paused

    async def aclose(self) -> None:
        """Write down what is left."""
        await self._tasks.aclose()
        await self._write()

    async def _write(self) -> None:
        while self._repository is not None and self._unwritten:
            counts, self._unwritten = self._unwritten, Counter[int]()
            for minute, count in counts.items():
                await self._repository.add("refusal", minute, count)

    def _oldest(self) -> int:
        return int(self._now() // 60) - WINDOW_MINUTES
