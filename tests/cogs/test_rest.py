"""What Discord and the proxies in front of it say of waiting."""

from __future__ import annotations

import time

import aiohttp
import discord.http
import pytest

from cogs._rest import LONGEST_PAUSE_SECONDS, OutOfPatienceError, pace, patience, pause_of, retried
from services.errors import BusyError
from services.rest_budget import OwnTimeline, RestBudget


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0.35", 0.35),
        ("", 1.0),
        ("soon", 1.0),
        ("nan", 1.0),
        ("-3", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Sun, 21 Oct 2125 07:28:00 GMT", LONGEST_PAUSE_SECONDS),
    ],
)
def test_retry_after_is_read_in_all_its_forms(header: str, seconds: float) -> None:
    """Seconds, a date, or nothing that can be read; never for longer than an hour."""
    assert pause_of(header) == pytest.approx(seconds)  # pyright: ignore[reportUnknownMemberType]


async def test_what_would_come_too_late_is_never_asked() -> None:
    """A request that is only worth a short wait ends in line, before anything of it is sent."""
    slow = OwnTimeline(0.01)
    budget = RestBudget(slow, slow, 0.01)
    trace = aiohttp.TraceConfig()
    pace(trace, budget)
    await slow.reserve(10)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        calls: list[float] = []

        async def ask() -> None:
            calls.append(time.monotonic())
            await session.get(f"{discord.http.Route.BASE}/nobody/listens/there")

        with patience(0.05), pytest.raises(OutOfPatienceError):
            await ask()
        with patience(0.05), pytest.raises(BusyError):
            await retried(ask)
    assert len(calls) == 2, "nor is it tried again"
    assert budget.view().requests == 0
    await budget.aclose()
