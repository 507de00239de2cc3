"""From the link of a message to the message, if the person who gave the link may read it."""

from __future__ import annotations

import re
from typing import Any

import discord
from services.errors import UserError
from services.permissions import Permission, asker_may

_LINK = re.compile(
    r"https?://(?:\w+\.)?discord(?:app)?\.com/channels/(?P<guild>\d+|@me)/(?P<channel>\d+)/(?P<message>\d+)"
)
_NEEDED = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY


async def find_linked_message(interaction: discord.Interaction[Any], link: str) -> discord.Message:
    """Fetch the linked message.

    Raises:
        UserError: Not a message link, of another server, gone, or not for this person's eyes. The
            last two sound the same, so that nothing is learned about hidden channels.
    """
    found = _LINK.search(link)
    if found is None:
        raise UserError("link-not-understood")
    here = str(interaction.guild_id) if interaction.guild_id else "@me"
    if found["guild"] != here:
        raise UserError("link-elsewhere")
    channel_id = int(found["channel"])
    try:
        if interaction.guild_id is None:
            if channel_id != interaction.channel_id:
                raise UserError("link-elsewhere")
        elif not await may_read(interaction.client, interaction.guild_id, channel_id, interaction.user.id):
            raise UserError("message-not-visible")
        channel = interaction.client.get_partial_messageable(channel_id, guild_id=interaction.guild_id)
        return await channel.fetch_message(int(found["message"]))
    except (discord.NotFound, discord.Forbidden):
        raise UserError("message-not-visible") from None


async def may_read(client: discord.Client, guild_id: int, channel_id: int, user_id: int) -> bool:
    """Tell whether a member may read a channel's messages, asked anew of Discord."""
    guild = await client.http.get_guild(guild_id)
    member = await client.http.get_member(guild_id, user_id)
    channel = await client.http.get_channel(channel_id)
    if str(channel.get("guild_id")) != str(guild_id):
        return False
    return _NEEDED in asker_may(guild, channel, member)
