"""Messages of channels, threads and direct messages."""

from __future__ import annotations

import time

from playground.discord.errors import DiscordError
from playground.discord.forms.checks import snowflake_of, typed, within
from playground.discord.forms.messages import edit_message, new_message
from playground.discord.permissions import Permission
from playground.discord.rest.call import Call, Routes
from playground.discord.rest.channels import refuse_locked, refuse_sending
from playground.discord.state import DM, IS_VOICE, Channel, Message, Payload
from playground.discord.state.kinds import SYSTEM_MESSAGES
from playground.discord.state.snowflakes import seconds_of
from playground.discord.threads import join
from playground.discord.world import World

MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = f"{MESSAGES}/{{message_id}}"
BULK_SECONDS = 14 * 24 * 3600.0


class Messages:
    def __init__(self, world: World) -> None:
        self._world = world
        self._old_edits: dict[int, int] = {}

    def routes(self) -> Routes:
        return {
            ("GET", MESSAGES): self._list,
            ("POST", MESSAGES): self._send,
            ("POST", f"{MESSAGES}/bulk-delete"): self._delete_many,
            ("GET", MESSAGE): self._get,
            ("PATCH", MESSAGE): self._edit,
            ("DELETE", MESSAGE): self._delete,
        }

    def _list(self, call: Call) -> list[Payload]:
        channel = self._world.channel(call.id("channel_id"))
        self._world.need(channel)
        limit = within("limit", call.number("limit", 50), 1, 100)
        if Permission.READ_MESSAGE_HISTORY not in self._world.permissions(self._world.app, channel):
            return []
        ids = sorted(each.id for each in channel.messages.values() if each.visible_to is None)
        if "around" in call.query:
            middle = call.number("around", 0)
            nearest = sorted(ids, key=lambda each: abs(each - middle))[:limit]
            ids = sorted(nearest)
        elif "after" in call.query:
            ids = [each for each in ids if each > call.number("after", 0)][:limit]
        elif "before" in call.query:
            ids = [each for each in ids if each < call.number("before", 0)]
        newest_first = ids[-limit:][::-1]
        return [self._world.payloads.over_rest(channel.messages[each]) for each in newest_first]

    def _get(self, call: Call) -> Payload:
        self._world.need(self._world.channel(call.id("channel_id")), Permission.READ_MESSAGE_HISTORY)
        return self._world.payloads.over_rest(self._message(call))

    def _send(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        form = call.form
        attaches = [Permission.ATTACH_FILES] if call.files else []
        embeds = [Permission.EMBED_LINKS] if form.body.get("embeds") else []
        refuse_sending(self._world, channel, *attaches, *embeds)
        self._refuse_closed(channel)
        held = self._world.permissions(self._world.app, channel)
        if form.flags & IS_VOICE and Permission.SEND_VOICE_MESSAGES not in held:
            raise DiscordError(403, 50173)
        nonce = form.body.get("nonce")
        if nonce is not None and form.body.get("enforce_nonce"):
            earlier = self._world.nonces.find(channel.id, self._world.app.id, nonce)
            if earlier is not None:
                return self._world.payloads.over_rest(self._world.message(channel.id, earlier))
        message = new_message(self._world, channel, form)
        if nonce is not None:
            self._world.nonces.remember(message)
        if channel.is_thread:
            join(self._world, channel, self._world.app)
        return self._world.payloads.over_rest(self._world.store(message))

    def _edit(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        self._world.need(channel)
        message = self._message(call)
        if message.author is not self._world.app:
            raise DiscordError(403, 50005)
        if message.type in SYSTEM_MESSAGES:
            raise DiscordError(403, 50021)
        if channel.archived:
            raise DiscordError(400, 50083)
        refuse_locked(self._world, channel)
        self._refuse_old(message)
        edit_message(self._world, message, call.form)
        return self._world.payloads.over_rest(message)

    def _delete(self, call: Call) -> None:
        channel = self._world.channel(call.id("channel_id"))
        self._world.need(channel)
        message = self._message(call)
        if message.author is not self._world.app:
            if channel.type == DM:
                raise DiscordError(403, 50003)
            self._world.need(channel, Permission.MANAGE_MESSAGES)
        if message.type in SYSTEM_MESSAGES:
            raise DiscordError(403, 50021)
        if channel.archived:
            refuse_locked(self._world, channel)
        self._world.delete(message)

    def _delete_many(self, call: Call) -> None:
        channel = self._world.channel(call.id("channel_id"))
        if channel.type == DM:
            raise DiscordError(403, 50003)
        self._world.need(channel, Permission.MANAGE_MESSAGES)
        listed = typed("messages", call.fields.get("messages"), list)
        ids = {snowflake_of(f"messages.{number}", each) for number, each in enumerate(listed)}
        if not 2 <= len(ids) <= 100:
            raise DiscordError(400, 50016)
        if any(time.time() - seconds_of(each) > BULK_SECONDS for each in ids):
            raise DiscordError(400, 50034)
        found = [channel.messages[each] for each in sorted(ids) if each in channel.messages]
        if found:
            self._world.delete(*found)

    def _message(self, call: Call) -> Message:
        return self._world.message(call.id("channel_id"), call.id("message_id"))

    def _refuse_closed(self, channel: Channel) -> None:
        if any(not user.accepts_direct for user in channel.recipients):
            raise DiscordError(403, 50007)

    def _refuse_old(self, message: Message) -> None:
        """Count edits of messages that are older than an hour; there may not be many."""
        if time.time() - seconds_of(message.id) <= self._world.old_after:
            return
        count = self._old_edits[message.channel_id] = self._old_edits.get(message.channel_id, 0) + 1
        if count > self._world.old_edits:
            raise DiscordError(429, 30046)
