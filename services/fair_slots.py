"""Places for work that many servers share: when all are taken, free ones go round, people before catch-up.

A job's calls and decodings come in bursts (an album is ten at once), so with a plain semaphore one busy server
would stand in front of all others. Here a free place goes to the most urgent that wait, and among those to
the server that holds the fewest; between equals to the one that was served longest ago.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType

from services.domain import JobRequest

PRIORITY_WAITING = 10
"""A person is waiting for it; lower goes first."""
PRIORITY_MISSED = 100
"""It was posted while the bot was away."""


@dataclass(frozen=True, slots=True)
class Share:
    """On whose behalf something is done."""

    server: str = ""
    """What the queue is shared between: a server, or a channel of direct messages."""
    priority: int = PRIORITY_WAITING
    """Lower goes first."""
    arrives: bool = False
    """It is about to be taken on. That and what has begun take turns: jobs begin while a flood arrives."""


_NOBODY = Share()
_current: ContextVar[Share] = ContextVar("share", default=_NOBODY)


def server_of(request: JobRequest) -> str:
    """Return what shares are given to: a server, or a channel of direct messages."""
    return str(request.origin.guild_id or request.origin.channel_id)


def current_share() -> Share:
    """Return on whose behalf this task works."""
    return _current.get()


@contextmanager
def on_behalf_of(share: Share) -> Generator[None]:
    """Do what follows, in this task and those that it starts, on behalf of a server."""
    token = _current.set(share)
    try:
        yield
    finally:
        _current.reset(token)


class FairSlots:
    """A number of places, taken by `async with`; within it the share must stay the same.

    Args:
        places: At once.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._held: Counter[str] = Counter()
        self._waiting: dict[Share, deque[asyncio.Future[None]]] = {}
        self._turn = itertools.count(1)
        self._served: dict[Share, int] = {}
        """The turn in which each share that holds or waits for a place was served last."""

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return sum(map(len, self._waiting.values()))

    async def __aenter__(self) -> None:
        share = _current.get()
        if self._free:
            self._free -= 1
            self._take(share)
            return
        granted = asyncio.get_running_loop().create_future()
        queue = self._waiting.setdefault(share, deque())
        queue.append(granted)
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():  # It was given the place a moment before.
                self._give_back(share.server)
            elif granted in queue:  # else whoever gave a place back has passed it over
                queue.remove(granted)
                self._forget_empty(share)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_back(_current.get().server)

    def _take(self, share: Share) -> None:
        self._held[share.server] += 1
        self._served[share] = next(self._turn)

    def _give_back(self, server: str) -> None:
        self._held[server] -= 1
        if not self._held[server]:
            del self._held[server]
        while self._waiting:
            share = min(self._waiting, key=self._rank)
            granted = self._waiting[share].popleft()
            self._forget_empty(share)
            if not granted.done():  # else it was given up, and its task has not run since
                self._take(share)
                granted.set_result(None)
                return
        self._free += 1
        self._served = {each: turn for each, turn in self._served.items() if each.server in self._held}

    def _rank(self, share: Share) -> tuple[int, int, int]:
        return share.priority, self._held[share.server], self._served.get(share, 0)

    def _forget_empty(self, share: Share) -> None:
        if not self._waiting[share]:
            del self._waiting[share]
