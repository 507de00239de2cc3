"""From the link of a message to the message, if the person who gave the link may read it."""

from __future__ import annotations

import re
from typing import Any

import discord
from services.errors import UserError
from services.permissions import Permission, asker_may

from cogs._rest import retried

_LINK = re.compile(
    r"https?://(?:\w+\.)?discord(?:app)?\.com/channels/(?P<guild>[0-9]+|@me)/(?P<channel>[0-9]{1,20})/(?P<message>[0-9]{1,20})"
)
_GREATEST_ID = 2**63 - 1
_PRIVATE_THREAD = discord.ChannelType.private_thread.value
_THREAD_TYPES = frozenset(
    {discord.ChannelType.news_thread.value, discord.ChannelType.public_thread.value, _PRIVATE_THREAD}
)
_NEEDED = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY


async def find_linked_message(interaction: discord.Interaction[Any], link: str) -> discord.Message:
    """Fetch the linked message.

    Raises:
        UserError: Not a message link, of another server, gone, or not for this person's eyes. The
            last two sound the same, so that nothing is learned about hidden channels.
        BusyError: Discord did not answer.
    """
    guild, channel_id, message_id = place_of(link)
    here = str(interaction.guild_id) if interaction.guild_id else "@me"
    if guild != here:
        raise UserError("link-elsewhere")
    if interaction.guild_id is None and channel_id != interaction.channel_id:
        raise UserError("link-elsewhere")
    client, guild_id, person_id = interaction.client, interaction.guild_id, interaction.user.id

    async def find() -> discord.Message:
        if guild_id is not None and not await may_read(client, guild_id, channel_id, person_id):
            raise UserError("message-not-visible")
        channel = client.get_channel(channel_id) or await client.fetch_channel(channel_id)
        if not isinstance(channel, discord.abc.Messageable):
            raise UserError("message-not-visible")
        return await channel.fetch_message(message_id)

    try:
        return await retried(find)
    except (discord.NotFound, discord.Forbidden):
        raise UserError("message-not-visible") from None


def place_of(link: str) -> tuple[str, int, int]:
    """Return the server (`@me` for none), the channel and the message of a link.

    Raises:
        UserError: It is no link of a message.
    """
    found = _LINK.search(link)
    if found is None:
        raise UserError("link-not-understood")
    channel_id, message_id = int(found["channel"]), int(found["message"])
    if max(channel_id, message_id) > _GREATEST_ID:
        raise UserError("link-not-understood")  # Discord would refuse to look for it.
    return found["guild"], channel_id, message_id


async def may_read(client: discord.Client, guild_id: int, channel_id: int, user_id: int) -> bool:
    """Tell whether a member may read the messages of a channel or thread, asked anew of Discord."""
    http = client.http
    channel: dict[str, Any] = {**await http.get_channel(channel_id)}
    if str(channel.get("guild_id")) != str(guild_id):
        return False
    parent: dict[str, Any] | None = None
    joined = False
    if channel["type"] in _THREAD_TYPES:
        parent = {**await http.get_channel(int(channel["parent_id"]))}
        joined = channel["type"] == _PRIVATE_THREAD and await _has_joined(client, channel_id, user_id)
    guild = await http.get_guild(guild_id)
    member = await http.get_member(guild_id, user_id)
    return _NEEDED in asker_may(guild, channel, member, parent=parent, thread_member=joined)


async def _has_joined(client: discord.Client, thread_id: int, user_id: int) -> bool:
    try:
        await client.http.get_thread_member(thread_id, user_id)
    except discord.NotFound:
        return False
    return True
