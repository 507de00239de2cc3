"""`/transcribe`, `/summarize` and their menus, with files, links and threads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from playground.discord import File
from playground.discord.state import Interaction, Message
from tests import hearing
from tests.bots import running_bot
from tests.e2e.conftest import Town, founded
from tests.e2e.refining import told
from tests.films import film, slide
from tests.pictures import encoded as encoded_picture
from tests.pictures import photo
from tests.sounds import RATE, encoded, speech

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def town(quarter: Town) -> Town:
    return quarter


@pytest.fixture
def listening(town: Town) -> Town:
    """The town, whose models hear real speech."""
    town.models.abilities = replace(town.models.abilities, hearing=hearing.hear)
    return town


async def response(town: Town, interaction: Interaction) -> Message:
    """Wait for the public response to a command."""
    return await town.local.wait_for(
        lambda: interaction.response_id and town.channel.messages.get(interaction.response_id)
    )


def text_of(messages: list[Message]) -> str:
    return "\n".join(message.text for message in messages)


async def test_transcribe_listens_to_a_video_only(listening: Town) -> None:
    """`/transcribe` with a video writes its words down and looks at no frame."""
    town = listening
    await town.commands_synced()
    file = File("talk.mp4", film([(slide("Title"), 10.0)], speech("beckett")))
    asked = await town.local.invoke(town.ana, town.channel, "transcribe", {"attachment": file})
    messages = await town.settled(await response(town, asked))

    assert "Ever tried" in text_of(messages)
    assert [call.path for call in town.models.calls] == ["/v1/audio/transcriptions"]


async def test_summarize_sums_up_what_is_short(listening: Town) -> None:
    """`/summarize` with focus, length and part of a recording: one summary of that part alone."""
    town = listening
    await town.commands_synced()
    options = {
        "attachment": File("talk.ogg", encoded(speech())),
        "focus": "what is said about despair?",
        "length": "short",
        "to": "0:05",
    }
    asked = await town.local.invoke(town.ana, town.channel, "summarize", options)
    await town.settled(await response(town, asked))

    heard = [call for call in town.models.calls if call.sounds]
    [summed_up] = [call for call in town.models.calls if not call.sounds]
    assert len(heard) == 1, "only the piece from the part that was asked for"
    assert "what is said about despair?" in summed_up.text
    assert "Length: short" in summed_up.text


async def test_time_that_is_none_is_refused(town: Town) -> None:
    """A time nobody can read gets one sentence, and no job."""
    await town.commands_synced()
    options = {"attachment": File("talk.ogg", encoded(speech("beckett"))), "from": "soon"}
    asked = await town.local.invoke(town.ana, town.channel, "summarize", options)
    await town.local.wait_for(lambda: any("1:23" in each for each in told(town, asked)), what="a sentence")

    assert not town.models.calls


async def test_thread_is_summed_up(town: Town) -> None:
    """`/summarize` in a thread of the bot sums up its readings and what was said there."""
    await town.commands_synced()
    picture = File("sign.png", encoded_picture(photo(marker=31), "PNG"))
    post = await town.local.post(town.ana, town.channel, files=[picture])
    await town.settled(post)
    thread = town.local.thread_of(post)
    assert thread is not None
    await town.local.invoke(town.ana, thread, "summarize", {})
    await town.local.wait_for(
        lambda: any("🧵" in each.text and "###" in each.text for each in town.local.messages(thread)),
        what="a summary",
    )

    assert "MARKER 31" in town.models.calls[-1].text


async def test_menus_read_a_message_with_a_recording(tmp_path: Path) -> None:
    """The menus work on anybody's message; a picture has nothing to be heard."""
    config = tmp_path / "config.toml"
    config.write_text('[listening]\ndefault = "mention"\n')
    environment = {"ISTHMUS_CONFIG": str(config)}
    texts: dict[str, str] = {}

    def heard(_: bytes) -> str:
        return "Ever tried."

    async with (
        founded(tmp_path) as town,
        running_bot(town.local, town.models, tmp_path, environment=environment),
    ):
        town.models.abilities = replace(town.models.abilities, hearing=heard)
        await town.commands_synced()
        for menu, seconds in (("Transcribe", 4), ("Summarize", 3)):
            files = [
                File("note.ogg", encoded(speech("beckett")[: seconds * RATE])),
                File("cat.png", encoded_picture(photo("chelsea", marker=3), "PNG")),
            ]
            post = await town.local.post(town.ben, town.channel, files=files)
            await town.local.use_menu(town.ana, menu, post)
            texts[menu] = text_of(await town.settled(post))

    assert all("Ever tried" in each for each in texts.values())
    assert "nothing to be heard" in texts["Transcribe"]
    assert "nothing to be heard" not in texts["Summarize"]
