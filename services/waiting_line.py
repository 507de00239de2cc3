"""Who may still get in line, and how long the line is: counted in the database, so for all processes.

A job is open from its admission until its outcome stands: in line or running, in any process. The time
until a job begins is an estimate: jobs before it, by the time that the newest jobs took, over the places that
the living processes have; servers take turns.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.domain import JobRequest
from services.errors import BudgetError
from services.settings import QueueSettings
from services.store.database import Database
from services.store.jobs import OPEN_STATES
from services.store.tables import jobs, requests

UNPLACED_SECONDS = 60.0
"""A request that has no job's row so long after its admission failed before it had a place, or waits for its
turn without one, as what was missed does: that only the engine knows."""
OLDEST_SECONDS = 86_400.0
"""Nothing waits for longer than that."""
MOST_UNPLACED = 5_000
CAPACITY_SECONDS = 10.0
"""How long a measured capacity counts as the present one."""
SHORTEST_REFUSAL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Line:
    """Open jobs: in line or running."""

    person: int = 0
    channel: int = 0
    server: int = 0
    total: int = 0
    servers: int = 0
    """Servers (and channels of direct messages) that have any."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much is done at once, and how long a job takes."""

    jobs: int
    """At once, in all processes."""
    server_jobs: int
    """Of them, of one server."""
    job_seconds: float


def seconds_until_turn(line: Line, capacity: Capacity) -> float:
    """Return about how long a new job waits before it begins; 0 when a place is free."""
    own = max(line.server - capacity.server_jobs + 1, 0)
    everyone = max(line.total - capacity.jobs + 1, 0)
    in_turn = min(everyone, (own + 1) * max(line.servers, 1))  # One of each server in each round.
    rounds = max(own / capacity.server_jobs, in_turn / capacity.jobs)
    return rounds * capacity.job_seconds


class WaitingLine:
    """Limits of open jobs for each person, channel and server, and in all.

    Args:
        capacity: Measures what the processes can do at present.
        states: Says how far the engine is with jobs; without those that it does not know.
    """

    def __init__(
        self,
        limits: QueueSettings,
        capacity: Callable[[], Awaitable[Capacity]],
        states: Callable[[Sequence[str]], Awaitable[Mapping[str, str]]],
        *,
        database: Database,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._limits = limits
        self._measure = capacity
        self._states = states
        self._database = database
        self._now = now
        self._capacity: Capacity | None = None
        self._measuring: asyncio.Future[None] | None = None
        self._unplaced: list[str] = []
        self._measured = 0.0

    async def refresh(self) -> Capacity:
        """Measure the capacity, if that was not done a moment ago; before `admit`, which holds a lock."""
        if self._capacity is None or self._now() - self._measured > CAPACITY_SECONDS:
            # Many ask at once, and one answer is enough for all of them, be it an error.
            if self._measuring is None or self._measuring.done():
                self._measuring = asyncio.ensure_future(self._look())
            await asyncio.shield(self._measuring)
        assert self._capacity is not None, "it was measured"
        return self._capacity

    async def _look(self) -> None:
        self._unplaced = await self._find_unplaced()
        self._capacity, self._measured = await self._measure(), self._now()

    async def admit(self, connection: AsyncConnection, request: JobRequest) -> float:
        """Return about how many seconds the job will wait for its turn.

        Args:
            connection: In a transaction that lets one request in at a time.

        Raises:
            BudgetError: Too many are in line already; says when to ask again.
        """
        line = await self._count(connection, request)
        wait = seconds_until_turn(line, self._capacity or await self.refresh())
        limits = self._limits
        for code, waiting, limit in (
            ("queue-person", line.person, limits.person_jobs),
            ("queue-channel", line.channel, limits.channel_jobs),
            ("queue-server", line.server, limits.server_jobs),
            ("queue-total", line.total, limits.total_jobs),
        ):
            if limit and waiting >= limit:
                resumes = self._now() + max(wait, SHORTEST_REFUSAL_SECONDS)
                raise BudgetError(code, count=str(waiting), resumes=str(int(resumes)))
        return wait

    async def _find_unplaced(self) -> list[str]:
        """Return the jobs that have waited without a place for longer than opening one takes."""
        now = self._now()
        # Those that become as old before the next look are found by this one.
        old = now - UNPLACED_SECONDS + CAPACITY_SECONDS
        wanted = (
            sa.select(requests.c.job_id)
            .where(requests.c.admitted.between(now - OLDEST_SECONDS, old), ~_HAS_PLACE)
            .order_by(requests.c.admitted.desc())
            .limit(MOST_UNPLACED)
        )
        async with self._database.read() as connection:
            found = (await connection.scalars(wanted)).all()
        states = await self._states(found)
        return [job_id for job_id, state in states.items() if state in {"queued", "running"}]

    async def _count(self, connection: AsyncConnection, request: JobRequest) -> Line:
        origin = request.origin
        values = {
            "person_id": request.requester_id,
            "channel_id": origin.channel_id,
            "share_id": origin.guild_id or origin.channel_id,
            "since": self._now() - UNPLACED_SECONDS,
            "unplaced": self._unplaced,
        }
        [row] = (await connection.execute(_COUNTS, values)).fetchall()
        return Line(*row)


def _counts() -> sa.Select[int, int, int, int, int]:
    """Count open jobs: of a person, of a channel, of a server, in all, and the servers that have any."""
    placed = sa.select(
        jobs.c.requester_id.label("person"),
        jobs.c.source_channel_id.label("channel"),
        jobs.c.guild_id.label("server"),
    ).where(jobs.c.state.in_(OPEN_STATES))
    is_new = requests.c.admitted > sa.bindparam("since", type_=sa.Float)
    is_unplaced = requests.c.job_id.in_(sa.bindparam("unplaced", expanding=True))
    unplaced = sa.select(requests.c.person_id, requests.c.channel_id, requests.c.guild_id).where(
        sa.or_(is_new, is_unplaced), ~_HAS_PLACE
    )
    found = placed.union_all(unplaced).subquery()
    share = sa.func.coalesce(found.c.server, found.c.channel)
    return sa.select(
        sa.func.count().filter(found.c.person == sa.bindparam("person_id")),
        sa.func.count().filter(found.c.channel == sa.bindparam("channel_id")),
        sa.func.count().filter(share == sa.bindparam("share_id", type_=sa.BigInteger)),
        sa.func.count(),
        sa.func.count(sa.distinct(share)),
    )


_HAS_PLACE = sa.exists().where(jobs.c.id == requests.c.job_id)
_COUNTS = _counts()
"""Built once, asked at each request: building it costs more than answering it."""
