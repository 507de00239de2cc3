"""Channels and the threads' own settings."""

from __future__ import annotations

import time

from playground.discord.errors import DiscordError, RateLimitError
from playground.discord.forms.checks import one_of, text, typed, within
from playground.discord.permissions import Permission
from playground.discord.rate_limits import RateLimits
from playground.discord.rest.call import Call, Routes
from playground.discord.state import DM, Channel, Message, Payload, snowflake, timestamp
from playground.discord.state.kinds import CATEGORY, POST_PARENTS, RENAMED
from playground.discord.threads import AUTO_ARCHIVE_MINUTES, refuse_too_many
from playground.discord.world import World

_CHANNEL = "/channels/{channel_id}"


def refuse_sending(world: World, channel: Channel, *needed: Permission) -> None:
    """Refuse to send where the bot may not, or nobody can."""
    sends = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    world.need(channel, sends, *needed)
    if channel.type in POST_PARENTS | {CATEGORY}:
        raise DiscordError(400, 50008)
    refuse_locked(world, channel)


def refuse_locked(world: World, channel: Channel) -> None:
    """Refuse to speak in a locked thread without the right to manage threads."""
    if channel.locked and Permission.MANAGE_THREADS not in world.permissions(world.app, channel):
        raise DiscordError(403, 160005)


class Channels:
    def __init__(self, world: World, limits: RateLimits) -> None:
        self._world = world
        self._limits = limits

    def routes(self) -> Routes:
        return {
            ("GET", _CHANNEL): self._get,
            ("PATCH", _CHANNEL): self._edit,
            ("DELETE", _CHANNEL): self._delete,
            ("POST", f"{_CHANNEL}/typing"): self._type,
        }

    def _get(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        self._world.need(channel)
        return channel.payload(self._world.app.id)

    def _edit(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        if channel.is_thread:
            self._check_thread(channel, call)
        else:
            self._world.need(channel, Permission.MANAGE_CHANNELS)
        fields = call.fields
        renamed = channel.name != fields.get("name", channel.name)
        if renamed or fields.get("topic", channel.topic) != channel.topic:
            self._refuse_many_names(channel)
        channel.name = text("name", fields.get("name", channel.name), 1, 100)
        channel.topic = fields.get("topic", channel.topic)
        channel.nsfw = typed("nsfw", fields.get("nsfw", channel.nsfw), bool)
        channel.slowmode = within(
            "rate_limit_per_user", fields.get("rate_limit_per_user", channel.slowmode) or 0, 0, 21600
        )
        if channel.is_thread:
            self._change_thread(channel, call)
        self._world.update_channel(channel)
        if renamed and channel.is_thread:
            told = Message(snowflake(), channel.id, self._world.app, content=channel.name, type=RENAMED)
            self._world.store(told)
        return channel.payload(self._world.app.id)

    def _delete(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        if channel.type != DM:
            manage = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
            self._world.need(channel, manage)
            self._world.delete_channel(channel)
        return channel.payload()

    def _type(self, call: Call) -> None:
        channel = self._world.channel(call.id("channel_id"))
        refuse_sending(self._world, channel)
        self._world.dispatch("TYPING_START", typing_event(self._world.app.id, channel))

    def _refuse_many_names(self, channel: Channel) -> None:
        if (wait := self._limits.rename(channel.id)) is not None:
            raise RateLimitError(wait)

    def _check_thread(self, thread: Channel, call: Call) -> None:
        self._world.need(thread)
        held = self._world.permissions(self._world.app, thread)
        fields = call.fields
        manages = Permission.MANAGE_THREADS in held
        owns = thread.owner_id == self._world.app.id
        wakes = thread.archived and fields.get("archived") is False
        if thread.archived and not wakes:
            raise DiscordError(400, 50083)
        if wakes and thread.locked and not manages:
            raise DiscordError(403, 160005)
        if wakes and not (manages or owns or Permission.SEND_MESSAGES_IN_THREADS in held):
            raise DiscordError(403, 50013)
        of_owner = {"name", "auto_archive_duration", "applied_tags"} | (set() if wakes else {"archived"})
        if of_owner & set(fields) and not (manages or owns):
            raise DiscordError(403, 50013)
        if {"locked", "rate_limit_per_user", "invitable"} & set(fields) and not manages:
            raise DiscordError(403, 50013)
        if wakes:
            refuse_too_many(self._world, thread.guild_id)

    def _change_thread(self, thread: Channel, call: Call) -> None:
        fields = call.fields
        archived = typed("archived", fields.get("archived", thread.archived), bool)
        minutes = fields.get("auto_archive_duration", thread.auto_archive_minutes)
        one_of("auto_archive_duration", minutes, AUTO_ARCHIVE_MINUTES)
        if (archived, minutes) != (thread.archived, thread.auto_archive_minutes):
            thread.archive_changed = timestamp()
        thread.archived, thread.auto_archive_minutes = archived, minutes
        thread.locked = typed("locked", fields.get("locked", thread.locked), bool)


def typing_event(user_id: int, channel: Channel) -> Payload:
    """Return what the gateway says when somebody is typing."""
    event: Payload = {"channel_id": str(channel.id), "user_id": str(user_id), "timestamp": int(time.time())}
    return event if channel.guild_id is None else event | {"guild_id": str(channel.guild_id)}
