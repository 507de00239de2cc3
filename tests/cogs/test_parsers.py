"""What discord.py cannot read is passed over."""

from __future__ import annotations

import asyncio

import discord
import pytest

from cogs._parsers import pass_over_unreadable_events
from cogs._serving import apply_endpoints
from playground.discord import LocalDiscord
from services.configuration import load_settings


async def test_unreadable_event_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A message without what messages have is logged by its event's name; a READY like that is no session."""
    client = discord.Client(intents=discord.Intents.none())
    pass_over_unreadable_events(client)
    parsers = client._connection.parsers  # pyright: ignore[reportPrivateUsage]
    parsers["MESSAGE_CREATE"]({"id": "1", "application": None})
    assert "MESSAGE_CREATE" in caplog.text
    with pytest.raises(KeyError):
        parsers["READY"]({})


async def test_message_whose_event_cannot_be_read_is_asked_for() -> None:
    """What REST says of it is taken for the event."""
    read: asyncio.Queue[discord.Message] = asyncio.Queue()

    class Listener(discord.Client):
        async def on_message(self, message: discord.Message) -> None:
            read.put_nowait(message)

    async with LocalDiscord() as local:
        guild, ana = local.add_guild("Harbour"), local.add_user("ana")
        local.join(guild, ana)
        post = await local.post(ana, local.add_channel(guild, "open"), "hi")
        apply_endpoints(load_settings({"DISCORD_TOKEN": local.token, "DISCORD_API_URL": local.api_url}))
        async with Listener(intents=discord.Intents.none()) as client:
            pass_over_unreadable_events(client)
            await client.login(local.token)
            parsers = client._connection.parsers  # pyright: ignore[reportPrivateUsage]
            parsers["MESSAGE_CREATE"]({"id": str(post.id), "channel_id": str(post.channel_id), "author": None})
            async with asyncio.timeout(20):
                assert (await read.get()).id == post.id
