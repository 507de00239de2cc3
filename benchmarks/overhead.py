"""What the bot adds to the models' own time.

    ./dev bench overhead [--rounds 5] [--latency 2.0]

Posts pictures, a voice note of a minute and a video of two minutes to the real bot process over
loopback, with a scripted model server that takes `latency` seconds a call, and divides the time from
post to finished result by the longest chain of dependent calls (plus, for recordings, what decoding
takes in the same run: a recording is heard and watched, then summed up, which is a chain of two).
Also the time to the first sign of life, and the event loop's lag with 20 jobs at once beside the idle
baseline of the same run (a probe inside the bot's process).
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from playground.discord import File, LocalDiscord
from playground.discord.state import Channel, Message, User
from playground.models import ScriptedModels
from services.container import DECODERS
from services.media.cache import MediaCache
from services.media.fetch import Fetched
from services.media.sandbox import Sandbox
from services.media.sound_reader import SoundReader
from services.media.video_reader import VideoReader
from tests.bots import running_bot
from tests.films import film, slide
from tests.pictures import encoded, photo
from tests.sounds import encoded as encoded_sound
from tests.sounds import silence, speech

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
        return await self.post_files(
            [
                File(f"{number}.jpg", encoded(photo(name, marker=number), quality=90))
                for number, name in enumerate(names)
            ],
            server,
        )

    async def post_files(self, files: Sequence[File], server: int = 0) -> tuple[float, float]:
        """Post files; return seconds to the first sign of life and to the finished result."""
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


def voice_note(number: int) -> File:
    """Return a minute of speech; each number is another file, so that none is known already."""
    waves = np.concatenate([speech(), silence(1.0 + number / 100), speech("beckett"), silence(6.0)])
    return File("voice-message.ogg", encoded_sound(waves))


def video(number: int) -> File:
    """Return two minutes of slides and photos with speech."""
    shots = [(slide(f"Slide {each}", f"Number {number}"), 10.0) for each in range(6)]
    shots += [(photo(name), 15.0) for name in NAMES]
    waves = np.concatenate([speech(), silence(1.0), speech("beckett"), speech(), silence(20.0)])
    return File("talk.mp4", film(shots, waves))


async def decoded(file: File) -> float:
    """Return how long decoding a recording takes by itself, in seconds."""
    sandbox = Sandbox(children=2, memory_bytes=1_610_612_736, wall_seconds=60, preload=DECODERS)
    await sandbox.start()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.bin"
        path.write_bytes(file.data)
        fetched = Fetched(path, len(file.data), hashlib.sha256(file.data).hexdigest(), file.data[:4096])
        cache = MediaCache(Path(folder) / "cache", max_bytes=10**9)
        started = time.perf_counter()
        readers: list[Any] = [SoundReader(sandbox=sandbox, cache=cache).prepare(fetched)]
        if file.name.endswith(".mp4"):
            readers.append(VideoReader(sandbox=sandbox, cache=cache).prepare(fetched))
        await asyncio.gather(*readers)
        taken = time.perf_counter() - started
    await sandbox.aclose()
    return taken


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
                for name, make in (("1-minute voice note", voice_note), ("2-minute video", video)):
                    decoding = statistics.median([await decoded(make(number)) for number in range(rounds)])
                    results = [await bench.post_files([make(rounds + number)]) for number in range(rounds)]
                    total = statistics.median(each[1] for each in results)
                    chain = 2 * latency + decoding
                    times = f"finished {total:.2f} s, of it decoding {decoding:.2f} s"
                    say(f"{name}: {times}, ratio {total / chain:.3f}")
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
