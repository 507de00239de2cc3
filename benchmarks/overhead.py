"""What the bot adds to the models' own time.

    ./dev bench overhead [--rounds 5] [--latency 2.0]

Posts pictures to the real bot process over loopback, with a scripted model server that takes
`latency` seconds a call, and divides the time from post to finished result by the longest chain of
dependent calls. Also the time to the first sign of life, and the event loop's lag with 20 jobs at
once beside the idle baseline of the same run (a probe inside the bot's process).
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playground.discord import File, LocalDiscord
from playground.discord.state import Channel, Message, User
from playground.models import ScriptedModels
from tests.bots import running_bot
from tests.pictures import encoded, photo

SERVERS = 4
"""So that fair sharing between servers lets 20 jobs run at once."""
NAMES = ("astronaut", "chelsea", "coffee", "rocket")


class Bench:
    """One bot, one person, a channel in each of several servers."""

    def __init__(self, local: LocalDiscord, user: User, channels: Sequence[Channel]) -> None:
        self._local = local
        self._user = user
        self._channels = channels

    async def post(self, count: int, server: int = 0) -> tuple[float, float]:
        """Post an album; return seconds to the first sign of life and to the finished result."""
        names = [NAMES[number % len(NAMES)] for number in range(count)]
        files = [
            File(f"{number}.jpg", encoded(photo(name, marker=number), quality=90))
            for number, name in enumerate(names)
        ]
        started = time.perf_counter()
        post = await self._local.post(self._user, self._channels[server], files=files)
        await self._local.wait_for(lambda: self._cards(post), timeout=120)
        seen = time.perf_counter() - started
        await self._local.wait_for(lambda: self._is_finished(post), timeout=120)
        return seen, time.perf_counter() - started

    def _cards(self, post: Message) -> list[Message]:
        thread = self._local.thread_of(post)
        return self._local.messages(thread) if thread else []

    def _is_finished(self, post: Message) -> bool:
        cards = self._cards(post)
        return bool(cards) and not any(":stop:" in each for card in cards for each in card.custom_ids())


def lag_lines(log: Path) -> list[float]:
    """Return the p99 of each period that the probe wrote, in milliseconds."""
    marks = [line.split("loop lag p99 ")[1] for line in log.read_text().splitlines() if "loop lag p99 " in line]
    return [float(mark.split()[0]) for mark in marks]


async def measure(rounds: int, latency: float) -> None:
    """Run and print."""
    async with LocalDiscord() as local, ScriptedModels(latency=latency) as models:
        ana = local.add_user("ana")
        channels: list[Channel] = []
        for number in range(SERVERS):
            guild = local.add_guild(f"Harbour{number}")
            local.join(guild, ana)
            channels.append(local.add_channel(guild, "photos"))
        bench = Bench(local, ana, channels)
        with tempfile.TemporaryDirectory() as folder:
            given = {"ISTHMUS_LOOP_LAG_SECONDS": "10"}
            async with running_bot(local, models, Path(folder), environment=given) as bot:
                await bench.post(1)  # the first one opens connections
                for count in (1, 10):
                    results = [await bench.post(count) for _ in range(rounds)]
                    seen = statistics.median(each[0] for each in results)
                    total = statistics.median(each[1] for each in results)
                    times = f"first sign {seen:.3f} s, finished {total:.2f} s"
                    say(f"{count:2} pictures: {times}, ratio {total / latency:.3f}")
                await asyncio.sleep(21)
                idle = lag_lines(bot.log)[-1]
                busy = asyncio.ensure_future(asyncio.sleep(20.5))
                jobs = 0
                while not busy.done():
                    await asyncio.gather(*(bench.post(1, number % SERVERS) for number in range(20)))
                    jobs += 20
                await asyncio.sleep(1)
                loaded = max(lag_lines(bot.log)[-2:])
                say(f"event loop lag p99: idle {idle:.1f} ms, 20 jobs at once {loaded:.1f} ms ({jobs} jobs)")


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--latency", type=float, default=2.0)
    options = parser.parse_args()
    asyncio.run(measure(options.rounds, options.latency))
