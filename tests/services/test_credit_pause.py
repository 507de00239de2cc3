"""Paid work pauses when the account is empty."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.ai.breakers import BreakerLimits, Breakers
from services.ai.protocols import Reply
from services.ai.sent import note_answered, note_sent
from services.budget import Budget
from services.credit_pause import CreditPause
from services.domain import JobRequest, Origin
from services.errors import AccessError, BusyError, CreditError, DeadlineError, ReplyError
from services.operating.metrics import Metrics
from services.settings import BudgetSettings
from services.store.database import Database
from services.store.tables import spend
from services.workflows.paid import PaidCalls

VISION, TEXT, IMAGE = "vision", "text", "image"
ACCOUNTS = {VISION: "one", TEXT: "one", IMAGE: "other"}


async def tell_nobody(notice: str, *, role: str, reason: str) -> None:
    """Tell nobody."""


async def test_pause_holds_and_the_owner_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Once a call could not be paid nothing is tried; the log says so once, until a call is paid again."""
    told: list[str] = []

    async def tell_owner(notice: str, *, role: str, reason: str) -> None:
        told.append(f"{notice} {role} {reason}")

    pause = CreditPause(tell_owner, ACCOUNTS)
    pause.check()
    with caplog.at_level(logging.CRITICAL):
        await pause.begin(VISION, CreditError("no-credit"))
        await pause.begin(VISION, CreditError("no-credit"))
        with pytest.raises(CreditError, match="credit-paused"):
            pause.check()
        assert len(caplog.records) == 1
        pause.end(TEXT)
        pause.check()
        await pause.begin(VISION, CreditError("no-credit"))
    assert len(caplog.records) == 2
    assert told == ["owner-paused vision no-credit"] * 2


async def test_only_roles_of_the_same_account_pause() -> None:
    """Who has another endpoint or key goes on, and what they are paid does not end the pause."""
    pause = CreditPause(tell_nobody, ACCOUNTS)
    await pause.begin(IMAGE, CreditError("no-credit"))
    pause.check()
    pause.check_call(TEXT)
    pause.end(TEXT)
    with pytest.raises(CreditError, match="credit-paused"):
        pause.check_role(IMAGE)
    await pause.begin(TEXT, CreditError("no-credit"))
    with pytest.raises(CreditError, match="credit-paused"):
        pause.check()


async def test_missing_model_stops_its_own_calls_only() -> None:
    """Nothing pauses, and the owner is told once until a call of the role works."""
    told: list[str] = []

    async def tell_owner(notice: str, *, role: str, reason: str) -> None:
        told.append(f"{notice} {role} {reason}")

    pause = CreditPause(tell_owner, ACCOUNTS)
    for _ in range(2):
        await pause.close(VISION, AccessError("model-missing"))
        pause.check_call(VISION)
        pause.check_call(TEXT)
    pause.end(TEXT)
    await pause.close(VISION, AccessError("model-missing"))
    assert told == ["owner-role-closed vision model-missing"]
    pause.end(VISION)
    await pause.close(VISION, AccessError("model-missing"))
    assert len(told) == 2


async def test_after_the_pause_one_call_tries_first() -> None:
    """The others wait until it was paid, or for the time that it may take."""
    now = [0.0]

    pause = CreditPause(tell_nobody, ACCOUNTS, now=lambda: now[0])
    await pause.begin(VISION, CreditError("no-credit"))
    now[0] += 301
    pause.check_call(TEXT)
    with pytest.raises(CreditError):
        pause.check_call(TEXT)
    now[0] += 31
    pause.check_call(TEXT)
    pause.end(TEXT)
    pause.check_call(TEXT)
    pause.check_call(TEXT)


async def test_a_pause_says_nothing_of_a_server_that_is_away(tmp_path: Path) -> None:
    """What was not called because paid work is paused closes no breaker."""

    async def fail() -> Reply[str]:
        raise BusyError("model-unreachable")

    limits = BreakerLimits(failures=2, first_pause=1e-6)  # The next call is the probe already.
    pause, breakers = CreditPause(tell_nobody, ACCOUNTS), Breakers(limits)
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
    await pause.begin(VISION, CreditError("no-credit"))
    with pytest.raises(CreditError):
        await call()
    assert breakers.of("text").view().state == "half-open"
    await database.aclose()


@pytest.mark.parametrize(
    ("error", "signs", "stays"),
    [
        (ZeroDivisionError(), "", False),
        (ZeroDivisionError(), "sent", True),
        (ReplyError("model-cut-short"), "sent", True),
        (ReplyError("model-broken-reply"), "sent", True),
        (ReplyError("model-broken-reply"), "", False),
        (ReplyError("model-refused-request"), "sent", False),
        (BusyError("model-busy"), "sent and answered", False),
        (BusyError("model-unreachable"), "sent", False),
        (BusyError("model-unreachable"), "sent and answered", True),
        (DeadlineError("model-too-slow"), "sent", False),
        (DeadlineError("model-too-slow"), "sent and answered", True),
    ],
    ids=str,
)
async def test_what_may_have_been_paid_for_stays_counted(
    tmp_path: Path, error: Exception, signs: str, stays: bool
) -> None:
    """A defect after something was sent, an answer that is no good, or whose rest was lost; no refusal."""

    async def fail() -> Reply[str]:
        if "sent" in signs:
            note_sent()
        if "answered" in signs:
            note_answered()
        raise error

    database = Database(f"sqlite:///{tmp_path / 'paid.db'}")
    await database.migrate()
    budget = Budget(database, BudgetSettings())
    pause = CreditPause(tell_nobody)
    paid = PaidCalls(budget=budget, pause=pause, breakers=Breakers(), metrics=Metrics())
    request = JobRequest("answer-1", "answer_question", 5, Origin(7, 1, 1, thread_allowed=True))
    with pytest.raises(type(error)):
        await paid.call(request, role=TEXT, model="m", estimate=0.25, make=fail)
    async with database.read() as connection:
        counted = (await connection.scalars(sa.select(spend.c.counted_usd))).all()
    assert counted == ([0.25] if stays else [])
    await database.aclose()
