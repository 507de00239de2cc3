"""Limits of money and count a day, for each person, each server and in all.

Money is set aside before a call and replaced by what the call really cost. What a killed process had
set aside stays counted: the call may well have been paid, and a limit must hold.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
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

Room = Callable[[AsyncConnection, JobRequest], Awaitable[float]]
_LOCK_KEY = 0x6275646765  # "budget", as the key of a Postgres advisory lock


def _requests_of(column: sa.ColumnElement[int], parameter: str) -> sa.ScalarSelect[int]:
    """Count the day's requests of a person or server; 0 for none."""
    today = requests.c.day == sa.bindparam("day", type_=sa.Date)
    counted = sa.select(sa.func.count()).where(today, column == sa.bindparam(parameter, type_=sa.BigInteger))
    return counted.scalar_subquery()


def _spent(*whose: sa.ColumnElement[bool]) -> sa.ScalarSelect[float]:
    """Add up the day's money."""
    today = spend.c.day == sa.bindparam("day", type_=sa.Date)
    total = sa.select(sa.func.coalesce(sa.func.sum(spend.c.counted_usd), 0.0))
    return total.where(today, *whose).scalar_subquery()


_MONEY = sa.select(
    _spent(spend.c.person_id == sa.bindparam("person_id", type_=sa.BigInteger)).label("person_usd"),
    _spent(spend.c.guild_id == sa.bindparam("guild_id", type_=sa.BigInteger)).label("server_usd"),
    _spent().label("total_usd"),
)
"""Built once, asked at each call: building statements costs more than answering them."""
_COUNTED = _MONEY.add_columns(
    sa.exists().where(requests.c.job_id == sa.bindparam("job_id", type_=sa.String)).label("known"),
    _requests_of(requests.c.person_id, "person_id").label("person_requests"),
    _requests_of(requests.c.guild_id, "guild_id").label("server_requests"),
)

_RESERVE = spend.insert()
_RESERVATION = spend.c.id == sa.bindparam("reservation", type_=sa.String)
_RELEASE = spend.delete().where(_RESERVATION)
_SETTLE = spend.update().where(_RESERVATION)


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

    async def admit(self, request: JobRequest, room: Room | None = None) -> float | None:
        """Count a request; asking twice for the same job counts once.

        Args:
            room: Looks, in the same transaction, whether there is room for one more job.

        Returns:
            Seconds until the job's turn, by `room`; None when it was counted before.

        Raises:
            BudgetError: The requests, or the money, of the day are used up; or there is no room.
        """
        day, guild_id = self._today(), request.origin.guild_id
        async with self._database.write(flush=False) as connection:
            await self._database.lock(connection, _LOCK_KEY)
            if await self._check(connection, request, day, amount=0.0, one_more=True):
                return None
            wait = await room(connection, request) if room is not None else 0.0
            await insert_new(
                connection,
                requests,
                {
                    "job_id": request.job_id,
                    "person_id": request.requester_id,
                    "guild_id": guild_id,
                    "channel_id": request.origin.channel_id,
                    "admitted": self._now().timestamp(),
                    "day": day,
                },
            )
        return wait

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
            await self._check(connection, request, day, amount=amount, one_more=False)
            await connection.execute(_RESERVE, row)
        return reservation

    async def settle(self, reservation: str, cost: Spend) -> None:
        """Replace what was set aside by what the call cost; unpriced calls keep the amount."""
        values = {
            "reservation": reservation,
            "model": cost.model,
            "input_tokens": cost.input_tokens,
            "cached_tokens": cost.cached_tokens,
            "output_tokens": cost.output_tokens,
            "usd": cost.usd,
            "settled": True,
        }
        if cost.usd is not None:
            values["counted_usd"] = cost.usd
        async with self._database.write(flush=False, brief=True) as connection:
            await connection.execute(_SETTLE, values)

    async def release(self, reservation: str) -> None:
        """Give back what was set aside for a call that cost nothing."""
        async with self._database.write(flush=False, brief=True) as connection:
            await connection.execute(_RELEASE, {"reservation": reservation})

    async def spent_by(self, job_id: str) -> float | None:
        """Return what a job has cost so far in USD; None when a call of it had no known price."""
        costs = sa.select(spend.c.usd).where(spend.c.job_id == job_id, spend.c.settled)
        async with self._database.read() as connection:
            amounts = (await connection.scalars(costs)).all()
        return None if None in amounts else sum(amount for amount in amounts if amount)

    async def _check(
        self, connection: AsyncConnection, request: JobRequest, day: date, *, amount: float, one_more: bool
    ) -> bool:
        """Hold a request or a call against the limits; tell whether the request was counted before.

        Args:
            amount: USD that would be added.
            one_more: Check the numbers of requests, too.
        """
        values = {
            "job_id": request.job_id,
            "person_id": request.requester_id,
            "guild_id": request.origin.guild_id,
            "day": day,
        }
        [row] = (await connection.execute(_COUNTED if one_more else _MONEY, values)).mappings()
        if one_more and row["known"]:
            return True  # An event that arrives twice must not refuse the job that it began.
        for scope in ("person", "server") if one_more else ():
            limit: int = getattr(self._limits, f"{scope}_requests")
            if limit and row[f"{scope}_requests"] >= limit:
                self._refuse(f"budget-{scope}-requests", day)
        for scope in ("person", "total", "server"):
            most: float = getattr(self._limits, f"{scope}_usd")
            counted: float = row[f"{scope}_usd"]
            if most and (counted + amount > most or counted >= most):
                self._refuse(f"budget-{scope}-money", day)
        return False

    def _refuse(self, code: str, day: date) -> NoReturn:
        next_day = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
        raise BudgetError(code, resumes=str(int(next_day.timestamp())))

    def _today(self) -> date:
        return self._now().date()
