"""Files that come with a message, and those it keeps."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from playground.discord.errors import DiscordError, invalid
from playground.discord.forms.checks import sized, snowflake_of, text, typed
from playground.discord.state import File, Message, Payload, StoredAttachment, snowflake
from playground.discord.state.kinds import REQUEST_BYTES

FILES = 10
ALT_TEXT = 1024


def uploads(
    channel_id: int, body: Mapping[str, Any], files: Mapping[int, File], limit: int, *, ephemeral: bool = False
) -> list[StoredAttachment]:
    """Return the uploaded files as Discord keeps them.

    Args:
        channel_id: Where they are posted.
        body: Its `attachments` describe the files by their numbers.
        files: The uploaded files, by number.
        limit: What one file may have, in bytes.
        ephemeral: They go with an ephemeral message.
    """
    sized("files", files, 0, FILES)
    sizes = [len(file.data) for file in files.values()]
    if max(sizes, default=0) > limit or sum(sizes) > max(limit, REQUEST_BYTES):
        raise DiscordError(413, 40005)
    described = _described(body)
    for number in set(described) - set(files):
        if number < FILES:
            raise invalid(f"attachments.{number}", "ATTACHMENT_NOT_FOUND", "The file was not uploaded.")
    return [
        _stored(channel_id, file, described.get(number, {}), number, ephemeral=ephemeral)
        for number, file in sorted(files.items())
    ]


def kept(message: Message, body: Mapping[str, Any]) -> list[StoredAttachment]:
    """Return those of a message's files that an edit keeps: all it lists, or all."""
    if body.get("attachments") is None:
        return message.attachments
    described = _described(body)
    staying = [each for each in message.attachments if each.id in described]
    for attachment in staying:
        attachment.alt = described[attachment.id].get("description", attachment.alt)
    return staying


def _described(body: Mapping[str, Any]) -> dict[int, Payload]:
    listed = typed("attachments", body.get("attachments") or [], list)
    sized("attachments", listed, 0, FILES)
    return {
        snowflake_of(f"attachments.{number}.id", each.get("id")): each for number, each in enumerate(listed)
    }


def _stored(channel_id: int, file: File, meta: Payload, number: int, *, ephemeral: bool) -> StoredAttachment:
    alt = meta.get("description")
    if alt is not None:
        text(f"attachments.{number}.description", alt, 0, ALT_TEXT)
    named = dataclasses.replace(
        file,
        name=meta.get("filename") or file.name,
        spoiler=bool(meta.get("is_spoiler")),
        spoiler_prefix=False,
        duration_secs=meta.get("duration_secs"),
        waveform=meta.get("waveform"),
    )
    return StoredAttachment(snowflake(), channel_id, named, alt=alt, ephemeral=ephemeral)
