"""Paid work pauses when the account is empty."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from services.ai.breakers import BreakerLimits, Breakers
from services.ai.protocols import Reply
from services.budget import Budget
from services.credit_pause import CreditPause
from services.domain import JobRequest, Origin
from services.errors import BusyError, CreditError
from services.operating.metrics import Metrics
from services.settings import BudgetSettings
from services.store.database import Database
from services.workflows.paid import PaidCalls


async def test_pause_holds_and_the_owner_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Once a call could not be paid nothing is tried; the log says so once, until a call is paid again."""
    told: list[str] = []

    async def tell_owner(code: str) -> None:
        told.append(code)

    pause = CreditPause(tell_owner)
    pause.check()
    with caplog.at_level(logging.CRITICAL):
        await pause.begin(CreditError("no-credit"))
        await pause.begin(CreditError("no-credit"))
        with pytest.raises(CreditError, match="credit-paused"):
            pause.check()
        assert len(caplog.records) == 1
        pause.end()
        pause.check()
        await pause.begin(CreditError("no-credit"))
    assert len(caplog.records) == 2
    assert told == ["no-credit", "no-credit"]


async def test_after_the_pause_one_call_tries_first() -> None:
    """The others wait until it was paid, or for the time that it may take."""
    now = [0.0]

    async def tell_owner(code: str) -> None:
        """Tell nobody."""

    pause = CreditPause(tell_owner, now=lambda: now[0])
    await pause.begin(CreditError("no-credit"))
    now[0] += 301
    pause.check_call()
    with pytest.raises(CreditError):
        pause.check_call()
    now[0] += 31
    pause.check_call()
    pause.end()
    pause.check_call()
    pause.check_call()


async def test_a_pause_says_nothing_of_a_server_that_is_away(tmp_path: Path) -> None:
    """What was not called because paid work is paused closes no breaker."""

    async def tell_owner(code: str) -> None:
        """Tell nobody."""

    async def fail() -> Reply[str]:
        raise BusyError("model-unreachable")

    limits = BreakerLimits(failures=2, first_pause=1e-6)  # The next call is the probe already.
    pause, breakers = CreditPause(tell_owner), Breakers(limits)
    database = Database(f"sqlite:///{tmp_path / 'paid.db'}")
    await database.migrate()
    budget = Budget(database, BudgetSettings())
    paid = PaidCalls(budget=budget, pause=pause, breakers=breakers, metrics=Metrics())
    request = JobRequest("answer-1", "answer_question", 5, Origin(7, 1, 1, thread_allowed=True))

    async def call() -> None:
        await paid.call(request, role="text", model="m", estimate=0.0, make=fail)

    for _ in range(2):
        with pytest.raises(BusyError):
            await call()
    await pause.begin(CreditError("no-credit"))
    with pytest.raises(CreditError):
        await call()
    assert breakers.of("text").view().state == "half-open"
    await database.aclose()
