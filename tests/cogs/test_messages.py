"""What may not be seen is not taken for deleted."""

from __future__ import annotations

import discord
import discord.gateway
import discord.http

from cogs._messages import MessageFinder, Standing
from cogs._serving import apply_endpoints
from playground.discord import LocalDiscord
from services.configuration import load_settings
from services.permissions import Permission


async def test_hidden_message_is_not_a_deleted_one() -> None:
    """A channel that is hidden from the bot still holds its messages; a deleted one holds none."""
    async with LocalDiscord() as local:
        guild, ana = local.add_guild("Harbour"), local.add_user("ana")
        local.join(guild, ana)
        channels = [local.add_channel(guild, name) for name in ("open", "hidden", "gone")]
        there, hidden, gone = [await local.post(ana, each, "hi") for each in channels]
        erased = await local.post(ana, channels[0], "oh")
        await local.erase(erased)
        local.deny(channels[1], local.world.app, Permission.VIEW_CHANNEL)
        local.world.delete_channel(channels[2])
        before = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
        apply_endpoints(load_settings(local.environment()))
        try:
            async with discord.Client(intents=discord.Intents.none()) as client:
                await client.login(local.token)
                finder = MessageFinder(client)
                asked = (there, hidden, gone, erased)
                found = [await finder.standing(each.channel_id, each.id) for each in asked]
        finally:
            discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = before
    assert found == [Standing.THERE, Standing.HIDDEN, Standing.DELETED, Standing.DELETED]
