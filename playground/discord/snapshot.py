"""The world as JSON, and back. The bytes of files are kept apart from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from playground.discord.state import (
    Channel,
    File,
    Guild,
    Member,
    Message,
    Payload,
    Role,
    StoredAttachment,
    User,
)
from playground.discord.world import World

VERSION = 1
ReadFile = Callable[[int], bytes]
"""Returns the bytes of an attachment by its id."""


def dump(world: World) -> Payload:
    """Return all that shall survive: everything but interactions and connections, which are short-lived."""
    return {
        "version": VERSION,
        "app": world.app.id,
        "users": [asdict(each) for each in world.users.values()],
        "guilds": [_guild(each) for each in world.guilds.values()],
        "channels": [_channel(each) for each in world.channels.values()],
        "commands": world.commands,
        "guild_commands": {str(number): held for number, held in world.guild_commands.items()},
    }


def load(world: World, kept: Mapping[str, Any], read: ReadFile) -> None:
    """Fill a new world with what was kept.

    Args:
        world: Without guilds, channels and people yet.
        kept: What `dump` returned.
        read: Gives the bytes of each attachment.

    Raises:
        ValueError: It is of another version.
    """
    if kept.get("version") != VERSION:
        raise ValueError(f"a world of version {kept.get('version')} cannot be read")
    del world.users[world.app.id]
    world.app.id = kept["app"]
    for each in kept["users"]:
        user = world.app if each["id"] == world.app.id else User(**each)
        world.users[user.id] = user
    for each in kept["guilds"]:
        guild = _to_guild(world, each)
        world.guilds[guild.id] = guild
    for each in kept["channels"]:
        channel = _to_channel(world, each, read)
        world.channels[channel.id] = channel
        for message in channel.messages.values():
            world.attachments |= {held.id: held for held in message.attachments}
    world.commands = kept["commands"]
    world.guild_commands = {int(number): held for number, held in kept["guild_commands"].items()}


def _guild(guild: Guild) -> Payload:
    shallow = {name: getattr(guild, name) for name in ("id", "name", "owner_id", "premium_tier", "locale")}
    return shallow | {
        "channel_ids": guild.channel_ids,
        "roles": [asdict(each) for each in guild.roles.values()],
        "members": [_member(each) for each in guild.members.values()],
    }


def _member(member: Member) -> Payload:
    names = ("role_ids", "nick", "timed_out_until", "joined_at")
    return {"user": member.user.id} | {name: getattr(member, name) for name in names}


def _to_guild(world: World, kept: Payload) -> Guild:
    roles = [Role(**each) for each in kept["roles"]]
    members = [Member(**(each | {"user": world.users[each["user"]]})) for each in kept["members"]]
    fields: Payload = kept | {
        "roles": {each.id: each for each in roles},
        "members": {each.user.id: each for each in members},
    }
    return Guild(**fields)


def _channel(channel: Channel) -> Payload:
    names = set(Channel.__slots__) - {"recipients", "messages", "members"}
    return {name: getattr(channel, name) for name in sorted(names)} | {
        "recipients": [each.id for each in channel.recipients],
        "members": sorted(channel.members),
        # What one person alone saw is gone when their client starts anew, as in Discord.
        "messages": [_message(each) for each in channel.messages.values() if each.visible_to is None],
    }


def _to_channel(world: World, kept: Payload, read: ReadFile) -> Channel:
    messages = [_to_message(world, each, read) for each in kept["messages"]]
    fields: Payload = kept | {
        "recipients": [world.users[each] for each in kept["recipients"]],
        "members": set(kept["members"]),
        "messages": {each.id: each for each in messages},
    }
    return Channel(**fields)


def _message(message: Message) -> Payload:
    names = set(Message.__slots__) - {"author", "attachments", "forwarded", "pinged", "visible_to"}
    return {name: getattr(message, name) for name in sorted(names)} | {
        "author": message.author.id,
        "attachments": [_attachment(each) for each in message.attachments],
        "forwarded": _message(message.forwarded) if message.forwarded else None,
        "pinged": sorted(message.pinged),
    }


def _to_message(world: World, kept: Payload, read: ReadFile) -> Message:
    forwarded = kept["forwarded"]
    fields: Payload = kept | {
        "author": world.users[kept["author"]],
        "attachments": [_to_attachment(each, read) for each in kept["attachments"]],
        "forwarded": _to_message(world, forwarded, read) if forwarded else None,
        "pinged": set(kept["pinged"]),
        "reactions": [(emoji, user_id) for emoji, user_id in kept["reactions"]],
    }
    return Message(**fields)


def _attachment(held: StoredAttachment) -> Payload:
    file = asdict(replace(held.file, data=b""))
    del file["data"]
    return {
        "id": held.id,
        "channel_id": held.channel_id,
        "alt": held.alt,
        "ephemeral": held.ephemeral,
        "file": file,
    }


def _to_attachment(kept: Payload, read: ReadFile) -> StoredAttachment:
    file = File(**kept["file"], data=read(kept["id"]))
    return StoredAttachment(kept["id"], kept["channel_id"], file, alt=kept["alt"], ephemeral=kept["ephemeral"])
