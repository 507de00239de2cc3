"""What the offline engine takes and how well it does, on this machine.

    ./dev bench offline [--rounds 3]

Each job runs in a model child as the bot has it (one core, 1.2 GiB). *load* is the first job of its kind in
a fresh child, minus the median of the later ones; *cpu* is the processor time of the child, which tells more
than the clock where other programs run beside it. *peak* is the most resident memory the child had.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from services.ai.offline.model_children import ModelChildren
from services.ai.offline.moderation import OfflineModerator
from services.ai.offline.transcription import OfflineTranscription
from services.ai.offline.vision import OfflineVision
from services.ai.protocols import Picture, Sound
from services.settings import EngineSettings
from tests.pictures import photo
from tests.services.ai.offline.errors_of import edits, words
from tests.services.ai.offline.recordings import SPEECH, speech, wav
from tests.services.ai.offline.test_vision import SLIDE, picture, slide

SECONDS = 600.0
TICKS = os.sysconf("SC_CLK_TCK")

Job = Callable[[ModelChildren], Awaitable[object]]


def cpu_seconds(children: ModelChildren) -> float:
    """Return the processor time of the one child, so far."""
    total = 0
    for pid in children.pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def peak_megabytes(children: ModelChildren) -> float:
    """Return the most resident memory that the one child had."""
    status = Path(f"/proc/{next(iter(children.pids))}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


async def measure(name: str, job: Job, rounds: int, unit: float = 1.0, of: str = "job") -> None:
    """Run a job in a fresh child and print a row of the table."""
    engine = EngineSettings()
    children = ModelChildren(children=1, memory_bytes=engine.offline_memory_bytes, idle_seconds=SECONDS)
    walls: list[float] = []
    cpus: list[float] = []
    for _ in range(rounds + 1):
        cpu, started = cpu_seconds(children), time.perf_counter()
        await job(children)
        walls.append(time.perf_counter() - started)
        cpus.append(cpu_seconds(children) - cpu)
    wall, cpu = statistics.median(walls[1:]), statistics.median(cpus[1:])
    load = f"{max(walls[0] - wall, 0):.1f} s ({max(cpus[0] - cpu, 0):.1f} cpu)"
    say(
        f"| {name} | {wall / unit:.2f} | {cpu / unit:.2f} | {of} | {load} | {peak_megabytes(children):.0f} MB |"
    )
    await children.aclose()


async def accuracy() -> None:
    """Print the error rates over the texts that are known."""
    children = ModelChildren(
        children=1, memory_bytes=EngineSettings().offline_memory_bytes, idle_seconds=SECONDS
    )
    wrong = count = 0
    for name, text in SPEECH.items():
        heard = await OfflineTranscription(children, seconds=SECONDS).transcribe(
            wav(speech(name)), context="", language=""
        )
        wrong += edits(words(text), words(heard.value.text))
        count += len(words(text))
    say(f"words wrong: {wrong} of {count} ({100 * wrong / count:.1f} %)")
    right = "\n".join(SLIDE)
    seen = await OfflineVision(children, seconds=SECONDS).describe(
        [picture(slide())], question="", language="en", person=""
    )
    slips = edits([*right], [*seen.value.visible_text])
    say(f"characters wrong: {slips} of {len(right)} ({100 * slips / len(right):.1f} %)")
    await children.aclose()


async def run(rounds: int) -> None:
    """Print everything."""
    say("| job | seconds | cpu seconds | per | load | peak |\n|---|---|---|---|---|---|")
    for name in ("two_cities", "beckett"):
        sound = wav(speech(name))

        async def hear(children: ModelChildren, sound: Sound = sound) -> object:
            return await OfflineTranscription(children, seconds=SECONDS).transcribe(
                sound, context="", language=""
            )

        await measure(f"speech, {sound.seconds:.0f} s", hear, rounds, sound.seconds, "second of sound")
    for name, image in (("photo, 512 × 512", photo("astronaut")), ("slide, 1280 × 720, 6 lines", slide())):
        shown = picture(image)

        async def look(children: ModelChildren, shown: Picture = shown) -> object:
            return await OfflineVision(children, seconds=SECONDS).describe(
                [shown], question="", language="en", person=""
            )

        await measure(name, look, rounds, of="picture")

    async def judge(children: ModelChildren) -> object:
        return await OfflineModerator(children, seconds=SECONDS).judge_picture(picture(photo("astronaut")))

    await measure("nudity score", judge, rounds, of="picture")
    await accuracy()


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(run(parser.parse_args().rounds))
