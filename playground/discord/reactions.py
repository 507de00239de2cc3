"""Reactions: who reacted with what."""

from __future__ import annotations

from playground.discord.state import Message, Payload, User
from playground.discord.world import World


def add_reaction(world: World, message: Message, user: User, emoji: str) -> None:
    """Let somebody react and tell of it; reacting twice with the same is reacting once."""
    if (emoji, user.id) not in message.reactions:
        message.reactions.append((emoji, user.id))
        world.dispatch("MESSAGE_REACTION_ADD", _event(world, message, user, emoji, added=True))


def remove_reaction(world: World, message: Message, user: User, emoji: str) -> None:
    """Take a reaction back and tell of it."""
    if (emoji, user.id) in message.reactions:
        message.reactions.remove((emoji, user.id))
        world.dispatch("MESSAGE_REACTION_REMOVE", _event(world, message, user, emoji, added=False))


def _event(world: World, message: Message, user: User, emoji: str, *, added: bool) -> Payload:
    event: Payload = {
        "user_id": str(user.id),
        "channel_id": str(message.channel_id),
        "message_id": str(message.id),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    }
    guild = world.guilds.get(world.channels[message.channel_id].guild_id or 0)
    if guild is None:
        return event
    event["guild_id"] = str(guild.id)
    if added:
        event |= {"member": guild.members[user.id].payload(), "message_author_id": str(message.author.id)}
    return event
