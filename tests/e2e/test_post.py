"""A picture is posted, and its description stands in a thread under it."""

from __future__ import annotations

from playground.discord import File
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo


async def test_posted_picture_is_described_in_a_thread(town: Town) -> None:
    """A posted photo gets a thread whose one message describes what the model really saw."""
    async with running_bot(town.local, town.models, town.folder):
        picture = encoded(photo(marker=1234), quality=92)
        post = await town.local.post(town.ana, town.channel, files=[File("holiday.jpg", picture)])

        [answer] = await town.settled(post)

    assert "MARKER 1234" in answer.text
    assert "512x512" in answer.text
    [call] = town.models.calls
    assert call.body["store"] is False
    assert call.body["model"] == "gpt-6-luna"
    assert not call.sights[0].has_metadata
