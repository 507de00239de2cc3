"""Lets a fifth of all model calls fail, in every way in which model servers fail, under mixed jobs.

    ./dev bench model_faults [--jobs 300] [--share 0.2] [--seed isthmus] [--cap 5.0]

Pictures, albums, voice notes, short videos and follow-ups, ten at a time; during the last tenth of them
nothing is paid any more. Every job must end in one answer or one sentence, and the cap of the day must hold.
Ends with a table, and with status 1 if anything was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.bots import running_bot
from tests.e2e.conftest import founded
from tests.model_troubles import Weather, budgets, mixed_jobs, spent


async def main() -> int:
    """Run the jobs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument("--seed", default="isthmus")
    parser.add_argument("--cap", type=float, default=5.0, help="USD")
    arguments = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = budgets(folder, arguments.cap)
        async with founded(folder) as town:
            weather = Weather(town, arguments.seed, arguments.share)
            async with running_bot(town.local, town.models, folder, environment=environment):
                wrongs = await mixed_jobs(town, arguments.jobs, weather)
            calls, counted = len(town.models.calls), spent(folder / "data")
    if counted > arguments.cap:
        wrongs.append(f"{counted} USD were spent of {arguments.cap}")
    for wrong in wrongs:
        print(f"WRONG: {wrong}", file=sys.stderr)
    print(f"{arguments.jobs} jobs, {calls} calls, {weather.struck.total()} of them failed")
    print(f"{arguments.jobs - len(wrongs)} jobs ended in one answer or one sentence")
    print(f"{counted:.4f} USD were counted, the cap is {arguments.cap:.2f}; {time.monotonic() - started:.0f} s")
    print("| fault | calls |\n|---|---:|")
    for fault, count in weather.struck.most_common():
        print(f"| {fault} | {count} |")
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
