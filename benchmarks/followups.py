"""How many follow-ups are answered right when the bot may look again, against the first description only.

    ./dev bench followups [--seed 7] [--bot looks|first] [--part 1/3]

A check of the plumbing, not of a model: the scripted model server answers only from what it is sent, with real
character recognition, and picks its tools by the words of the question. Asked are the real bot, over loopback,
and the same bot with `tools = false`, which is what a bot does that keeps its first description only. *Right*
means that the wanted word or number stands in the answer; it is never in the question.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from playground.discord import File, LocalDiscord
from playground.discord.state import Channel, Message, User
from playground.models import ModelFault, ScriptedModels, markers
from playground.models.tones import RATE, silence, sing
from tests import reading
from tests.bots import running_bot
from tests.films import film, slide
from tests.pictures import animation, encoded, photo
from tests.sounds import Waves
from tests.sounds import encoded as encoded_sound

PHOTOS = ("astronaut", "chelsea", "coffee", "rocket", "immunohistochemistry")
WORDS = re.findall(
    r"\w+",
    "Amber Bramble Copper Dahlia Ember Falcon Garnet Hazel Indigo Jasper Kelp Lemon Maple Nutmeg Olive Pepper"
    " Quartz Raven Saffron Tulip Umber Velvet Walnut Yarrow Zephyr Acorn Barley Clover Drift Elm Fjord Grove"
    " Heron Ivory Juniper Koala",
)
CONFIG = """
[limits]
video_frames = 6
[models.text]
tools = {tools}
[budgets]
person_usd = 0
server_usd = 0
total_usd = 0
person_requests = 0
server_requests = 0
[prices."gpt-6-luna"]
input = 0.10
cached = 0.01
output = 0.50
as_of = "2026-09-22"
[prices."gpt-transcribe"]
minute = 0.0045
as_of = "2026-11-22"
"""


@dataclass(frozen=True, slots=True)
class Item:
    """A file, and questions about it with the words that their answers hold."""

    file: File
    questions: Sequence[tuple[str, str]]
    unheard: int = 0
    """Pieces of its sound that the first reading fails to hear."""


def picture(number: int, chance: random.Random) -> Item:
    """Return 12 megapixels with a small sign in each corner."""
    image = photo(PHOTOS[number]).resize((4000, 3000), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    questions: list[tuple[str, str]] = []
    for down, top in (("top", 100), ("bottom", 2800)):
        for across, left in (("left", 100), ("right", 3500)):
            code = str(chance.randrange(1000, 10_000))
            draw.rectangle((left, top, left + 400, top + 100), fill="white")
            draw.text((left + 40, top + 20), f"Berth {code}", font=ImageFont.load_default(46), fill="black")
            questions.append((f"What does the small sign in the {down} {across} corner say?", code))
    return Item(File(f"harbour-{number}.jpg", encoded(image, quality=92)), questions)


def video(number: int, chance: random.Random) -> Item:
    """Return a film of twelve slides, three seconds each; twice as many as the first look has frames."""
    words = chance.sample(WORDS, 12)
    shots = [(slide(f"Channel {number}", f"Code word {each}"), 3.0) for each in words]
    asked = sorted(chance.sample(range(12), 6))
    questions = [(f"Which code word does the video show at 0:{3 * at + 1:02}?", words[at]) for at in asked]
    return Item(File(f"film-{number}.mp4", film(shots, None)), questions)


def recording(number: int, chance: random.Random) -> Item:
    """Return 80 seconds of four codes in tones, one after the other; the first reading misses two pieces."""
    codes = [str(chance.randrange(1000, 10_000)) for _ in range(4)]
    waves: list[Waves] = []
    for code in codes:
        part = sing(" ".join([code] * 10))[: 18 * RATE]
        waves += [part, silence(20 - len(part) / RATE)]
    sound = encoded_sound(np.concatenate(waves), rate=RATE)
    times = ("0:06", "0:26", "0:46", "1:06")
    questions = [(f"What is heard at {at}?", " ".join(code)) for at, code in zip(times, codes, strict=True)]
    return Item(File(f"note-{number}.ogg", sound), questions, unheard=2)


def moving(chance: random.Random) -> Item:
    """Return an animation of twenty moments with a number each; the first look sees six."""
    numbers = [chance.randrange(100, 4000) for _ in range(20)]
    frames = [markers.stamp(photo(PHOTOS[at % 5]).resize((400, 400)), each) for at, each in enumerate(numbers)]
    asked = sorted(chance.sample(range(20), 10))
    questions = [(f"Which marker does the animation show at 0:{at:02}?", str(numbers[at])) for at in asked]
    return Item(File("moving.gif", animation(frames, duration=1000)), questions)


def items(seed: int) -> list[Item]:
    """Return the twelve items."""
    chance = random.Random(seed)
    return [
        *(picture(number, chance) for number in range(5)),
        *(video(number, chance) for number in range(3)),
        *(recording(number, chance) for number in range(3)),
        moving(chance),
    ]


class Asking:
    """One bot that has read all items, and is asked about them."""

    def __init__(self, local: LocalDiscord, models: ScriptedModels, user: User, channel: Channel) -> None:
        self._local = local
        self._models = models
        self._user = user
        self._channel = channel

    async def read(self, item: Item) -> Channel:
        """Post an item, wait for its reading and return its thread."""
        if item.unheard:
            fault = ModelFault("/audio/transcriptions", "status", status=400, code="bad", times=item.unheard)
            self._models.fail(fault)
        post = await self._local.post(self._user, self._channel, files=[item.file])

        def finished() -> Channel | None:
            thread = self._local.thread_of(post)
            return thread if thread and self._is_done(self._local.messages(thread)) else None

        return await self._local.wait_for(finished, timeout=300, what=f"the reading of {item.file.name}")

    async def ask(self, item: Item, thread: Channel) -> list[bool]:
        """Ask all questions about an item, one after the other; tell which were answered right."""
        right: list[bool] = []
        for text, wanted in item.questions:
            question = await self._local.post(self._user, thread, text)

            def answer(question: Message = question) -> Message | None:
                for each in self._local.messages(thread):
                    target = (each.reference or {}).get("message_id")
                    if target == str(question.id) and self._is_done([each]):
                        return each
                return None

            said = await self._local.wait_for(answer, timeout=300, what=text)
            right.append(wanted in said.text)
            if wanted not in said.text:
                print(f"  not right: {item.file.name}: {text} ({wanted}): {said.text[:200]!r}", file=sys.stderr)
        return right

    @staticmethod
    def _is_done(messages: Sequence[Message]) -> bool:
        own = [each for each in messages if each.author.bot]
        return bool(own) and not any(":stop:" in each for message in own for each in message.custom_ids())


async def measure(material: Sequence[Item], folder: Path, *, tools: bool) -> None:
    """Run one bot and print a row."""
    config = folder / "config.toml"
    config.write_text(CONFIG.format(tools=str(tools).lower()))
    async with LocalDiscord() as local, ScriptedModels() as models:
        models.abilities = replace(models.abilities, reading=reading.read)
        user, guild = local.add_user("ana"), local.add_guild("Harbour")
        local.join(guild, user)
        asking = Asking(local, models, user, local.add_channel(guild, "photos"))
        async with running_bot(local, models, folder, environment={"ISTHMUS_CONFIG": str(config)}):
            threads = [await asking.read(each) for each in material]
            before, started = len(models.calls), time.perf_counter()
            pairs = zip(material, threads, strict=True)
            answers = await asyncio.gather(*(asking.ask(item, thread) for item, thread in pairs))
            seconds = time.perf_counter() - started
    right = [each for some in answers for each in some]
    calls = len(models.calls) - before
    print(
        f"| {'may look again' if tools else 'first description only'} | {sum(right)} of {len(right)}"
        f" ({sum(right) / len(right):.2f}) | {calls / len(right):.2f} | {spent(folder) / len(right):.6f} USD |"
        f" {seconds:.0f} s |",
        flush=True,
    )


def spent(folder: Path) -> float:
    """Return what the questions cost by the bot's own books, in USD."""
    with contextlib.closing(sqlite3.connect(folder / "data" / "isthmus.db")) as connection:
        (usd,) = connection.execute("SELECT sum(usd) FROM spend WHERE job_id LIKE 'answer-%'").fetchone()
    return float(usd or 0.0)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--bot", choices=("looks", "first"), help="one of the two alone")
    parser.add_argument("--part", default="1/1", help="some of the items, for machines with little time")
    options = parser.parse_args()
    part, parts = map(int, options.part.split("/"))
    material = items(options.seed)[part - 1 :: parts]
    print("| the bot | answered right | model calls a question | spend a question | all questions |")
    print("|---|---|---|---|---|")
    for tools in (True, False):
        if options.bot is None or tools == (options.bot == "looks"):
            with tempfile.TemporaryDirectory() as folder:
                await measure(material, Path(folder), tools=tools)


if __name__ == "__main__":
    asyncio.run(main())
