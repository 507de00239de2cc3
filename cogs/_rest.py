"""REST calls: how they are counted, and retries of those that discord.py gives up on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import discord
import tenacity
from services.errors import BusyError
from services.operating.metrics import Metrics

T = TypeVar("T")


def rest_trace(metrics: Metrics) -> aiohttp.TraceConfig:
    """Return what makes a client report every response; discord.py waits out 429 without a word."""
    trace = aiohttp.TraceConfig()

    async def ended(_session: object, _context: object, event: aiohttp.TraceRequestEndParams) -> None:
        metrics.responded("discord", event.response.status)

    async def failed(_session: object, _context: object, _event: object) -> None:
        metrics.responded("discord", None)

    trace.on_request_end.append(ended)
    trace.on_request_exception.append(failed)
    return trace


def _is_passing(error: BaseException) -> bool:
    """Tell whether discord.py gave up on something that the next try may survive.

    It does not retry 503 and connection resets on Linux by itself; every send carries a nonce, so
    repeating one cannot post twice.
    """
    return isinstance(error, discord.DiscordServerError | aiohttp.ClientError | TimeoutError)


async def retried(call: Callable[[], Awaitable[T]]) -> T:
    """Make a REST call that is safe to repeat; refusals (4xx) are raised as they are.

    Raises:
        BusyError: Discord did not answer in any of the tries.
    """
    tries = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(_is_passing),
        wait=tenacity.wait_random_exponential(multiplier=0.5, max=5),
        stop=tenacity.stop_after_attempt(5),
        reraise=True,
    )

    async def attempt() -> T:
        return await call()

    try:
        return await tries(attempt)
    except (aiohttp.ClientError, TimeoutError, discord.DiscordServerError):
        raise BusyError("discord-away") from None
