"""Reads messages by REST: fresh attachment URLs, and our own messages that already stand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import discord
from services.domain import Attachment, MessageSource
from services.errors import BotError, MediaError

from cogs._rest import patiently, retried
from cogs._ui import carries

FRESH_SECONDS = 20.0
"""An album's attachments are asked for one by one; its message is fetched once in that time."""
LOOK_BACK_MESSAGES = 50


class Standing(Enum):
    """What has become of a message."""

    THERE = auto()
    HIDDEN = auto()
    """From the bot; it may be there, and people may see it."""
    DELETED = auto()
    """Or its channel was."""


@dataclass(frozen=True, slots=True)
class PostedFile:
    """A file in a message of ours."""

    message_id: int
    attachment_id: int
    content_type: str | None


class MessageFinder:
    """Finds what is needed of messages, with a logged-in client and no cache of the gateway."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._fetched: dict[tuple[int, int], tuple[float, asyncio.Future[Mapping[str, Any]]]] = {}

    async def attachment_url(self, source: MessageSource, *, anew: bool = False) -> str:
        """Return a fresh signed URL of an attachment.

        Args:
            anew: Fetch the message even if it was fetched a moment ago (its URL did not work).

        Raises:
            MediaError: The message or the attachment is gone, or cannot be seen any more.
        """
        message = await self._message(source.channel_id, source.message_id, anew=anew)
        snapshots = [each["message"] for each in message.get("message_snapshots") or ()]
        for holder in (message, *snapshots):
            for attachment in holder.get("attachments") or ():
                if int(attachment["id"]) == source.attachment_id:
                    return attachment["url"]
        raise MediaError("media-gone")

    async def attachments(self, channel_id: int, message_id: int) -> list[Attachment]:
        """Return the files of a message.

        Raises:
            MediaError: The message is gone, or cannot be seen any more.
        """
        message = await self._message(channel_id, message_id, anew=False)
        return [
            Attachment(
                source=MessageSource(channel_id, message_id, int(each["id"])),
                filename=each["filename"],
                size=each["size"],
                content_type=each.get("content_type"),
            )
            for each in message.get("attachments") or ()
        ]

    async def standing(self, channel_id: int, message_id: int) -> Standing:
        """Tell whether a message is still there."""
        try:
            await patiently(lambda: self._client.http.get_message(channel_id, message_id))
        except discord.NotFound:
            return Standing.DELETED
        except discord.Forbidden:
            return Standing.HIDDEN
        return Standing.THERE

    async def find_own(self, channel_id: int, mark: int) -> int | None:
        """Return the id of our message that carries this mark, if it is among the newest."""
        for message in await self._newest_own(channel_id):
            if carries(message.get("components") or (), mark):
                return int(message["id"])
        return None

    async def find_own_file(self, channel_id: int, size: int) -> PostedFile | None:
        """Return a file of this size that we posted by itself, if its message is among the newest."""
        for message in await self._newest_own(channel_id):
            match message.get("attachments"), message.get("components"):
                case [file], [] | None if file["size"] == size:
                    return PostedFile(int(message["id"]), int(file["id"]), file.get("content_type"))
                case _:
                    pass
        return None

    async def _newest_own(self, channel_id: int) -> list[Mapping[str, Any]]:
        me = self._client.user
        assert me is not None, "the client is logged in"
        newest = await retried(lambda: self._client.http.logs_from(channel_id, LOOK_BACK_MESSAGES))
        return [message for message in newest if int(message["author"]["id"]) == me.id]

    async def _message(self, channel_id: int, message_id: int, *, anew: bool) -> Mapping[str, Any]:
        key = (channel_id, message_id)
        now = time.monotonic()
        self._fetched = {each: known for each, known in self._fetched.items() if now - known[0] < FRESH_SECONDS}
        if anew or key not in self._fetched:
            fetch = asyncio.ensure_future(self._fetch(channel_id, message_id))
            self._fetched[key] = (now, fetch)
        future = self._fetched[key][1]
        try:
            return await asyncio.shield(future)
        except BotError:
            self._fetched.pop(key, None)
            raise

    async def _fetch(self, channel_id: int, message_id: int) -> Mapping[str, Any]:
        try:
            return await patiently(lambda: self._client.http.get_message(channel_id, message_id))
        except discord.NotFound:
            raise MediaError("media-gone") from None
        except discord.HTTPException:
            raise MediaError("media-hidden") from None
