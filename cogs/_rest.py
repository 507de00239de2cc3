"""REST calls: counted, paced for all processes together, and retried where discord.py gives up on them."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import TypeVar

import aiohttp
import discord
import discord.http
import tenacity
from services.errors import BusyError
from services.operating.metrics import Metrics
from services.rest_budget import RestBudget, Urgency

T = TypeVar("T")
PATIENCE_SECONDS = 300.0
"""How long a job waits for what it cannot go on without."""

LONGEST_PAUSE_SECONDS = 3600.0
"""No Retry-After counts for more; that of a ban by Cloudflare is as long."""

_urgency: ContextVar[Urgency] = ContextVar("urgency", default=Urgency.USUAL)
_has_turn: ContextVar[list[bool] | None] = ContextVar("has_turn", default=None)
"""Holds something when the next request has had its turn already."""
_UNCOUNTED = ("/interactions/", "/webhooks/")
"""Interactions have no part in the limit over all routes, and three seconds in which to be answered."""


@contextmanager
def urgency(level: Urgency) -> Generator[None]:
    """Make what is asked of Discord within this block as urgent as this."""
    token = _urgency.set(level)
    try:
        yield
    finally:
        _urgency.reset(token)


@asynccontextmanager
async def in_passing(budget: RestBudget, *, seconds: float) -> AsyncGenerator[None]:
    """Ask what is only nice to have: not at all, if it would have to wait for its turn for so long.

    The turn is awaited before discord.py has the request: broken off in there it would use up a part of its
    route's limit, which results need.

    Raises:
        TimeoutError: It would have had to wait.
    """
    async with asyncio.timeout(seconds):
        await budget.turn(Urgency.PROGRESS)
    token = _has_turn.set([True])
    try:
        with urgency(Urgency.PROGRESS):  # for whatever is asked after the first request, such as another try
            yield
    finally:
        _has_turn.reset(token)


def pace(trace: aiohttp.TraceConfig, budget: RestBudget) -> None:
    """Have a client of discord.py that is given this trace ask no faster than the budget allows.

    aiohttp waits for this signal before each request: the first, those after a 429, and those of
    anything in discord.py that makes requests.
    """

    async def before(
        _session: aiohttp.ClientSession, context: SimpleNamespace, request: aiohttp.TraceRequestStartParams
    ) -> None:
        path = str(request.url).removeprefix(discord.http.Route.BASE)
        if path.startswith("/") and not path.startswith(_UNCOUNTED):
            if turn := _has_turn.get():
                turn.pop()
            else:
                await budget.turn(_urgency.get())

    async def after(
        _session: aiohttp.ClientSession, context: SimpleNamespace, request: aiohttp.TraceRequestEndParams
    ) -> None:
        headers = request.response.headers
        if request.response.status == 429:
            is_global = headers.get("X-RateLimit-Scope") == "global" or "X-RateLimit-Global" in headers
            await budget.refused(pause_of(headers.get("Retry-After", "")), for_all=is_global)

    trace.on_request_start.append(before)
    trace.on_request_end.append(after)


def pause_of(retry_after: str) -> float:
    """Return the seconds of a Retry-After header, which proxies may write as a date; 1 when it says nothing."""
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(retry_after).timestamp() - time.time()
        except ValueError:
            return 1.0
    # A clock that is off must not stop the bot for good.
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS) if math.isfinite(seconds) else 1.0


def report(trace: aiohttp.TraceConfig, metrics: Metrics) -> None:
    """Have every response to a client that is given this trace counted: discord.py waits out 429 in silence."""

    async def ended(_session: object, _context: object, event: aiohttp.TraceRequestEndParams) -> None:
        metrics.responded("discord", event.response.status)

    async def failed(_session: object, _context: object, _event: object) -> None:
        metrics.responded("discord", None)

    trace.on_request_end.append(ended)
    trace.on_request_exception.append(failed)


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
