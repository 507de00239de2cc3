"""Follow-ups go back to the media: the answers cannot be in the first description."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image, ImageDraw, ImageFont

from playground.discord import File
from playground.discord.state import Channel, Message
from playground.models import ModelFault
from tests import hearing, reading
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.films import film, slide
from tests.pictures import encoded, photo
from tests.sounds import encoded as encoded_sound
from tests.sounds import speech


@pytest.fixture
async def seeing(town: Town) -> Town:
    """The town, whose models hear real speech and read real writing."""
    town.models.abilities = replace(town.models.abilities, hearing=hearing.hear, reading=reading.read)
    return town


def big_photo(words: str, *, size: int = 46, base: str = "chelsea") -> Image.Image:
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


CODES = ("Amber", "Bramble", "Copper", "Dahlia", "Ember", "Falcon", "Garnet", "Hazel", "Indigo", "Jasper")


async def test_frame_between_the_sampled_ones_is_seen(seeing: Town) -> None:
    """What the first look left out is seen when somebody asks about that moment, and shown with its time."""
    town = seeing
    config = town.folder / "config.toml"
    config.write_text("[limits]\nvideo_frames = 4\n")
    slides = film([(slide("Harbour news", f"Code word {each}"), 3.0) for each in CODES], None)
    async with running_bot(town.local, town.models, town.folder, environment={"ISTHMUS_CONFIG": str(config)}):
        _, thread, messages = await read_post(town, File("news.mp4", slides))
        first = " ".join(each.text for each in messages)
        missed = next(each for each in CODES if each not in first)
        at = f"0:{3 * CODES.index(missed) + 1:02}"
        question = await town.local.post(town.ben, thread, f"Which code word does the video show at {at}?")
        answer = await town.replied(question)
    assert "Code word" in first
    assert f"Code word {missed}" in answer.text
    [shown] = answer.attachments
    assert at in (shown.alt or "")


async def test_words_in_one_part_of_the_sound_are_heard(seeing: Town) -> None:
    """A piece that could not be heard at first is listened to again when somebody asks about it."""
    town = seeing
    async with running_bot(town.local, town.models, town.folder):
        town.models.fail(ModelFault("/audio/transcriptions", "status", status=400, code="bad", times=1))
        _, thread, messages = await read_post(town, File("novel.ogg", encoded_sound(speech())))
        first = " ".join(each.text for each in messages)
        late = "best of times" in first.lower()
        at = "0:38" if late else "0:02"
        question = await town.local.post(town.ben, thread, f"What does the voice say at {at}?")
        answer = await town.replied(question)
    wanted = "superlative" if late else "best of times"
    assert wanted not in first.lower()
    assert wanted in answer.text.lower()
    assert [each.path for each in town.models.calls][-2] == "/v1/audio/transcriptions"
