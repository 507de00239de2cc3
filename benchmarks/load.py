"""Many posts at once, or steady traffic for long: how near to what models and Discord allow.

    ./dev bench load [--posts 500] [--servers 50] [--latency 2.0] [--concurrency 32] [--workers 0]
    ./dev bench load --minutes 30 [--rate 1.0]

The first form posts everything at once and divides the time until the last answer stands by what could not
be faster: the models' time (posts x latency / concurrency) or Discord's (requests made / 50 a second),
whichever is longer. With workers it is done by a fleet on Postgres, which shares the concurrency: the gateway's
process and so many more. The second form posts at a steady rate and says, minute by minute, what the bot's
process holds: memory, files, threads, tasks, rows.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.worlds import (
    Traffic,
    lags,
    picture,
    places,
    rows_of,
    say,
    spread,
    tasks_in,
    use_of,
    without_limits,
)
from playground.discord import LocalDiscord
from playground.models import ScriptedModels
from tests.bots import BotProcess, running_bot
from tests.postgres import PostgresServer, postgres_programs

DISCORD_PER_SECOND = 50
LAG_PERIOD_SECONDS = 5
IDLE_SECONDS = 11


class Load:
    """One bot, and a person who is in many servers with a channel each.

    Args:
        bots: Its processes, that with the gateway first.
    """

    def __init__(
        self,
        local: LocalDiscord,
        models: ScriptedModels,
        bots: Sequence[BotProcess],
        folder: Path,
        servers: int,
    ) -> None:
        self._local = local
        self._models = models
        self._bots = bots
        self._bot = bots[0]
        self._folder = folder
        self._traffic = Traffic(local)
        self._user, self._channels = places(local, servers)

    async def at_once(self, posts: int, *, latency: float, concurrency: int) -> None:
        """Post everything at once and say how long it took."""
        files = [picture(number) for number in range(posts + 1)]
        warm = await self._traffic.post(self._user, self._channels[0], files[-1:])
        await self._traffic.watch([warm], seconds=60)
        resting = use_of(self._bot.pid)
        await asyncio.sleep(IDLE_SECONDS)
        idle, before = lags(self._bot.log)[-1], use_of(self._bot.pid)
        cpu_before = self._cpu_seconds()
        say(f"idle bot: {(before.cpu_seconds - resting.cpu_seconds) / IDLE_SECONDS:.1%} of a processor")
        asked, called = len(self._local.requests), len(self._models.calls)
        begun = time.perf_counter()
        made = [
            await self._traffic.post(self._user, self._channels[number % len(self._channels)], [files[number]])
            for number in range(posts)
        ]
        posted = time.perf_counter() - begun
        lost = await self._traffic.watch(made, seconds=60 + posts)
        total = time.perf_counter() - begun
        after, calls = use_of(self._bot.pid), len(self._models.calls) - called
        requests = self._local.requests[asked:]
        await asyncio.sleep(LAG_PERIOD_SECONDS + 1)
        by_models = calls * latency / concurrency
        by_discord = len(requests) / DISCORD_PER_SECOND
        ratio = total / max(by_models, by_discord)
        say(f"{posts} posts in {len(self._channels)} servers, made within {posted:.1f} s")
        say(f"models' time {by_models:.1f} s ({calls} calls), Discord's {by_discord:.1f} s ({len(requests)})")
        say(f"all answered after {total:.1f} s: ratio {ratio:.2f}; lost {len(lost)}")
        say(f"first sign: {spread([post.seen for post in made if post.seen])}")
        say(f"finished: {spread([post.finished for post in made if post.finished])}")
        say(f"answers 429: {sum(each.status == 429 for each in requests)}")
        cpu = (self._cpu_seconds() - cpu_before) / posts * 1000
        say(f"bot: {cpu:.0f} ms processor a post; {before.memory_mb:.0f} -> {after.memory_mb:.0f} MB")
        loaded = lags(self._bot.log)[-int(total / LAG_PERIOD_SECONDS) - 1 :]
        say(f"event loop lag p99: idle {idle:.1f} ms, loaded {statistics.median(loaded):.1f} ms (median of")
        say(f"periods of {LAG_PERIOD_SECONDS} s), {max(loaded):.1f} ms (worst)")

    def _cpu_seconds(self) -> float:
        return sum(use_of(bot.pid).cpu_seconds for bot in self._bots)

    async def steadily(self, minutes: float, rate: float) -> None:
        """Post at a steady rate; say each minute what the bot holds."""
        begun, number = time.perf_counter(), 0
        rows = rows_of(self._folder / "data")
        for minute in range(round(minutes)):
            while time.perf_counter() - begun < (minute + 1) * 60:
                channel = self._channels[number % len(self._channels)]
                await self._traffic.post(self._user, channel, [picture(number)])
                number += 1
                due = begun + number / rate
                await self._traffic.watch(self._traffic.posts, seconds=due - time.perf_counter())
                await asyncio.sleep(max(due - time.perf_counter(), 0))
            use = use_of(self._bot.pid)
            waiting = sum(post.finished is None for post in self._traffic.posts)
            tasks = tasks_in(self._bot.log)
            say(
                f"minute {minute + 1}: {number} posts, {waiting} under way; {use.memory_mb:.0f} MB, "
                f"{use.files} files, {use.threads} threads, {tasks} tasks"
            )
        lost = await self._traffic.watch(self._traffic.posts, seconds=120)
        times = [each.finished for each in self._traffic.posts if each.finished]
        say(f"lost {len(lost)}; finished: {spread(times)}")
        for name, count in rows_of(self._folder / "data").items():
            if grown := count - rows.get(name, 0):
                say(f"rows {name}: {grown / number:.2f} a post")


async def measure(options: argparse.Namespace) -> None:
    """Start the world, and run one of the two forms."""
    async with LocalDiscord() as local, ScriptedModels(latency=options.latency) as models:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            processes = 1 + options.workers
            share = options.concurrency // processes
            assert share, "each process does one job at a time at least"
            given = without_limits(folder, jobs=share, calls=share)
            given["ISTHMUS_LOOP_LAG_SECONDS"] = str(LAG_PERIOD_SECONDS)
            async with AsyncExitStack() as stack:
                if options.workers:
                    given |= {"ISTHMUS_DATABASE_URL": shared_database(stack), "ISTHMUS_SECRET_KEY": "shared"}
                bots: list[BotProcess] = []
                for number in range(processes):
                    own = folder / str(number)
                    own.mkdir()
                    command = "worker" if number else "run"
                    started = running_bot(local, models, own, command=command, environment=given)
                    bots.append(await stack.enter_async_context(started))
                load = Load(local, models, bots, folder / "0", options.servers)
                if options.minutes:
                    await load.steadily(options.minutes, options.rate)
                else:
                    await load.at_once(options.posts, latency=options.latency, concurrency=share * processes)


def shared_database(stack: AsyncExitStack) -> str:
    """Start a Postgres of our own until the stack is left; return the URL of an empty database."""
    programs = postgres_programs()
    assert programs is not None, "PostgreSQL is not installed"
    return stack.enter_context(PostgresServer(programs)).new_database()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=500)
    parser.add_argument("--servers", type=int, default=50)
    parser.add_argument("--latency", type=float, default=2.0)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--rate", type=float, default=1.0)
    asyncio.run(measure(parser.parse_args()))
