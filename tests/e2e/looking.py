"""What the tests of follow-ups share."""

from __future__ import annotations

from dataclasses import replace

from playground.discord import File
from playground.discord.state import Channel, Message
from tests import hearing, reading
from tests.e2e.conftest import Town

LOOK = "Which MARKER is in the top left corner of picture 1?"


async def read_post(town: Town, *files: File, text: str = "") -> tuple[Message, Channel, list[Message]]:
    """Post files, and wait for their readings; return the post, its thread and what stands in it."""
    post = await town.local.post(town.ana, town.channel, text, files)
    messages = await town.settled(post)
    thread = town.local.thread_of(post)
    assert thread is not None
    return post, thread, messages


def see(town: Town) -> Town:
    """Let the town's models hear real speech and read real writing."""
    town.models.abilities = replace(town.models.abilities, hearing=hearing.hear, reading=reading.read)
    return town
