"""How many more jobs a minute more workers do, and what happens when one dies and another joins.

    ./dev bench scale_out [--minutes 1.0] [--workers 1 2 4] [--latency 2.0]

Postgres, four jobs at once in each process, one call of `latency` seconds a job. A backlog is kept in line the
whole time; what is counted are the answers of a minute, after some seconds that are not. The first process is
the gateway, which works as well; a command of `--gateway` that does not work leaves all work to the workers.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.worlds import Post, Traffic, picture, places, say, without_limits
from playground.discord import LocalDiscord
from playground.models import ScriptedModels
from tests.bots import BotProcess, running_bot
from tests.postgres import PostgresServer, postgres_programs

SLOTS = 4
SERVERS = 20
BACKLOG = 3
"""Jobs in line for each place."""
SETTLE_SECONDS = 20.0


class Fleet:
    """A gateway and workers on one Postgres, and people who keep all of them busy."""

    def __init__(self, local: LocalDiscord, models: ScriptedModels, folder: Path, url: str) -> None:
        self._local = local
        self._models = models
        self._folder = folder
        self._shared = without_limits(folder, jobs=SLOTS, calls=SLOTS) | {
            "ISTHMUS_DATABASE_URL": url,
            "ISTHMUS_SECRET_KEY": "shared by the fleet",
        }
        self._stack = AsyncExitStack()
        self._started = 0
        self._traffic = Traffic(local)
        self._user, self._channels = places(local, SERVERS)

    async def __aenter__(self) -> Fleet:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def start(self, command: str) -> BotProcess:
        """Start one more process."""
        self._started += 1
        folder = self._folder / str(self._started)
        folder.mkdir()
        bot = running_bot(self._local, self._models, folder, command=command, environment=self._shared)
        return await self._stack.enter_async_context(bot)

    async def rate(self, seconds: float, places_at_once: int) -> float:
        """Keep the line filled for so long; return the answers a minute, the first seconds left out."""
        begun = time.perf_counter()
        counted_from, before = begun + SETTLE_SECONDS, 0
        while (now := time.perf_counter()) < begun + SETTLE_SECONDS + seconds:
            answered = sum(post.finished is not None for post in self._traffic.posts)
            if now < counted_from:
                before = answered
            missing = places_at_once * (1 + BACKLOG) - (len(self._traffic.posts) - answered)
            for _ in range(missing):
                await self._post()
            await self._traffic.watch(self._traffic.posts, seconds=0.3)
        answered = sum(post.finished is not None for post in self._traffic.posts)
        return (answered - before) / (time.perf_counter() - counted_from) * 60

    async def finish(self) -> list[Post]:
        """Wait for all answers; return the posts without one, or with more than one."""
        missing = await self._traffic.watch(self._traffic.posts, seconds=180)
        twice = [post for post in self._traffic.posts if len(self._traffic.cards(post)) > 1]
        return missing + twice

    async def _post(self) -> None:
        number = len(self._traffic.posts)
        await self._traffic.post(self._user, self._channels[number % SERVERS], [picture(number)])


async def measure(options: argparse.Namespace) -> None:
    """Run and print."""
    rates: dict[int, float] = {}
    programs = postgres_programs()
    assert programs is not None, "PostgreSQL is not installed"
    with PostgresServer(programs) as server:
        for workers in [*options.workers, 0]:
            async with LocalDiscord() as local, ScriptedModels(latency=options.latency) as models:
                with tempfile.TemporaryDirectory() as name:
                    async with Fleet(local, models, Path(name), server.new_database()) as fleet:
                        if workers:
                            rates[workers] = await steady(fleet, workers, options)
                        else:
                            await shaken(fleet, options)
    smallest = min(rates)
    for workers, rate in sorted(rates.items()):
        say(f"{workers} workers of {SLOTS}: {rate:.0f} jobs a minute, {rate / rates[smallest]:.2f} times")


async def steady(fleet: Fleet, workers: int, options: argparse.Namespace) -> float:
    """Return the jobs a minute of so many workers."""
    await fleet.start(options.gateway)
    for _ in range(workers - (options.gateway == "run")):
        await fleet.start("worker")
    rate = await fleet.rate(options.minutes * 60, workers * SLOTS)
    wrong = await fleet.finish()
    say(f"{workers} workers: {rate:.0f} jobs a minute; lost or doubled: {len(wrong)}")
    return rate


async def shaken(fleet: Fleet, options: argparse.Namespace) -> None:
    """Kill one of two workers in the middle, and add another."""
    await fleet.start(options.gateway)
    doomed = await fleet.start("worker")
    first = await fleet.rate(options.minutes * 30, 2 * SLOTS)
    await doomed.kill()
    await fleet.start("worker")
    second = await fleet.rate(options.minutes * 30, 2 * SLOTS)
    wrong = await fleet.finish()
    say(f"one killed, one added: {first:.0f}, then {second:.0f} jobs a minute; lost or doubled: {len(wrong)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--latency", type=float, default=2.0)
    parser.add_argument("--gateway", default="run", help="command of the first process")
    asyncio.run(measure(parser.parse_args()))
