"""Pictures are posted, and what they show stands in a thread under them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playground.discord import File
from tests.bots import running_bot
from tests.e2e.conftest import Town, founded
from tests.pictures import encoded, photo

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def town(quarter: Town) -> Town:
    return quarter


async def test_every_attachment_of_an_album_has_one_outcome(tmp_path: Path) -> None:
    """Good and bad files together: readings in order, one sentence and reference for each that is not read."""
    files = [
        File("first.png", encoded(photo("chelsea", marker=11), "PNG")),
        File("letter.png", b"Dear diary, this is no picture at all."),
        File("empty.jpg", b""),
        File("broken.jpg", encoded(photo())[:4000]),
        File("last.webp", encoded(photo("coffee", marker=22), "WEBP", quality=90)),
        File("beyond.png", encoded(photo(), "PNG")),
    ]
    config = tmp_path / "config.toml"
    config.write_text("[limits]\nattachments = 5")
    async with founded(tmp_path) as town:
        environment = {"ISTHMUS_CONFIG": str(config)}
        async with running_bot(town.local, town.models, tmp_path, environment=environment) as bot:
            post = await town.local.post(town.ana, town.channel, files=files)
            answer = await town.settled(post)
        assert len(town.models.calls) == 2

    text = "\n".join(message.text for message in answer)
    assert text.index("MARKER 11") < text.index("text file") < text.index("is empty") < text.index("MARKER 22")
    assert "damaged or cut short" in text
    assert "first 5 files" in text
    references = re.findall(r"reference (\w+)", text)
    assert len(references) == 4
    assert all(each in bot.log.read_text() for each in references)


async def test_question_about_an_album_gets_one_common_answer(town: Town) -> None:
    """With several pictures and a question, each reading has the question and one answer compares them."""
    files = [File(f"{n}.png", encoded(photo(marker=n), "PNG")) for n in (7, 8)]
    post = await town.local.post(town.ana, town.channel, "which marker is larger?", files)
    answer = await town.settled(post)

    assert "read 2 blocks" in answer[0].text
    first, second, common = town.models.calls
    assert all("which marker is larger?" in call.text for call in (first, second, common))
    assert not common.sights


async def test_animation_is_seen_as_several_moments(town: Town) -> None:
    """A GIF reaches the model as moments in order, first and last included, each with its time."""
    frames = [Image.fromarray(np.full((120, 200, 3), shade, np.uint8)) for shade in range(0, 250, 25)]
    animation = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=200)
    post = await town.local.post(town.ana, town.channel, files=[File("fade.gif", animation)])
    await town.settled(post)

    [call] = town.models.calls
    assert len(call.sights) == 6
    assert "at 0.00 seconds" in call.text
    assert "at 1.80 seconds" in call.text


async def test_spoilered_picture_stays_a_spoiler(town: Town) -> None:
    """What is made of a spoilered picture is hidden behind a spoiler too."""
    files = [File("end.png", encoded(photo(marker=5), "PNG"), spoiler=True)]
    post = await town.local.post(town.ana, town.channel, files=files)
    [answer] = await town.settled(post)

    holding = [each for each in answer.components if "MARKER 5" in str(each)]
    assert [each["spoiler"] for each in holding] == [True]


async def test_message_to_somebody_else_is_left_alone(town: Town) -> None:
    """In the bot's thread, what mentions somebody else is not answered; the next question is."""
    post = await town.local.post(town.ana, town.channel, files=[File("a.png", encoded(photo(), "PNG"))])
    await town.settled(post)
    thread = town.local.thread_of(post)
    assert thread is not None
    aside = await town.local.post(town.ana, thread, f"<@{town.ben.id}> look at this")
    question = await town.local.post(town.ben, thread, "what is it?")
    await town.replied(question)

    assert not [
        m for m in town.local.messages(thread) if m.reference and m.reference["message_id"] == str(aside.id)
    ]


async def test_files_nobody_asked_about_are_left_alone(town: Town) -> None:
    """An unaddressed document starts nothing; the picture posted after it does."""
    document = await town.local.post(town.ana, town.channel, files=[File("notes.txt", b"hello")])
    post = await town.local.post(town.ana, town.channel, files=[File("a.png", encoded(photo(), "PNG"))])
    await town.settled(post)

    assert town.local.thread_of(document) is None


async def test_question_asked_while_the_reading_is_made_waits_for_it(town: Town) -> None:
    """A follow-up that comes before the first answer is answered from that answer."""
    town.models.latency = 2.0
    picture = File("a.png", encoded(photo(marker=808), "PNG"))
    post = await town.local.post(town.ana, town.channel, files=[picture])
    thread = await town.local.wait_for(lambda: town.local.thread_of(post))
    await town.card_with(post, ":stop:")
    question = await town.local.post(town.ben, thread, "which MARKER is it?")
    answer = await town.replied(question)
    assert "MARKER 808" in answer.text
