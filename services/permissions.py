"""What a member may do in a channel, from Discord's REST payloads alone.

Source: "Permissions" in Discord's developer documentation. Needs no cache and no gateway, so it
answers the same in every role.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import IntFlag
from typing import Any

Payload = Mapping[str, Any]


class Permission(IntFlag):
    """The bits that matter to the bot."""

    ADMINISTRATOR = 1 << 3
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    CONNECT = 1 << 20
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38


ALL = Permission(sum(Permission))
NONE = Permission(0)
_WHILE_TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
_THREAD_TYPES = frozenset({10, 11, 12})
_PRIVATE_THREAD = 12
_VOICE_TYPES = frozenset({2, 13})


def asker_may(
    guild: Payload,
    channel: Payload,
    member: Payload,
    *,
    parent: Payload | None = None,
    thread_member: bool = False,
) -> Permission:
    """Return the permissions of a member in a channel.

    Args:
        guild: With `id`, `owner_id` and `roles`.
        channel: With `type` and, unless it is a thread, `permission_overwrites`.
        member: With `user`, `roles` and perhaps `communication_disabled_until`.
        parent: The channel that a thread belongs to; threads have its overwrites.
        thread_member: The member has joined the (private) thread.
    """
    user_id = str(member["user"]["id"])
    if str(guild["owner_id"]) == user_id:
        return ALL
    role_ids = {str(role) for role in member["roles"]} | {str(guild["id"])}
    base = NONE
    for role in guild["roles"]:
        if str(role["id"]) in role_ids:
            base |= Permission(int(role["permissions"]) & ALL)
    if Permission.ADMINISTRATOR in base:
        return ALL
    is_thread = channel["type"] in _THREAD_TYPES
    holder = parent if is_thread else channel
    if holder is None:
        return NONE
    rights = _overwritten(base, holder.get("permission_overwrites") or (), guild, role_ids, user_id)
    if channel["type"] == _PRIVATE_THREAD and not (thread_member or Permission.MANAGE_THREADS in rights):
        return NONE
    return _implied(rights, holder, member, is_thread=is_thread)


def _overwritten(
    base: Permission,
    overwrites: Sequence[Payload],
    guild: Payload,
    role_ids: set[str],
    user_id: str,
) -> Permission:
    """Apply the overwrites in their order: everyone, all roles together, the member."""
    by_id = {str(each["id"]): each for each in overwrites}
    everyone = str(guild["id"])
    rights = base
    for group in ([everyone], role_ids - {everyone}, [user_id]):
        matching = [by_id[each] for each in group if each in by_id]
        deny = allow = NONE
        for each in matching:
            deny |= Permission(int(each["deny"]) & ALL)
            allow |= Permission(int(each["allow"]) & ALL)
        rights = (rights & ~deny) | allow
    return rights


def _implied(rights: Permission, channel: Payload, member: Payload, *, is_thread: bool) -> Permission:
    """Take away what other missing permissions imply."""
    if Permission.VIEW_CHANNEL not in rights:
        return NONE
    if channel["type"] in _VOICE_TYPES and Permission.CONNECT not in rights:
        return NONE
    sends = Permission.SEND_MESSAGES_IN_THREADS if is_thread else Permission.SEND_MESSAGES
    if sends not in rights:
        rights &= ~(Permission.EMBED_LINKS | Permission.ATTACH_FILES)
    until = member.get("communication_disabled_until")
    if until and datetime.fromisoformat(until) > datetime.now(UTC):
        rights &= _WHILE_TIMED_OUT
    return rights
