"""The event loop of the bot's processes: libuv's where there is one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

try:
    import uvloop
except ImportError:  # Windows
    uvloop = None


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, as the process's only one."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if uvloop else None) as runner:
        runner.run(main)
