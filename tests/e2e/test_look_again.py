"""Follow-ups go back to the media: the answers cannot be in the first description."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image, ImageDraw, ImageFont

from playground.discord import File
from playground.discord.state import Channel, Message
from tests import hearing, reading
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo


@pytest.fixture
async def seeing(town: Town) -> Town:
    """The town, whose models hear real speech and read real writing."""
    town.models.abilities = replace(town.models.abilities, hearing=hearing.hear, reading=reading.read)
    return town


def big_photo(words: str, *, size: int = 22, base: str = "chelsea") -> Image.Image:
    """Return 12 megapixels with a few small words in the bottom right corner."""
    image = photo(base).resize((4000, 3000), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    left, top, right, bottom = draw.textbbox((0, 0), words, font=font)
    width, height = int(right - left) + 40, int(bottom - top) + 40
    draw.rectangle((3900 - width, 2900 - height, 3900, 2900), fill="white")
    draw.text((3920 - width, 2916 - height), words, font=font, fill="black")
    return image


async def read_post(town: Town, *files: File, text: str = "") -> tuple[Message, Channel, list[Message]]:
    """Post files, and wait for their readings; return the post, its thread and what stands in it."""
    post = await town.local.post(town.ana, town.channel, text, files)
    messages = await town.settled(post)
    thread = town.local.thread_of(post)
    assert thread is not None
    return post, thread, messages


async def test_small_words_in_a_corner_are_read(seeing: Town) -> None:
    """What is too small in the first look is read in the crop, and the crop is shown."""
    town = seeing
    picture = File("harbour.jpg", encoded(big_photo("Berth 4719"), quality=92))
    async with running_bot(town.local, town.models, town.folder):
        _, thread, messages = await read_post(town, picture)
        question = await town.local.post(
            town.ben, thread, "What does the small sign in the bottom right corner say?"
        )
        answer = await town.replied(question)
    assert "4719" not in " ".join(each.text for each in messages)
    assert "4719" in answer.text
    [shown] = answer.attachments
    assert "Item 1" in (shown.alt or "")
    assert "50 % to 100 % across" in answer.text
