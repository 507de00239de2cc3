"""Retries of REST calls that discord.py gives up on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import discord
import tenacity
from services.errors import BusyError

T = TypeVar("T")
PATIENCE_SECONDS = 300.0
"""How long a job waits for what it cannot go on without."""


def _is_passing(error: BaseException) -> bool:
    """Tell whether discord.py gave up on something that the next try may survive.

    It does not retry 503 and connection resets on Linux by itself; every send carries a nonce, so
    repeating one cannot post twice.
    """
    return isinstance(error, discord.DiscordServerError | aiohttp.ClientError | TimeoutError)


async def retried(call: Callable[[], Awaitable[T]]) -> T:
    """Make a REST call that is safe to repeat; refusals (4xx) are raised as they are.

    A rate limit that discord.py does not sit out by itself is no refusal, and not to be tried again at
    once either: it is that of Cloudflare, which is before a ban, or a very long one.

    Raises:
        BusyError: Discord did not answer in any of the tries, or wants to be left alone.
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
    except (aiohttp.ClientError, TimeoutError, discord.DiscordServerError, discord.RateLimited):
        raise BusyError("discord-away") from None
    except discord.HTTPException as error:
        if error.status == 429:
            raise BusyError("discord-away") from None
        raise


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """As `retried`, for minutes: while Discord is away there is no way to tell anybody so anyway.

    Raises:
        BusyError: It stayed away.
    """
    tries = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception_type(BusyError),
        wait=tenacity.wait_random_exponential(multiplier=1, max=15),
        stop=tenacity.stop_after_delay(PATIENCE_SECONDS),
        reraise=True,
    )

    async def attempt() -> T:
        return await retried(call)

    return await tries(attempt)
