"""What people say: posts, replies, forwards, reactions, threads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from playground.discord.forms.mentions import pings
from playground.discord.forms.messages import forward as hold_forward
from playground.discord.forms.messages import reference_to
from playground.discord.people.base import Side
from playground.discord.permissions import Permission
from playground.discord.reactions import add_reaction, remove_reaction
from playground.discord.rest.channels import typing_event
from playground.discord.state import (
    IS_VOICE,
    PRIVATE_THREAD,
    Channel,
    File,
    Message,
    User,
    snowflake,
    timestamp,
)
from playground.discord.state.kinds import FORWARD_REFERENCE, REPLY
from playground.discord.threads import join, open_thread

_FLAT_WAVEFORM = "AAAAAAAAAAAA"


class Talk(Side):
    """What people do with messages. Each returns when the gateway has been told."""

    async def post(
        self,
        user: User,
        channel: Channel,
        content: str = "",
        files: Sequence[File] = (),
        *,
        reply_to: Message | None = None,
        ping: bool = True,
        voice: bool = False,
        forward: Message | None = None,
        age: float = 0.0,
    ) -> Message:
        """Post a message as a person.

        Args:
            user: Who.
            channel: Where; a thread, direct messages too.
            content: The text.
            files: What is attached.
            reply_to: The message it replies to.
            ping: Whether the reply notifies its author.
            voice: It is a voice note; its file is given a length and a waveform if it has none.
            forward: The message that it forwards.
            age: Seconds by which it is older than now.
        """
        sends = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        self._require(user, channel, sends, *([Permission.ATTACH_FILES] if files else []))
        if channel.locked:
            self._require(user, channel, Permission.MANAGE_THREADS)
        message = Message(snowflake(age=age), channel.id, user, content=content)
        if voice:
            message.flags |= IS_VOICE
            files = [_spoken(file) for file in files]
        message.attachments = [self._upload(channel, file) for file in files]
        if reply_to is not None:
            message.type, message.reference = REPLY, reference_to(reply_to, channel.guild_id)
        if forward is not None:
            source = self._world.channels[forward.channel_id]
            message.reference = reference_to(forward, source.guild_id, FORWARD_REFERENCE)
            hold_forward(message, forward)
        parse = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
        message.pinged = pings(self._world, message, parse)
        if channel.is_thread:
            join(self._world, channel, user)
        self._world.store(message)
        await self.delivered()
        return message

    async def edit(self, message: Message, content: str, *, without: Sequence[str] = ()) -> None:
        """Change the text of a message, as its author.

        Args:
            message: Which.
            content: The new text.
            without: Names of files that are removed.
        """
        message.content = content
        message.attachments = [each for each in message.attachments if each.filename not in without]
        message.edited = timestamp()
        # Who is mentioned now is shown, though an edit notifies nobody.
        message.pinged = pings(self._world, message, {"parse": ["users", "roles"]})
        self._world.update(message)
        await self.delivered()

    async def show_preview(self, message: Message, url: str) -> None:
        """Let Discord add the preview of a link: the message changes without being edited."""
        message.embeds = [
            *message.embeds,
            {"type": "link", "url": url, "title": re.sub(r"^https?://", "", url)},
        ]
        self._world.update(message)
        await self.delivered()

    async def erase(self, *messages: Message) -> None:
        """Delete a message, or several of one channel at once."""
        self._world.delete(*messages)
        await self.delivered()

    async def react(self, user: User, message: Message, emoji: str) -> None:
        """React to a message with an emoji of Unicode."""
        self._require(user, self._world.channels[message.channel_id], Permission.ADD_REACTIONS)
        add_reaction(self._world, message, user, emoji)
        await self.delivered()

    async def unreact(self, user: User, message: Message, emoji: str) -> None:
        """Take a reaction back."""
        remove_reaction(self._world, message, user, emoji)
        await self.delivered()

    async def start_typing(self, user: User, channel: Channel) -> None:
        """Show that somebody is typing."""
        self._require(user, channel)
        event = typing_event(user.id, channel)
        if channel.guild_id is not None:
            event["member"] = self._world.guilds[channel.guild_id].members[user.id].payload()
        self._world.dispatch("TYPING_START", event)
        await self.delivered()

    async def open_thread(
        self, user: User, channel: Channel, name: str, *, on: Message | None = None, private: bool = False
    ) -> Channel:
        """Open a thread, on a message or on its own; in a forum, `post` in it what it starts with."""
        creates = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
        self._require(user, channel, creates)
        kind = PRIVATE_THREAD if private else None
        thread = open_thread(self._world, channel, user, name, starter=on, kind=kind)
        await self.delivered()
        return thread

    async def add_to_thread(self, thread: Channel, *users: User) -> None:
        """Add people, or the bot (`world.app`), to a thread."""
        join(self._world, thread, *users)
        if thread.type == PRIVATE_THREAD and self._world.app in users:
            self._world.dispatch("THREAD_CREATE", thread.payload(self._world.app.id))
        await self.delivered()

    async def change_thread(
        self, thread: Channel, *, archived: bool | None = None, locked: bool | None = None
    ) -> None:
        """Archive or lock a thread, or undo it, as a moderator."""
        thread.archived = thread.archived if archived is None else archived
        thread.locked = thread.locked if locked is None else locked
        thread.archive_changed = timestamp()
        self._world.update_channel(thread)
        await self.delivered()


def _spoken(file: File) -> File:
    """Return a file with what every voice note has."""
    seconds = 1.0 if file.duration_secs is None else file.duration_secs
    return replace(file, duration_secs=seconds, waveform=file.waveform or _FLAT_WAVEFORM)
