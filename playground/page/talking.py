"""What people do with messages on the page."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from playground.discord.permissions import Permission
from playground.discord.server import LocalDiscord
from playground.discord.state import Channel, File, Message
from playground.page.asking import Asked, Handler, RefusedError
from playground.page.providers import Json, Providers

CONTENT = 2000
FILES = 10


class Talking:
    """Posts, edits, reactions and threads; each handler gets a request that was read."""

    def __init__(self, local: LocalDiscord, providers: Providers) -> None:
        self._local = local
        self._providers = providers

    def handlers(self) -> dict[str, Handler]:
        """Return what is answered, by the last part of the path."""
        return {
            "post": self._post,
            "voice": self._voice,
            "edit": self._edit,
            "delete": self._delete,
            "react": self._react,
            "type": self._type,
            "thread": self._thread,
        }

    async def _post(self, asked: Asked) -> Json:
        channel = asked.channel()
        content = str(asked.body.get("content") or "").strip()
        files = [
            replace(file, alt=about.get("alt") or None, spoiler=bool(about.get("spoiler")))
            for file, about in zip(
                asked.files.get("files", []), asked.body.get("about") or _ENDLESS, strict=False
            )
        ]
        if not content and not files:
            raise RefusedError("empty")
        if len(content) > CONTENT:
            raise RefusedError("too-long", most=CONTENT)
        self._check_sizes(channel, files)
        posted = await self._local.post(
            asked.user,
            channel,
            content,
            files,
            reply_to=self._replied(asked),
            ping=bool(asked.body.get("ping", True)),
        )
        return {"id": str(posted.id)}

    async def _voice(self, asked: Asked) -> Json:
        channel = asked.channel()
        [recorded] = asked.files["files"]
        self._check_sizes(channel, [recorded])
        seconds, waveform = float(asked.body["seconds"]), str(asked.body["waveform"])
        file = replace(recorded, name="voice-message.ogg", duration_secs=seconds, waveform=waveform)
        if self._providers.voice_note is not None:
            try:
                note = await asyncio.to_thread(self._providers.voice_note, recorded.data)
            except ValueError:
                raise RefusedError("recording-unreadable") from None
            file = replace(file, data=note.ogg, duration_secs=note.seconds, waveform=note.waveform_b64)
        posted = await self._local.post(
            asked.user, channel, files=[file], voice=True, reply_to=self._replied(asked)
        )
        return {"id": str(posted.id)}

    async def _edit(self, asked: Asked) -> None:
        message = self._own(asked)
        content = str(asked.body.get("content") or "").strip()
        if not content and not message.attachments:
            raise RefusedError("empty")
        if len(content) > CONTENT:
            raise RefusedError("too-long", most=CONTENT)
        await self._local.edit(message, content)

    async def _delete(self, asked: Asked) -> None:
        message = asked.message()
        rights = self._local.world.permissions(asked.user, asked.channel())
        if message.author is not asked.user and Permission.MANAGE_MESSAGES not in rights:
            raise RefusedError("not-yours")
        await self._local.erase(message)

    async def _react(self, asked: Asked) -> None:
        change = self._local.unreact if asked.body.get("take_back") else self._local.react
        await change(asked.user, asked.message(), str(asked.body["emoji"])[:32])

    async def _type(self, asked: Asked) -> None:
        await self._local.start_typing(asked.user, asked.channel())

    async def _thread(self, asked: Asked) -> Json:
        name = str(asked.body.get("name") or "").strip()
        if not 1 <= len(name) <= 100:
            raise RefusedError("thread-name")
        thread = await self._local.open_thread(asked.user, asked.channel(), name, on=asked.message())
        return {"id": str(thread.id)}

    def _own(self, asked: Asked) -> Message:
        message = asked.message()
        if message.author is not asked.user:
            raise RefusedError("not-yours")
        return message

    def _replied(self, asked: Asked) -> Message | None:
        return asked.message("reply_to") if asked.body.get("reply_to") else None

    def _check_sizes(self, channel: Channel, files: Sequence[File]) -> None:
        most = self._local.world.upload_bytes(channel)
        if len(files) > FILES:
            raise RefusedError("too-many-files", most=FILES)
        if any(len(each.data) > most for each in files):
            raise RefusedError("too-big", most=most)


_ENDLESS: Sequence[Json] = [{}] * FILES
