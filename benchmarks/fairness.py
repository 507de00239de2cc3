"""Whether a flood on one server slows another.

    ./dev bench fairness [--videos 300] [--seconds 20] [--latency 2.0] [--probes 8]

First one picture is posted again and again with nothing else to do. Then server A posts all its videos at
once, and while they are read server B posts a picture every five seconds. What counts is how much longer B
waits for its answer than alone (goal: at most twice as long).
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.worlds import Post, Traffic, picture, places, say, spread, without_limits
from playground.discord import File, LocalDiscord
from playground.models import ScriptedModels
from tests.bots import running_bot
from tests.films import film, slide
from tests.sounds import speech

PAUSE_SECONDS = 5.0
JOBS = 20
CALLS = 32


def videos(count: int, seconds: int) -> list[File]:
    """Return so many different videos of slides with speech; they differ in a box that players pass over."""
    shots = [(slide(f"Slide {each}", "A talk about bridges"), 5.0) for each in range(seconds // 5)]
    data = film(shots, speech())
    marks = (number.to_bytes(8, "big") for number in range(count))
    return [File("talk.mp4", data + (16).to_bytes(4, "big") + b"free" + mark) for mark in marks]


class Servers:
    """A person in two servers: one that is flooded, and one that is quiet."""

    def __init__(self, local: LocalDiscord) -> None:
        self._traffic = Traffic(local)
        self._user, [self._loud, self._quiet] = places(local, 2)
        self._pictures = 0

    async def flood(self, files: Sequence[File]) -> list[Post]:
        """Post many files on the loud server, each by itself."""
        return [await self._traffic.post(self._user, self._loud, [each]) for each in files]

    async def probe(self, times: int, *, pause: float) -> float:
        """Post a picture on the quiet server, so many times; return the median of the seconds it took."""
        taken: list[float] = []
        for _ in range(times):
            self._pictures += 1
            post = await self._traffic.post(self._user, self._quiet, [picture(self._pictures)])
            if await self._traffic.watch([post], seconds=300):
                raise AssertionError("a picture was not answered")
            taken.append(post.finished or 0.0)
            await asyncio.sleep(pause)
        say(f"  each: {', '.join(f'{each:.2f}' for each in taken)} s")
        return statistics.median(taken)

    async def finish(self, flood: Sequence[Post], *, seconds: float) -> None:
        """Wait for the answers to a flood; say how many are missing."""
        missing = await self._traffic.watch(flood, seconds=seconds)
        say(f"flood: {len(flood) - len(missing)} of {len(flood)} answered")
        say(f"  {spread([each.finished for each in flood if each.finished])}")


async def measure(options: argparse.Namespace) -> None:
    """Run and print."""
    async with LocalDiscord() as local, ScriptedModels(latency=options.latency) as models:
        servers = Servers(local)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            given = without_limits(folder, jobs=JOBS, calls=CALLS)
            async with running_bot(local, models, folder, environment=given):
                await servers.probe(1, pause=1.0)  # the first one opens connections
                alone = await servers.probe(options.probes, pause=0.5)
                flood = await servers.flood(videos(options.videos, options.seconds))
                await asyncio.sleep(PAUSE_SECONDS)
                beside = await servers.probe(options.probes, pause=PAUSE_SECONDS)
                left = sum(post.finished is None for post in flood)
                say(f"picture alone {alone:.2f} s, beside the flood {beside:.2f} s: {beside / alone:.2f} times")
                say(f"of the flood {left} were not answered when the last picture was")
                if options.finish:
                    await servers.finish(flood, seconds=options.finish)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--videos", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=20, help="length of a video")
    parser.add_argument("--latency", type=float, default=2.0)
    parser.add_argument("--probes", type=int, default=8)
    parser.add_argument("--finish", type=float, default=0.0, help="seconds to wait for the whole flood")
    asyncio.run(measure(parser.parse_args()))
