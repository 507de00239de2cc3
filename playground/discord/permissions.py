"""Who may do what where, by Discord's own rules, from the local state.

Source: "Permissions" and "Threads" in Discord's developer documentation. Deliberately not the
bot's own function: a world that shares the bot's mistakes would hide them.
"""

from __future__ import annotations

import time
from datetime import datetime
from enum import IntFlag

from playground.discord.state import Channel, Guild, Member, User
from playground.discord.state.kinds import PRIVATE_THREAD, SPOKEN


class Permission(IntFlag):
    """Discord's permission bits."""

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    CHANGE_NICKNAME = 1 << 26
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    SEND_VOICE_MESSAGES = 1 << 46
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


ALL = Permission((1 << 53) - 1)
NONE = Permission(0)
EVERYONE = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MENTION_EVERYONE
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CONNECT
    | Permission.SPEAK
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.SEND_VOICE_MESSAGES
    | Permission.USE_EXTERNAL_APPS
)
"""What everybody may do in a new guild."""
_IN_DIRECT_MESSAGES = EVERYONE | Permission.PIN_MESSAGES
_WHILE_TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
_NEED_SENDING = (
    Permission.MENTION_EVERYONE
    | Permission.SEND_TTS_MESSAGES
    | Permission.ATTACH_FILES
    | Permission.EMBED_LINKS
    | Permission.SEND_VOICE_MESSAGES
)


def rights_in_direct(user: User, channel: Channel) -> Permission:
    """Return what somebody may do in direct messages: everything usual, or nothing."""
    return _IN_DIRECT_MESSAGES if user.bot or user in channel.recipients else NONE


def rights_in_guild(guild: Guild, member: Member) -> Permission:
    """Return what somebody may do in a guild, before any channel has its say."""
    if member.user.id == guild.owner_id:
        return ALL
    rights = NONE
    for role_id in (guild.id, *member.role_ids):
        if (role := guild.roles.get(role_id)) is not None:
            rights |= Permission(role.permissions)
    return ALL if Permission.ADMINISTRATOR in rights else rights


def rights_in_channel(guild: Guild, channel: Channel, parent: Channel | None, member: Member) -> Permission:
    """Return what somebody may do in a channel or thread.

    Args:
        guild: Where the channel is.
        channel: The channel or thread.
        parent: The channel that a thread belongs to; threads have its overwrites.
        member: Who.
    """
    base = rights_in_guild(guild, member)
    if base == ALL:
        return ALL
    holder = parent if channel.is_thread else channel
    if holder is None:
        return NONE
    rights = _overwritten(base, holder, guild.id, member)
    if not _can_enter(rights, channel, holder, member):
        return NONE
    sends = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    if sends not in rights:
        rights &= ~_NEED_SENDING
    return rights & _WHILE_TIMED_OUT if _is_timed_out(member) else rights


def _overwritten(base: Permission, channel: Channel, everyone_id: int, member: Member) -> Permission:
    """Apply the overwrites in their order: everyone, all roles together, the member."""
    rights = base
    for group in ({everyone_id}, set(member.role_ids), {member.user.id}):
        matching = [each for each in channel.overwrites if int(each["id"]) in group]
        denied = allowed = NONE
        for each in matching:
            denied |= Permission(int(each["deny"]))
            allowed |= Permission(int(each["allow"]))
        rights = (rights & ~denied) | allowed
    return rights


def _can_enter(rights: Permission, channel: Channel, holder: Channel, member: Member) -> bool:
    if Permission.VIEW_CHANNEL not in rights:
        return False
    if holder.type in SPOKEN and Permission.CONNECT not in rights:
        return False
    if channel.type == PRIVATE_THREAD:
        return member.user.id in channel.members or Permission.MANAGE_THREADS in rights
    return True


def _is_timed_out(member: Member) -> bool:
    until = member.timed_out_until
    return until is not None and datetime.fromisoformat(until).timestamp() > time.time()
