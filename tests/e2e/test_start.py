"""From the command line to the first answer, and from a stop to the next start."""

from __future__ import annotations

from PIL import Image

from playground.discord import File
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo


async def test_posted_picture_is_described_in_a_thread(town: Town) -> None:
    """A posted photo gets a thread whose one message describes what the model really saw."""
    async with running_bot(town.local, town.models, town.folder, fresh=True):
        exif = Image.Exif()
        exif[0x0112] = 6  # shown turned by 90 degrees clockwise
        exif[0x010E] = "a secret remark"
        turned = photo(marker=1234).rotate(90, expand=True)
        picture = encoded(turned, quality=92, exif=exif)
        post = await town.local.post(town.ana, town.channel, files=[File("holiday.jpg", picture)])

        [answer] = await town.settled(post)

    assert "MARKER 1234" in answer.text, "the model saw it upright"
    assert "512x512" in answer.text
    [call] = town.models.calls
    assert call.body["store"] is False
    assert len(call.body["safety_identifier"]) == 64
    assert not call.sights[0].has_metadata
    assert b"secret remark" not in call.sights[0].data


async def test_follow_up_is_answered_from_the_reading_after_a_restart(town: Town) -> None:
    """A question in the thread is answered from what was read before the bot was restarted."""
    async with running_bot(town.local, town.models, town.folder):
        picture = encoded(photo(marker=321), "PNG")
        post = await town.local.post(town.ana, town.channel, files=[File("sign.png", picture)])
        await town.settled(post)
    thread = town.local.thread_of(post)
    assert thread is not None

    async with running_bot(town.local, town.models, town.folder):
        question = await town.local.post(town.ben, thread, "which MARKER does it show?")
        answer = await town.replied(question)

    assert "MARKER 321" in answer.text
    assert len(town.models.calls) == 2
    assert not town.models.calls[1].sights
    assert town.models.calls[1].body["stream"] is True
