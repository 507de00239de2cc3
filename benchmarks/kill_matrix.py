"""Kills bots before, in and after every step of every kind of job, on SQLite and on Postgres.

    ./dev bench kill_matrix [--only image] [--database sqlite]

The steps are those that the engine records of a job without faults. On SQLite the bot that dies is started
again; on Postgres two workers share the jobs, and the one that lives goes on. After each death the thread
must be as without it, no progress card may be left, and only model calls that were in flight may have been
made once more. Ends with a table, and with status 1 if anything was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from tests.e2e.conftest import founded
from tests.job_kinds import KINDS, JobKind
from tests.killing import Aftermath, Household, Killer, deaths, quick_fleet
from tests.postgres import PostgresServer, postgres_programs

DATABASES = ("sqlite", "postgres")


@asynccontextmanager
async def killers(kind: JobKind, database: str) -> AsyncGenerator[Killer]:
    """Run a household in a town of its own; yield who kills it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        async with founded(folder) as town:
            commands, environment = ("run",), dict[str, str]()
            if database == "postgres":
                programs = postgres_programs()
                assert programs is not None, "PostgreSQL is not installed"
                server = stack.enter_context(PostgresServer(programs))
                commands, environment = ("run", "worker"), quick_fleet(town, server.new_database())
            async with Household.running(town, *commands, environment=environment) as household:
                yield Killer(town, household, kind)


async def matrix(kind: JobKind, database: str) -> tuple[int, list[Aftermath]]:
    """Let a kind of job die everywhere; return the number of its steps and what each death led to."""
    async with killers(kind, database) as killer:
        clean = await killer.spared()
        aftermaths: list[Aftermath] = []
        for death in deaths(clean):
            aftermaths.append(await killer.killed(clean, death))
            for wrong in aftermaths[-1].wrongs:
                print(f"WRONG: {wrong}", file=sys.stderr)
    return len(clean.steps), aftermaths


def row(name: str, database: str, steps: int, aftermaths: list[Aftermath], seconds: float) -> str:
    """Return a row of the table."""
    good = sum(not each.wrongs for each in aftermaths)
    repeated = sum(each.repeated for each in aftermaths)
    in_flight = sum(each.in_flight for each in aftermaths)
    counts = (steps, len(aftermaths), good, in_flight, repeated, round(seconds))
    return f"| {name} | {database} | " + " | ".join(map(str, counts)) + " |"


async def main() -> int:
    """Run the matrix and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=KINDS, action="append", help="only these kinds of jobs")
    parser.add_argument("--database", choices=DATABASES, action="append", help="only these databases")
    arguments = parser.parse_args()
    is_good = True
    print("| job | database | steps | deaths | exactly once | calls in flight | of them repeated | s |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for database in arguments.database or DATABASES:
        for name in arguments.only or KINDS:
            started = time.monotonic()
            steps, aftermaths = await matrix(KINDS[name], database)
            print(row(name, database, steps, aftermaths, time.monotonic() - started), flush=True)
            is_good = is_good and not any(each.wrongs for each in aftermaths)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
