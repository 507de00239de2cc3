"""Background tasks that are neither forgotten by the garbage collector nor silent when they fail."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)

AGAIN_SECONDS = 2.0
"""A task that has not ended by then is cancelled once more."""


class Tasks:
    """Keeps a reference to each started task, logs its failure, and cancels all at the end."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, coroutine: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        """Run a coroutine in the background."""
        task = asyncio.create_task(coroutine, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def aclose(self) -> None:
        """Cancel what still runs and wait until it has ended."""
        while running := list(self._running):
            for task in running:
                task.cancel()
            # Libraries turn a cancellation into an error of their own now and then, and what repeats itself
            # for ever goes on after errors.
            await asyncio.wait(running, timeout=AGAIN_SECONDS)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Background task %s failed", task.get_name(), exc_info=error)
