"""An orderly end when the operator, or the machine, asks for one."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


async def until_signalled(main: Coroutine[Any, Any, None]) -> None:
    """Run until the end, or until SIGTERM or Ctrl-C; what is open is closed by `main` itself."""
    task = asyncio.ensure_future(main)
    _on_signals(task.cancel)
    await _ended(task)


async def until_asked(main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run to the end, which SIGTERM or Ctrl-C asks for; a second signal waits for nothing.

    Args:
        main: Is given the event that is set when it shall end.
    """
    stop = asyncio.Event()
    task = asyncio.ensure_future(main(stop))

    def ask() -> None:
        if stop.is_set():
            task.cancel()
        else:
            log.info("Asked to end: nothing new is taken on")
            stop.set()

    _on_signals(ask)
    await _ended(task)


async def unless_stopped(stop: asyncio.Event, work: asyncio.Future[Any]) -> bool:
    """Wait for the end of some work, or for the wish to end; tell whether the work is done.

    Raises:
        Exception: Whatever the work raises.
    """
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
    if not work.done():
        return False
    await work
    return True


def _on_signals(act: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, act)


async def _ended(task: asyncio.Future[None]) -> None:
    try:
        await task
    except asyncio.CancelledError:
        log.info("Stopped as asked")
