"""What Discord and the proxies in front of it say of waiting."""

from __future__ import annotations

import contextlib

import aiohttp
import discord.http
import pytest

from cogs._rest import LONGEST_PAUSE_SECONDS, in_passing, pace, pause_of
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
    """A request that is only worth a short wait ends in line, before discord.py hears of it."""
    slow = OwnTimeline(0.01)
    budget = RestBudget(slow, slow, 0.01)
    await slow.reserve(10)
    asked = False
    with pytest.raises(TimeoutError):
        async with in_passing(budget, seconds=0.05):
            asked = True
    assert not asked
    assert budget.view().waiting == 0, "nor does it keep its place in line"
    await budget.aclose()


async def test_what_has_had_its_turn_waits_for_no_other() -> None:
    """One turn for the first request; whatever follows, such as another try, waits like all others."""
    quick = OwnTimeline(1000.0)
    budget = RestBudget(quick, quick, 1000.0)
    trace = aiohttp.TraceConfig()
    pace(trace, budget)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:

        async def ask() -> None:
            with contextlib.suppress(aiohttp.ClientError):
                await session.get(f"{discord.http.Route.BASE}/nobody/listens/there")

        async with in_passing(budget, seconds=5.0):
            assert budget.view().requests == 1
            await ask()
            assert budget.view().requests == 1
            await ask()
            assert budget.view().requests == 2
        await ask()
    assert budget.view().requests == 3
    await budget.aclose()
