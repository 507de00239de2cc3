"""What was spent: by whom today, by role for one job, and by day once nobody's own calls matter any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.store.database import Database
from services.store.tables import requests, spend, spend_by_day
from services.store.upserts import insert_new

_SERVER = sa.func.coalesce(spend.c.guild_id, sa.literal_column("0"))
_SUMMED = ("calls", "input_tokens", "cached_tokens", "output_tokens", "usd", "counted_usd")


@dataclass(frozen=True, slots=True)
class RoleSpend:
    """What one role has cost a job."""

    role: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    usd: float | None
    """None when a call had no known price."""


@dataclass(frozen=True, slots=True)
class DayUse:
    """What a person has used up of a day's limits."""

    requests: int
    usd: float
    """As the limits count it: with what is set aside for calls that have not ended."""


class SpendingRepository:
    """Reads what was spent, and sums up what is old."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_job(self, job_id: str) -> list[RoleSpend]:
        """Return what a job has cost, by role and model."""
        priced = sa.func.count(spend.c.usd)
        wanted = (
            sa.select(
                spend.c.role,
                spend.c.model,
                sa.func.count(),
                sa.func.sum(spend.c.input_tokens),
                sa.func.sum(spend.c.output_tokens),
                sa.case((priced == sa.func.count(), sa.func.sum(spend.c.usd))),
            )
            .where(spend.c.job_id == job_id, spend.c.settled)
            .group_by(spend.c.role, spend.c.model)
            .order_by(spend.c.role, spend.c.model)
        )
        async with self._database.read() as connection:
            return [RoleSpend(*row) for row in (await connection.execute(wanted)).all()]

    async def of_person(self, person_id: int, day: date) -> DayUse:
        """Return what a person has used up of a day's limits (UTC)."""
        asked = sa.select(sa.func.count()).where(requests.c.person_id == person_id, requests.c.day == day)
        money = sa.select(sa.func.coalesce(sa.func.sum(spend.c.counted_usd), 0.0)).where(
            spend.c.person_id == person_id, spend.c.day == day
        )
        async with self._database.read() as connection:
            return DayUse(await connection.scalar(asked) or 0, await connection.scalar(money) or 0.0)

    async def sum_up(self, before: date) -> int:
        """Put the calls of the oldest day before this one into `spend_by_day`; return how many they were."""
        oldest = sa.select(sa.func.min(spend.c.day)).where(spend.c.day < before)
        async with self._database.write() as connection:
            day = await connection.scalar(oldest)
            if day is None:
                return 0
            summed = (
                sa.select(
                    _SERVER.label("guild_id"),
                    spend.c.role,
                    spend.c.model,
                    sa.func.count().label("calls"),
                    sa.func.sum(spend.c.input_tokens).label("input_tokens"),
                    sa.func.sum(spend.c.cached_tokens).label("cached_tokens"),
                    sa.func.sum(spend.c.output_tokens).label("output_tokens"),
                    sa.func.coalesce(sa.func.sum(spend.c.usd), 0.0).label("usd"),
                    sa.func.sum(spend.c.counted_usd).label("counted_usd"),
                )
                .where(spend.c.day == day)
                .group_by(_SERVER, spend.c.role, spend.c.model)
            )
            for row in (await connection.execute(summed)).mappings().all():
                await add_to_day(connection, {**row, "day": day})
            return (await connection.execute(spend.delete().where(spend.c.day == day))).rowcount


async def add_to_day(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    """Add sums to those of their day, server, role and model."""
    if await insert_new(connection, spend_by_day, row):
        return
    same = [column == row[column.name] for column in spend_by_day.primary_key]
    sums = {name: spend_by_day.c[name] + row[name] for name in _SUMMED}
    await connection.execute(spend_by_day.update().where(*same).values(sums))
