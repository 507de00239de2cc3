"""A model server that is away is asked once in a while."""

from __future__ import annotations

import asyncio

import pytest

from services.ai.breakers import Breaker, BreakerLimits
from services.errors import BudgetError, BusyError, DeadlineError, ReplyError

LIMITS = BreakerLimits(failures=3, first_pause=10.0, longest_pause=40.0, patience=0.0)


class Server:
    """Answers through a breaker, or fails; the clock stands until it is moved."""

    def __init__(self, limits: BreakerLimits = LIMITS) -> None:
        self.now = 100.0
        self.breaker = Breaker("vision", limits, now=lambda: self.now)
        self.asked = 0
        self.error: Exception | None = BusyError("model-unreachable")

    async def call(self) -> str:
        """Return how a call ends: `answer`, or the code of an error."""
        try:
            async with self.breaker.guard():
                self.asked += 1
                await asyncio.sleep(0)
                if self.error is not None:
                    raise self.error
        except (BusyError, DeadlineError, ReplyError, BudgetError) as error:
            return error.code
        return "answer"

    async def fail(self, times: int) -> None:
        for _ in range(times):
            await self.call()


async def test_failures_in_a_row_open_it_and_nothing_is_called() -> None:
    """After three the fourth call ends at once, in a sentence of its own."""
    server = Server()
    await server.fail(3)
    assert await server.call() == "model-away"
    assert server.asked == 3
    assert server.breaker.view().state == "open"
    assert server.breaker.view().opened == 1


@pytest.mark.parametrize("answer", [None, ReplyError("model-empty")])
async def test_any_answer_starts_the_count_anew(answer: Exception | None) -> None:
    """A server that says something unusable is there all the same."""
    server = Server()
    await server.fail(2)
    server.error = answer
    await server.call()
    server.error = DeadlineError("model-too-slow")
    await server.fail(2)
    assert server.breaker.view().state == "closed"


async def test_one_probe_closes_it() -> None:
    """After the pause one of many calls goes through, and all go through once it was answered."""
    server = Server()
    await server.fail(3)
    server.now += 10
    assert server.breaker.view().state == "half-open"
    server.error = None
    ends = await asyncio.gather(*(server.call() for _ in range(5)))
    assert sorted(ends) == ["answer"] + ["model-away"] * 4
    assert server.asked == 4
    assert await server.call() == "answer"
    assert server.breaker.view().state == "closed"


async def test_failed_probes_double_the_pause() -> None:
    """10 s, 20 s, 40 s, and no more than that."""
    server = Server()
    await server.fail(3)
    for pause in (10, 20, 40, 40):
        server.now += pause - 1
        assert await server.call() == "model-away"
        server.now += 1
        assert await server.call() == "model-unreachable"
    assert server.asked == 7


async def test_a_short_outage_is_waited_out() -> None:
    """Calls that wait are made as soon as the probe was answered; nobody gets an error."""
    breaker = Breaker("text", BreakerLimits(failures=1, first_pause=0.05, patience=30.0))
    with pytest.raises(BusyError):
        async with breaker.guard():
            raise BusyError("model-busy")

    async def call() -> str:
        async with breaker.guard():
            await asyncio.sleep(0.05)
            return "answer"

    assert await asyncio.gather(*(call() for _ in range(4))) == ["answer"] * 4


async def test_a_probe_that_was_not_made_leaves_the_turn_to_the_next() -> None:
    """Cancelled, or refused for want of money: it says nothing about the server."""
    server = Server()
    await server.fail(3)
    server.now += 10
    probe = asyncio.ensure_future(server.call())
    await asyncio.sleep(0)
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    server.error = BudgetError("budget-total-money")
    assert await server.call() == "budget-total-money"
    server.error = None
    assert await server.call() == "answer"
