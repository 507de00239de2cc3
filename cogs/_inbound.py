"""From Discord's events to requests: who speaks to the bot, about which files, and where the answer goes."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import discord
from services.domain import Attachment, InteractionSource, MessageSource, Origin
from services.settings import ListeningMode, ListeningSettings

_PERSONAL_TYPES = frozenset({discord.MessageType.default, discord.MessageType.reply})
_MEDIA_ENDINGS = (".heic", ".heif", ".avif", ".webp", ".opus", ".ogg", ".oga", ".flac", ".m4a", ".mkv", ".webm")
"""Endings of media that Discord, or this machine, may declare no type for."""
MOST_REPLIES = 10
"""Replies to replies that are followed back to a message with files."""
_THREAD_PARENTS = (discord.ChannelType.text, discord.ChannelType.news)


@dataclass(frozen=True, slots=True)
class Heard:
    """A person's message that the bot should answer."""

    text: str
    attachments: tuple[Attachment, ...]
    origin: Origin
    addressed: bool
    """Spoken to the bot: by mention, reply, direct message or in one of its threads."""
    replies_to: int | None
    borrowed: bool = False
    """The attachments are those of the message that it replies to."""


def hear(message: discord.Message, me: discord.ClientUser, listening: ListeningSettings) -> Heard | None:
    """Return what the bot should answer, or None when the message is none of its business.

    Bots and webhooks are never answered. In the bot's own threads every message is, except those
    that mention or reply to somebody else.
    """
    if message.author.bot or message.webhook_id is not None or message.type not in _PERSONAL_TYPES:
        return None
    mode = _mode(message, listening)
    if mode == "off":
        return None
    addressed = _is_addressed(message, me)
    attachments = attachments_of(message)
    replied = replied_message(message)
    borrowed = not attachments and addressed and replied is not None and replied.author != me
    if borrowed and replied is not None:
        attachments = attachments_of(replied)
    if not addressed and not (mode == "auto" and any(map(claims_media, attachments))):
        return None
    return Heard(
        text=without_mention(message, me),
        attachments=attachments,
        origin=origin_of(message, me),
        addressed=addressed,
        replies_to=message.reference.message_id if message.reference else None,
        borrowed=borrowed and bool(attachments),
    )


def attachments_of(message: discord.Message) -> tuple[Attachment, ...]:
    """Return the files of a message and of what it forwards, in order."""
    forwarded = (file for snapshot in message.message_snapshots for file in snapshot.attachments)
    files = (*message.attachments, *forwarded)
    return tuple(
        Attachment(
            source=MessageSource(message.channel.id, message.id, file.id),
            filename=file.filename,
            size=file.size,
            content_type=file.content_type,
            spoiler=file.is_spoiler(),
            voice=message.flags.voice,
            author_alt=file.description,
            author_id=message.author.id,
        )
        for file in files
    )


def interaction_attachments(
    interaction: discord.Interaction, files: Iterable[discord.Attachment]
) -> tuple[Attachment, ...]:
    """Return the files that came with a slash command; they belong to no message yet."""
    return tuple(
        Attachment(
            source=InteractionSource(interaction.id, file.id),
            filename=file.filename,
            size=file.size,
            content_type=file.content_type,
            spoiler=file.is_spoiler(),
            author_alt=file.description,
            author_id=interaction.user.id,
        )
        for file in files
    )


def begins_thread(origin: Origin) -> bool:
    """Tell whether a thread of its own is opened for a message: that is a conversation of its own, too."""
    return origin.thread_allowed and not origin.in_thread


def claims_media(attachment: Attachment) -> bool:
    """Tell whether a file looks like a picture, a recording or a video from outside.

    Decides only whether an unaddressed post is taken on; what a file is, its bytes say.
    """
    declared = attachment.content_type or mimetypes.guess_type(attachment.filename)[0] or ""
    return (
        attachment.voice
        or declared.startswith(("image/", "audio/", "video/"))
        or attachment.filename.lower().endswith(_MEDIA_ENDINGS)
    )


def origin_of(message: discord.Message, me: discord.ClientUser) -> Origin:
    """Return where the answer to a message belongs, by what the gateway's cache knows."""
    channel = message.channel
    guild = message.guild
    in_thread = isinstance(channel, discord.Thread)
    return Origin(
        guild_id=guild.id if guild else None,
        channel_id=channel.id,
        message_id=message.id,
        thread_allowed=guild is not None
        and channel.type in _THREAD_PARENTS
        and _allows_threads(channel.permissions_for(guild.me)),
        in_thread=in_thread,
        own_thread=isinstance(channel, discord.Thread) and channel.owner_id == me.id,
    )


def command_origin(interaction: discord.Interaction[Any]) -> Origin:
    """Return where the answer to a slash command with a file belongs: under its own response."""
    channel = interaction.channel
    in_thread = isinstance(channel, discord.Thread)
    assert interaction.channel_id is not None, "commands are used in a channel"
    return Origin(
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        message_id=None,
        thread_allowed=channel is not None
        and channel.type in _THREAD_PARENTS
        and _allows_threads(interaction.app_permissions),
        in_thread=in_thread,
    )


def replied_message(message: discord.Message) -> discord.Message | None:
    """Return the message that this one replies to, if Discord sent it along."""
    resolved = message.reference.resolved if message.reference else None
    return resolved if isinstance(resolved, discord.Message) else None


async def media_up_the_chain(message: discord.Message, me: discord.ClientUser) -> tuple[Attachment, ...]:
    """Return the files of the nearest message with files that this one goes back to by replies."""
    current = message
    for _ in range(MOST_REPLIES):
        reference = current.reference
        if reference is None or reference.message_id is None or current.type is not discord.MessageType.reply:
            return ()
        replied = replied_message(current)
        if replied is None:
            try:
                replied = await current.channel.fetch_message(reference.message_id)
            except (discord.NotFound, discord.Forbidden):
                return ()
        # What the bot itself posted was made of the files further up.
        if replied.author != me and (files := attachments_of(replied)):
            return files
        current = replied
    return ()


def may_answer(message: discord.Message) -> bool:
    """Tell whether the bot may write an answer to this message somewhere."""
    if message.guild is None:
        return True
    rights = message.channel.permissions_for(message.guild.me)
    if isinstance(message.channel, discord.Thread):
        return rights.send_messages_in_threads
    return rights.send_messages or _allows_threads(rights)


def _allows_threads(rights: discord.Permissions) -> bool:
    return rights.create_public_threads and rights.send_messages_in_threads


def _mode(message: discord.Message, listening: ListeningSettings) -> ListeningMode:
    parent_id = message.channel.parent_id if isinstance(message.channel, discord.Thread) else None
    return listening.mode(message.channel.id, parent_id)


def is_mentioned(message: discord.Message, me: discord.ClientUser) -> bool:
    """Tell whether a message mentions the bot, or its role, which people often pick instead."""
    role = message.guild.self_role if message.guild else None
    return me in message.mentions or (role is not None and role in message.role_mentions)


def _is_addressed(message: discord.Message, me: discord.ClientUser) -> bool:
    if message.guild is None or is_mentioned(message, me):
        return True
    if isinstance(message.channel, discord.Thread) and message.channel.owner_id == me.id:
        replied = replied_message(message)
        to_other = replied is not None and replied.author != me
        return not to_other and not message.mentions and not message.role_mentions
    return False


def without_mention(message: discord.Message, me: discord.ClientUser) -> str:
    """Return what a message says to the bot."""
    role = message.guild.self_role if message.guild else None
    content = message.content
    for mention in (f"<@{me.id}>", f"<@!{me.id}>", *([f"<@&{role.id}>"] if role else [])):
        content = content.replace(mention, "")
    return content.strip()
