"""Discord's limit of requests a second, which all processes of one bot share.

Requests take places on one timeline, spaced so that no second holds more than the limit. On SQLite the
timeline is kept in memory; on Postgres it is one row, from which each process reserves as many places at a
time as it needs just then. Within a process what has begun goes before what would begin: in a flood of posts
nobody's result waits for everybody's first sign. One place of four is for first signs all the same, however
many results there are. Among the equally urgent servers take turns.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import sqlalchemy as sa

from services.fair_slots import current_share
from services.settings import Settings
from services.store.database import Database
from services.store.tables import rest_timeline
from services.store.upserts import insert_new
from services.tasks import Tasks

log = logging.getLogger(__name__)

BURST = 4
"""Requests that may be made at once after a pause; kept back from the limit, so that no second passes it."""
MOST_RESERVED = 10
TIGHT_SECONDS = 1.0
"""A wait from which requests that are only nice to have are left out."""
LOOK_SECONDS = 0.05
SHARE_WITHOUT_DATABASE = 0.25
"""Of the limit, while a process does not hear from the others."""


RESERVE_SECONDS = 2.0
"""After that the shared timeline counts as away,"""
ALONE_SECONDS = 5.0
"""and is asked again after so long."""


class Urgency(IntEnum):
    """Lower goes first."""

    USUAL = 0
    """Of what has begun: a result, a thread without a word in it, a job that waits for its file."""
    FIRST_SIGN = 1
    """Somebody does not know yet whether they were heard."""
    PROGRESS = 2


FIRST_SIGN_EVERY = 4
"""Places, of which one goes to a first sign, if one waits."""


class Timeline(Protocol):
    """Where places are reserved."""

    async def reserve(self, places: int) -> float:
        """Reserve places in a row; return the seconds until the first (negative: past already)."""
        ...

    async def aclose(self) -> None:
        """Close what was opened."""
        ...


class OwnTimeline:
    """The timeline of a process that is alone.

    Args:
        per_second: Places.
    """

    def __init__(self, per_second: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._now = now
        self._free_at = 0.0

    async def reserve(self, places: int) -> float:
        """Reserve places in a row."""
        now = self._now()
        start = max(self._free_at, now - (BURST - 1) / self._per_second)
        self._free_at = start + places / self._per_second
        return start - now

    async def aclose(self) -> None:
        """Nothing was opened."""


class SharedTimeline:
    """The timeline of all processes on one Postgres, by the database's clock.

    Args:
        per_second: Places.
    """

    def __init__(self, database: Database, per_second: float) -> None:
        self._database = database
        self._per_second = per_second

    async def reserve(self, places: int) -> float:
        """Reserve places in a row."""
        now = sa.extract("epoch", sa.func.clock_timestamp())
        start = sa.func.greatest(rest_timeline.c.free_at, now - (BURST - 1) / self._per_second)
        taken = places / self._per_second
        change = (
            rest_timeline.update()
            .values(free_at=start + taken)
            .returning(rest_timeline.c.free_at - taken - now)
        )
        async with self._database.write() as connection:
            wait = await connection.scalar(change)
            if wait is None:
                await insert_new(connection, rest_timeline, {"id": 1, "free_at": 0.0})
                wait = await connection.scalar(change)
        assert wait is not None, "the row is there"
        return float(wait)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._database.aclose()


@dataclass(frozen=True, slots=True)
class RestView:
    """What this process asked of Discord, for those who watch."""

    requests: int
    """That count against the limit."""
    waiting: int
    """For a place, now."""
    limited: int
    """Answered 429."""


class _Line:
    """Who waits with the same urgency; servers take turns."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._served: dict[str, int] = {}
        """The turn in which each server was served last."""
        self._turn = itertools.count(1)

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def join(self, server: str, granted: asyncio.Future[None]) -> None:
        """Wait behind what the server has in line already."""
        self._waiting.setdefault(server, deque()).append(granted)

    def leave(self, server: str, granted: asyncio.Future[None]) -> None:
        """Wait no longer."""
        line = self._waiting.get(server, deque())
        if granted in line:
            line.remove(granted)
            self._forget_empty(server)

    def next(self) -> asyncio.Future[None]:
        """Take out the next of the server that was served longest ago."""
        server = min(self._waiting, key=lambda each: self._served.get(each, 0))
        granted = self._waiting[server].popleft()
        self._served[server] = next(self._turn)
        self._forget_empty(server)
        return granted

    def _forget_empty(self, server: str) -> None:
        if not self._waiting[server]:
            del self._waiting[server]
        if not self._waiting:
            self._served.clear()


class RestBudget:
    """Lets requests through, the most urgent first, as fast as all processes together may ask.

    Args:
        timeline: Where places are reserved.
        spare: The timeline while that one fails.
        per_second: Places on the timeline.
    """

    def __init__(self, timeline: Timeline, spare: Timeline, per_second: float) -> None:
        self._timeline = timeline
        self._spare = spare
        self._per_second = per_second
        self._lines = {urgency: _Line() for urgency in Urgency}
        self._since_first_sign = 0
        """Places that went to others."""
        self._seconds_a_place = 1 / per_second
        """As it was just now: others may use the same timeline."""
        self._tasks = Tasks()
        self._is_pumping = False
        self._delay = 0.0
        self._alone_until = 0.0
        self._recent: deque[float] = deque(maxlen=MOST_RESERVED)
        self._requests = 0
        self._limited = 0

    @property
    def is_tight(self) -> bool:
        """Whether requests wait so long that those that are only nice to have should be left out."""
        urgent = len(self._lines[Urgency.USUAL]) + len(self._lines[Urgency.FIRST_SIGN])
        return self._delay + urgent * self._seconds_a_place > TIGHT_SECONDS

    async def until_room(self) -> None:
        """Wait until a first sign would not have to wait for long, however many results there are."""
        while self._first_sign_seconds() > TIGHT_SECONDS:  # noqa: ASYNC110 - time alone changes it
            await asyncio.sleep(LOOK_SECONDS)

    def _first_sign_seconds(self) -> float:
        first_signs = len(self._lines[Urgency.FIRST_SIGN])
        return self._delay + first_signs * FIRST_SIGN_EVERY * self._seconds_a_place

    def view(self) -> RestView:
        """Return the counts up to now."""
        return RestView(self._requests, self._waiting(), self._limited)

    async def turn(self, urgency: Urgency) -> None:
        """Wait for a place on the timeline."""
        granted = asyncio.get_running_loop().create_future()
        line, server = self._lines[urgency], current_share().server
        line.join(server, granted)
        if not self._is_pumping:
            self._is_pumping = True
            self._tasks.start(self._pump(), name="rest-budget")
        try:
            await granted
        except asyncio.CancelledError:
            line.leave(server, granted)
            raise
        self._requests += 1

    async def refused(self, pause_seconds: float, *, for_all: bool) -> None:
        """Note an answer 429.

        Args:
            for_all: It was the limit over all routes: no process should ask for so long.
        """
        self._limited += 1
        if for_all:
            await self._reserve(round(pause_seconds * self._per_second))

    async def aclose(self) -> None:
        """Let nothing through any more."""
        await self._tasks.aclose()
        await self._timeline.aclose()

    async def _pump(self) -> None:
        """Reserve places and hand them out, while anybody waits."""
        begun, places = 0.0, 0
        try:
            while self._waiting():
                now = time.monotonic()
                if places:
                    self._seconds_a_place = max((now - begun) / places, 1 / self._per_second)
                begun, places = now, self._places_needed()
                start = time.monotonic() + await self._reserve(places)
                for number in range(places):
                    await self._until(start + number / self._per_second)
                    self._grant()
        finally:
            self._is_pumping = False
            self._delay = 0.0
            self._seconds_a_place = 1 / self._per_second

    def _waiting(self) -> int:
        return sum(map(len, self._lines.values()))

    def _places_needed(self) -> int:
        """Return how many wait, or will in the next moments if it goes on like this; ten at most."""
        now = time.monotonic()
        expected = sum(now - each < 0.5 for each in self._recent) // 2
        return min(max(self._waiting(), expected), MOST_RESERVED)

    async def _reserve(self, places: int) -> float:
        if time.monotonic() < self._alone_until:
            return await self._spare.reserve(places)
        try:
            async with asyncio.timeout(RESERVE_SECONDS):
                return await self._timeline.reserve(places)
        except Exception as error:  # whatever the database has, requests must go on
            log.warning("Requests to Discord are counted for this process alone (%s)", type(error).__name__)
            self._alone_until = time.monotonic() + ALONE_SECONDS
            return await self._spare.reserve(places)

    async def _until(self, due: float) -> None:
        self._delay = due - time.monotonic()
        if self._delay > 0:
            await asyncio.sleep(self._delay)

    def _grant(self) -> None:
        while self._waiting():
            granted = self._next_line().next()
            if not granted.done():  # else its task was cancelled, and has not run since
                granted.set_result(None)
                self._recent.append(time.monotonic())
                return

    def _next_line(self) -> _Line:
        first_signs = self._lines[Urgency.FIRST_SIGN]
        self._since_first_sign += 1
        if first_signs and self._since_first_sign >= FIRST_SIGN_EVERY:
            self._since_first_sign = 0
            return first_signs
        line = next(line for _, line in sorted(self._lines.items()) if line)
        if line is first_signs:
            self._since_first_sign = 0
        return line


def make_rest_budget(settings: Settings) -> RestBudget:
    """Make the budget that the settings ask for; nothing is opened before it is used."""
    per_second = float(settings.discord.requests_per_second - BURST)
    own = OwnTimeline(per_second)
    if not settings.is_postgres:
        return RestBudget(own, own, per_second)
    shared = SharedTimeline(Database(settings.database_url), per_second)
    return RestBudget(shared, OwnTimeline(per_second * SHARE_WITHOUT_DATABASE), per_second)
