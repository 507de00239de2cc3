"""Takes the database, Discord and the model server away in the middle of traffic.

    ./dev bench outages [--database 30] [--others 120] [--posts 40]

A bot and a worker share a Postgres. Half of the posts are under way when something goes, the other half
comes while it is away (people go on talking while the bot's connection is down). Once it is back every post
must have one outcome: an answer, or, after an outage of the model server, one sentence. Ends with a table,
and with status 1 if anything was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.conftest import founded
from tests.outages import OUTAGES, coast, suffer
from tests.postgres import PostgresServer, postgres_programs

PATIENCE_SECONDS = 400.0


async def main() -> int:
    """Run all outages and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--database", type=float, default=30.0, help="seconds without the database")
    parser.add_argument("--others", type=float, default=120.0, help="seconds without each of the others")
    parser.add_argument("--posts", type=int, default=40, help="during each outage")
    arguments = parser.parse_args()
    programs = postgres_programs()
    assert programs is not None, "PostgreSQL is not installed"
    is_good = True
    print("| away | s | posts | calls | all ended after, s | wrong |\n|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder, PostgresServer(programs) as server:
        async with founded(Path(folder)) as town, coast(town, server) as there:
            town.models.latency = 2.0
            for outage in OUTAGES:
                seconds = arguments.database if outage.name == "database" else arguments.others
                calls, started = len(town.models.calls), time.monotonic()
                wrongs = await suffer(
                    there, outage, seconds=seconds, posts=arguments.posts, patience=PATIENCE_SECONDS
                )
                for wrong in wrongs:
                    print(f"WRONG: {wrong}", file=sys.stderr)
                after = time.monotonic() - started - seconds
                made = len(town.models.calls) - calls
                counts = (seconds, arguments.posts + 1, made, round(after), len(wrongs))
                print(f"| {outage.name} | " + " | ".join(f"{each:g}" for each in counts) + " |", flush=True)
                is_good = is_good and not wrongs
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
