"""Whom a message notifies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from playground.discord.errors import invalid
from playground.discord.forms.checks import one_of, sized, typed
from playground.discord.permissions import Permission
from playground.discord.state import Message
from playground.discord.world import World

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")
EVERYTHING = frozenset({"users", "roles", "everyone"})
USERS_ONLY = frozenset({"users"})


def check_allowed_mentions(allowed: Any) -> Mapping[str, Any] | None:
    """Return what a form says about mentions, or refuse it; None when it says nothing."""
    if allowed is None:
        return None
    found = typed("allowed_mentions", allowed, dict)
    parse = found.get("parse") or []
    for number, each in enumerate(parse):
        one_of(f"allowed_mentions.parse.{number}", each, EVERYTHING)
    for kind in ("users", "roles"):
        sized(f"allowed_mentions.{kind}", found.get(kind) or [], 0, 100)
        if kind in parse and found.get(kind):
            message = f"parse:['{kind}'] and {kind}: [ids...] are mutually exclusive."
            raise invalid("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    return found


def pings(
    world: World,
    message: Message,
    allowed: Mapping[str, Any] | None,
    *,
    default: frozenset[str] = EVERYTHING,
) -> set[str]:
    """Return the ids of the users and roles, and `everyone`, that a message notifies.

    Args:
        world: Where it is posted.
        message: With its text and reference.
        allowed: The form's `allowed_mentions`; None: the defaults hold.
        default: What is parsed by default.
    """
    rules: Mapping[str, Any] = {"parse": default, "replied_user": True} if allowed is None else allowed
    parse: frozenset[str] = frozenset(rules.get("parse") or ())
    text = message.text
    users, roles = set(_USER.findall(text)), set(_ROLE.findall(text))
    if "users" not in parse:
        users &= {str(each) for each in rules.get("users") or ()}
    if "roles" not in parse:
        roles &= {str(each) for each in rules.get("roles") or ()}
    pinged = {each for each in users if int(each) in world.users}
    pinged |= _mentionable(world, message, roles)
    if "everyone" in parse and _EVERYONE.search(text) and _may_ping_all(world, message):
        pinged.add("everyone")
    if rules.get("replied_user"):
        pinged |= replied_author(world, message)
    return pinged - {str(message.author.id)}


def replied_author(world: World, message: Message) -> set[str]:
    """Return the author of the message that this one replies to, if there is one."""
    if message.reference is None or message.forwarded is not None:
        return set()
    target = world.channels[message.channel_id].messages.get(int(message.reference["message_id"]))
    return {str(target.author.id)} if target else set()


def _mentionable(world: World, message: Message, roles: set[str]) -> set[str]:
    guild = world.guilds.get(world.channels[message.channel_id].guild_id or 0)
    if guild is None:
        return set()
    known = [role for role in guild.roles.values() if str(role.id) in roles]
    return {str(role.id) for role in known if role.mentionable or _may_ping_all(world, message)}


def _may_ping_all(world: World, message: Message) -> bool:
    channel = world.channels[message.channel_id]
    return Permission.MENTION_EVERYONE in world.permissions(message.author, channel)
