"""Edits of one message that keep pace with a running job without flooding Discord."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

from services.tasks import Tasks

T = TypeVar("T")


class LiveEdits(Generic[T]):
    """Shows the newest of many values, at most one edit per interval, and none after the block.

    Leaving the block waits for an edit that is under way, so that it cannot overwrite what is
    posted afterwards.

    Args:
        show: Edits the message. Must not raise.
        interval: Seconds between two edits; the first comes one interval after the start, since
            the message has just been posted.
    """

    def __init__(self, show: Callable[[T], Awaitable[None]], *, interval: float) -> None:
        self._show = show
        self._interval = interval
        self._newest: T | None = None
        self._changed = asyncio.Event()
        self._tasks = Tasks()

    def update(self, value: T) -> None:
        """Have this value shown with the next edit, instead of any older one."""
        self._newest = value
        self._changed.set()

    async def __aenter__(self) -> Self:
        self._running = True
        self._editor = self._tasks.start(self._edit(), name="live-edits")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._running = False
        self._changed.set()
        await self._editor

    async def _edit(self) -> None:
        due = time.monotonic() + self._interval
        while True:
            await self._changed.wait()
            wait = due - time.monotonic()
            while self._running and wait > 0:
                # Woken early only by the end of the block: a newer value just replaces the old one.
                self._changed.clear()
                try:
                    await asyncio.wait_for(self._changed.wait(), wait)
                except TimeoutError:
                    break
                wait = due - time.monotonic()
            if not self._running:
                return
            self._changed.clear()
            value, self._newest = self._newest, None
            if value is not None:
                await self._show(value)
                due = time.monotonic() + self._interval
