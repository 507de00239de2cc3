"""Limits of the day hold, also when many calls are made at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.budget import Budget
from services.domain import JobRequest, Origin, Spend
from services.errors import BudgetError
from services.settings import BudgetSettings
from services.store.database import Database


def request(number: int = 1, *, person: int = 5, guild: int | None = 7) -> JobRequest:
    return JobRequest(f"describe-{number}", "describe_image", person, Origin(guild, 1, number, True))


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'budget.db'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database]:
    database = Database(database_url)
    await database.migrate()
    yield database
    await database.aclose()


async def test_concurrent_calls_never_pass_a_cap(database: Database) -> None:
    """Of many calls at once just as many are let through as the money allows."""
    budget = Budget(database, BudgetSettings(person_usd=0.10, server_usd=0, total_usd=0))

    async def call(number: int) -> bool:
        try:
            await budget.reserve(request(number), role="vision", model="m", estimate=0.03)
        except BudgetError:
            return False
        return True

    assert sum(await asyncio.gather(*(call(number) for number in range(12)))) == 3


async def test_real_price_replaces_what_was_set_aside(database: Database) -> None:
    """After a call only its real price counts; a released one counts nothing."""
    budget = Budget(database, BudgetSettings(person_usd=0.10, server_usd=0, total_usd=0))
    held = await budget.reserve(request(), role="vision", model="m", estimate=0.09)
    await budget.settle(held, Spend("vision", "m", 1, 0, 1, 0.01))
    free = await budget.reserve(request(), role="vision", model="m", estimate=0.08)
    await budget.release(free)
    await budget.reserve(request(), role="vision", model="m", estimate=0.08)
    assert await budget.spent_by("describe-1") == pytest.approx(0.01)


async def test_refusal_says_when_it_goes_on(database: Database) -> None:
    """The sentence names the next midnight (UTC), and that day everything goes on."""
    now = [datetime(2026, 11, 22, 23, 0, tzinfo=UTC)]
    budget = Budget(database, BudgetSettings(person_requests=1), now=lambda: now[0])
    await budget.admit(request(1))
    with pytest.raises(BudgetError) as error:
        await budget.admit(request(2))
    assert int(error.value.params["resumes"]) == int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
    now[0] = datetime(2026, 11, 23, 0, 1, tzinfo=UTC)
    await budget.admit(request(2))


async def test_one_person_s_limit_leaves_others_alone(database: Database) -> None:
    """Somebody else may go on when one person's budget is used up."""
    budget = Budget(database, BudgetSettings(person_usd=0.05, server_usd=1, total_usd=1))
    await budget.reserve(request(1), role="vision", model="m", estimate=0.05)
    with pytest.raises(BudgetError, match="budget-person-money"):
        await budget.reserve(request(2), role="vision", model="m", estimate=0.01)
    await budget.reserve(request(3, person=6), role="vision", model="m", estimate=0.05)


async def test_replayed_request_is_neither_counted_nor_refused(database: Database) -> None:
    """The event of a job that was let in arrives again: it passes, even when the day is used up by it."""
    budget = Budget(database, BudgetSettings(person_requests=2, person_usd=0.05, server_usd=0, total_usd=0))
    for _ in range(3):
        await budget.admit(request(1))
    await budget.admit(request(2))
    await budget.reserve(request(2), role="vision", model="m", estimate=0.05)
    await budget.admit(request(2))
    with pytest.raises(BudgetError, match="budget-person-requests"):
        await budget.admit(request(3))


async def test_server_and_total_have_limits_of_their_own(database: Database) -> None:
    """People share their server's and the bot's limits; direct messages count for the bot's alone."""
    limits = BudgetSettings(person_usd=0, server_usd=0.05, total_usd=0.08, server_requests=1)
    budget = Budget(database, limits)
    await budget.admit(request(1))
    with pytest.raises(BudgetError, match="budget-server-requests"):
        await budget.admit(request(2, person=6))
    await budget.admit(request(3, guild=None))
    await budget.reserve(request(1), role="vision", model="m", estimate=0.05)
    with pytest.raises(BudgetError, match="budget-server-money"):
        await budget.reserve(request(2, person=6), role="vision", model="m", estimate=0.01)
    await budget.reserve(request(3, guild=None), role="vision", model="m", estimate=0.02)
    with pytest.raises(BudgetError, match="budget-total-money"):
        await budget.reserve(request(4, person=8, guild=9), role="vision", model="m", estimate=0.02)


async def test_unknown_price_is_never_free(database: Database) -> None:
    """A call without a price sets the configured amount aside and keeps it; the job's cost is unknown."""
    limits = BudgetSettings(person_usd=0.02, server_usd=0, total_usd=0, call_usd=0.01)
    budget = Budget(database, limits)
    for _ in range(2):
        held = await budget.reserve(request(), role="vision", model="m", estimate=None)
        await budget.settle(held, Spend("vision", "m", 1, 0, 1, None))
    with pytest.raises(BudgetError, match="budget-person-money"):
        await budget.reserve(request(), role="vision", model="m", estimate=None)
    assert await budget.spent_by("describe-1") is None


async def test_what_a_killed_process_set_aside_stays_counted(database: Database) -> None:
    """A reservation that nobody settles counts until the day ends: the call may have been paid."""
    now = [datetime(2026, 11, 22, 12, 0, tzinfo=UTC)]
    limits = BudgetSettings(person_usd=0.05, server_usd=0, total_usd=0)
    await Budget(database, limits, now=lambda: now[0]).reserve(request(), role="v", model="m", estimate=0.05)
    after_restart = Budget(database, limits, now=lambda: now[0])
    with pytest.raises(BudgetError):
        await after_restart.reserve(request(2), role="v", model="m", estimate=0.01)
    now[0] = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    await after_restart.reserve(request(2), role="v", model="m", estimate=0.05)
