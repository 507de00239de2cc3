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
