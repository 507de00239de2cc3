"""Limits of open jobs hold over all processes, and say how long the line is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from services.budget import Budget
from services.domain import JobRequest, Origin, Place
from services.errors import BudgetError
from services.settings import BudgetSettings, QueueSettings
from services.store.database import Database
from services.store.jobs import JobRepository, JobResult
from services.waiting_line import Capacity, Line, WaitingLine, seconds_until_turn

CAPACITY = Capacity(jobs=4, server_jobs=2, job_seconds=10.0)


def request(number: int, *, person: int = 5, channel: int = 1, guild: int | None = 7) -> JobRequest:
    return JobRequest(f"describe-{number}", "read_post", person, Origin(guild, channel, number, True))


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Database]:
    sqlite = f"sqlite:///{tmp_path / 'line.db'}"
    database = Database(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    await database.migrate()
    yield database
    await database.aclose()


class Door:
    """What a process lets requests in by."""

    def __init__(self, database: Database, **limits: int) -> None:
        none = {"person_jobs": 0, "channel_jobs": 0, "server_jobs": 0, "total_jobs": 0}
        self._budget = Budget(database, BudgetSettings(person_requests=0, server_requests=0))

        async def capacity() -> Capacity:
            self.measured += 1
            return CAPACITY

        async def states(job_ids: Sequence[str]) -> dict[str, str]:
            return {each: self.engine[each] for each in job_ids if each in self.engine}

        self.measured = 0
        """How often the capacity was measured."""
        self.engine: dict[str, str] = {}
        """How far the engine is with jobs."""
        self.later = 0.0
        """How many seconds have passed since the test began."""
        self._line = WaitingLine(
            QueueSettings(**(none | limits)),
            capacity,
            states,
            database=database,
            now=lambda: time.time() + self.later,
        )
        self.jobs = JobRepository(database)

    async def admit(self, request: JobRequest) -> float | str | None:
        """Return the wait, or the code of the refusal."""
        await self._line.refresh()
        try:
            return await self._budget.admit(request, self._line.admit)
        except BudgetError as error:
            return error.code


@pytest.mark.parametrize(
    ("scope", "others"),
    [
        ("person", {"person": 6}),
        ("channel", {"channel": 2, "person": 6}),
        ("server", {"channel": 2, "person": 6, "guild": 8}),
        ("server", {"channel": 2, "person": 6, "guild": None}),
    ],
)
async def test_each_limit_counts_its_own(database: Database, scope: str, others: dict[str, int | None]) -> None:
    """Of five at once two are let in; whoever shares nothing with them is. One measurement does for all."""
    door = Door(database, **{f"{scope}_jobs": 2})
    ends = await asyncio.gather(*(door.admit(request(number)) for number in range(5)))
    assert [end for end in ends if isinstance(end, str)] == [f"queue-{scope}"] * 3
    assert isinstance(await door.admit(request(9, **others)), float)  # type: ignore[arg-type]
    assert door.measured == 1


async def test_other_processes_and_ended_jobs_count_rightly(database: Database) -> None:
    """What another process let in counts, with a place or without; what has ended, or was stopped, does not."""
    first, second = Door(database, total_jobs=2), Door(database, total_jobs=2)
    for number in (1, 2):
        assert await first.admit(request(number, guild=number)) == 0.0
    await first.jobs.record_place(request(1), Place(1, 11))
    assert await second.admit(request(3)) == "queue-total"
    assert await second.admit(request(1)) is None, "an event that arrives twice is no new request"
    await first.jobs.begin_delivery("describe-1")
    assert await second.admit(request(3)) == "queue-total"
    await first.jobs.finish("describe-1", [11], JobResult.ANSWERED)
    assert await second.admit(request(3)) == 0.0
    await first.jobs.record_place(request(2), Place(2, 12))
    await first.jobs.stop("describe-2")
    assert await second.admit(request(4)) == 0.0


async def test_what_was_missed_counts_until_its_turn(database: Database) -> None:
    """A job without a place counts for as long as the engine has it in line, and not when it has ended so."""
    door = Door(database, total_jobs=1)
    assert await door.admit(request(1)) == 0.0
    door.engine = {"describe-1": "queued"}
    for seconds in (55.0, 65.0, 6_500.0):
        door.later = seconds
        assert await door.admit(request(2)) == "queue-total"
    door.engine = {"describe-1": "running"}
    door.later += 20.0
    assert await door.admit(request(2)) == "queue-total"
    door.engine = {"describe-1": "done"}
    door.later += 20.0
    assert await door.admit(request(2)) == 0.0


async def test_refusal_says_when_to_ask_again(database: Database) -> None:
    """The sentence has the number in line and a time to come."""
    now = [1_000_000.0]

    async def capacity() -> Capacity:
        return CAPACITY

    async def states(_: Sequence[str]) -> dict[str, str]:
        return {}

    limits = QueueSettings(person_jobs=1)
    line = WaitingLine(limits, capacity, states, database=database, now=lambda: now[0])
    budget = Budget(database, BudgetSettings())
    await budget.admit(request(1))
    now[0] = 0.0  # Admissions are young to this clock, whatever the real one says.
    with pytest.raises(BudgetError) as error:
        await budget.admit(request(2), line.admit)
    assert error.value.params == {"count": "1", "resumes": "10"}


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        (Line(), 0.0),
        (Line(server=1, total=3, servers=3), 0.0),
        (Line(server=2, total=2, servers=1), 5.0),  # Until the first of the server's two has ended.
        (Line(server=9, total=9, servers=1), 40.0),
        (Line(server=0, total=40, servers=1), 2.5),  # A flood elsewhere: one turn.
        (Line(server=0, total=400, servers=20), 50.0),  # Twenty busy servers have theirs first.
    ],
)
def test_turns_come_by_what_is_done_at_once(line: Line, seconds: float) -> None:
    """A job waits for its own server's jobs and for a turn of each other server, not for their floods."""
    assert seconds_until_turn(line, CAPACITY) == seconds
