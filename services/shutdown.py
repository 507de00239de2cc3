"""An orderly end when the operator, or the machine, asks for one."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


async def until_signalled(main: Coroutine[Any, Any, None]) -> None:
    """Run until the end, or until SIGTERM or Ctrl-C; what is open is closed by `main` itself."""
    task = asyncio.ensure_future(main)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        log.info("Stopped as asked")
