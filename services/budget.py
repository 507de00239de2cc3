"""Limits of money and count a day, for each person, each server and in all.

Money is set aside before a call and replaced by what the call really cost. What a killed process had
set aside stays counted: the call may well have been paid, and a limit must hold.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.domain import JobRequest, Spend
from services.errors import BudgetError
from services.settings import BudgetSettings
from services.store.database import Database
from services.store.tables import requests, spend
from services.store.upserts import insert_new

_LOCK_KEY = 0x6275646765  # "budget", as the key of a Postgres advisory lock


_SCOPES = ("person", "total", "server")


def _sum_where(whose: sa.ColumnElement[bool]) -> sa.ColumnElement[float]:
    return sa.func.coalesce(sa.func.sum(sa.case((whose, spend.c.counted_usd), else_=0.0)), 0.0)


# Asked before each call, while all other calls wait: one statement, built once.
_COUNTED_TODAY = sa.select(
    _sum_where(spend.c.person_id == sa.bindparam("person", type_=sa.BigInteger)),
    _sum_where(sa.true()),
    _sum_where(spend.c.guild_id == sa.bindparam("server", type_=sa.BigInteger)),
).where(spend.c.day == sa.bindparam("on"))
_RESERVE = spend.insert()


def _now() -> datetime:
    return datetime.now(UTC)


class Budget:
    """Counts requests and money against the limits of the day (UTC)."""

    def __init__(
        self, database: Database, limits: BudgetSettings, *, now: Callable[[], datetime] = _now
    ) -> None:
        self._database = database
        self._limits = limits
        self._now = now

    async def admit(self, request: JobRequest) -> None:
        """Count a request; asking twice for the same job counts once.

        Raises:
            BudgetError: The requests, or the money, of the day are used up.
        """
        day, guild_id = self._today(), request.origin.guild_id
        async with self._database.write() as connection:
            await self._database.lock(connection, _LOCK_KEY)
            counted = sa.select(requests.c.job_id).where(requests.c.job_id == request.job_id)
            if await connection.scalar(counted) is not None:
                return  # An event that arrives twice must not refuse the job that it began.
            await self._check_count(connection, requests.c.person_id == request.requester_id, "person", day)
            if guild_id is not None:
                await self._check_count(connection, requests.c.guild_id == guild_id, "server", day)
            await self._check_money(connection, request, day, 0.0)
            await insert_new(
                connection,
                requests,
                {
                    "job_id": request.job_id,
                    "person_id": request.requester_id,
                    "guild_id": guild_id,
                    "day": day,
                },
            )

    async def reserve(self, request: JobRequest, *, role: str, model: str, estimate: float | None) -> str:
        """Set money aside for one call; return the id of the reservation.

        Args:
            estimate: USD; None (no known price) sets the configured amount aside.

        Raises:
            BudgetError: A limit would be passed.
        """
        amount = self._limits.call_usd if estimate is None else estimate
        day, reservation = self._today(), secrets.token_hex(16)
        row = {
            "id": reservation,
            "job_id": request.job_id,
            "person_id": request.requester_id,
            "guild_id": request.origin.guild_id,
            "role": role,
            "model": model,
            "input_tokens": 0,
            "cached_tokens": 0,
            "output_tokens": 0,
            "usd": None,
            "counted_usd": amount,
            "settled": False,
            "day": day,
        }
        async with self._database.write(flush=False) as connection:
            await self._database.lock(connection, _LOCK_KEY)
            await self._check_money(connection, request, day, amount)
            await connection.execute(_RESERVE, row)
        return reservation

    async def settle(self, reservation: str, cost: Spend) -> None:
        """Replace what was set aside by what the call cost; unpriced calls keep the amount."""
        change = {
            "model": cost.model,
            "input_tokens": cost.input_tokens,
            "cached_tokens": cost.cached_tokens,
            "output_tokens": cost.output_tokens,
            "usd": cost.usd,
            "settled": True,
        }
        if cost.usd is not None:
            change["counted_usd"] = cost.usd
        async with self._database.write(flush=False) as connection:
            await connection.execute(spend.update().where(spend.c.id == reservation).values(change))

    async def release(self, reservation: str) -> None:
        """Give back what was set aside for a call that cost nothing."""
        async with self._database.write(flush=False) as connection:
            await connection.execute(spend.delete().where(spend.c.id == reservation))

    async def spent_by(self, job_id: str) -> float | None:
        """Return what a job has cost so far in USD; None when a call of it had no known price."""
        costs = sa.select(spend.c.usd).where(spend.c.job_id == job_id, spend.c.settled)
        async with self._database.read() as connection:
            amounts = (await connection.scalars(costs)).all()
        return None if None in amounts else sum(amount for amount in amounts if amount)

    async def _check_count(
        self, connection: AsyncConnection, whose: sa.ColumnElement[bool], scope: str, day: date
    ) -> None:
        limit: int = getattr(self._limits, f"{scope}_requests")
        counted = sa.select(sa.func.count()).where(whose, requests.c.day == day)
        if limit and (await connection.scalar(counted) or 0) >= limit:
            self._refuse(f"budget-{scope}-requests", day)

    async def _check_money(
        self, connection: AsyncConnection, request: JobRequest, day: date, amount: float
    ) -> None:
        whose = {"person": request.requester_id, "server": request.origin.guild_id, "on": day}
        counted = (await connection.execute(_COUNTED_TODAY, whose)).one()
        for scope, sum_so_far in zip(_SCOPES, counted, strict=True):
            if scope == "server" and request.origin.guild_id is None:
                continue
            limit: float = getattr(self._limits, f"{scope}_usd")
            if limit and (sum_so_far + amount > limit or sum_so_far >= limit):
                self._refuse(f"budget-{scope}-money", day)

    def _refuse(self, code: str, day: date) -> NoReturn:
        next_day = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
        raise BudgetError(code, resumes=str(int(next_day.timestamp())))

    def _today(self) -> date:
        return self._now().date()
