"""Goes back to the media of a conversation, for somebody who may see them now."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from services.ai.protocols import Picture, Sound
from services.delivery import Delivery
from services.domain import Attachment, InteractionSource, JobRequest, Kind, MediaItem
from services.errors import MediaError, UserError
from services.media._leftovers import FOLDER_PREFIX
from services.media.crops import WHOLE, Box, Crop, CropReader
from services.media.fetch import Fetched
from services.media.sniff import HEAD_BYTES, Format, sniff
from services.media.sound_reader import PreparedSound, SoundReader
from services.media.video_reader import Extract, VideoReader
from services.workflows.recordings import MIMES
from services.workflows.sources import MediaSources

MOST_PIECES = 8
"""Pieces of sound for one call: about four minutes."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of sound, on the file's own clock (s)."""

    start: float
    end: float
    sound: Sound


class MediaAgain:
    """Fetches parts of media items again; each is authorised for the asker when it is used.

    All methods raise `MediaError` when the file is gone or cannot be read, and `UserError` when the
    asker may not see it.

    Args:
        closely: Reads frames in a resolution in which small writing can be read.
    """

    def __init__(
        self,
        *,
        sources: MediaSources,
        crops: CropReader,
        video: VideoReader,
        closely: VideoReader,
        sound: SoundReader,
        delivery: Delivery,
    ) -> None:
        self._sources = sources
        self._crops = crops
        self._video = video
        self._closely = closely
        self._sound = sound
        self._delivery = delivery

    async def part(self, request: JobRequest, item: MediaItem, box: Box, at: float) -> Crop:
        """Return a part of a picture in full resolution, or of what a video shows at a time (s)."""
        await self._authorise(request, item)
        if known := await self._crops.known(item.sha256, box, at):
            return known
        if item.kind is Kind.VIDEO:
            frame = (await self._frames(self._closely, item, [at]))[0]
            async with _as_file(frame, item) as (file, found):
                return await self._crops.cut(file, found, box, at)
        async with self._file(item) as (file, found):
            return await self._crops.cut(file, found, box, at)

    async def frames(self, request: JobRequest, item: MediaItem, times: Sequence[float]) -> list[Picture]:
        """Return what a video or an animation shows at these times (s)."""
        await self._authorise(request, item)
        if item.kind is Kind.VIDEO:
            return await self._frames(self._video, item, times)
        return [(await self.part(request, item, WHOLE, at)).picture for at in times]

    async def stretches(self, request: JobRequest, item: MediaItem, start: float, end: float) -> list[Stretch]:
        """Return the pieces of sound between two times (s) in which there is something to be heard."""
        await self._authorise(request, item)
        prepared = await self._sound.known(item.sha256)
        if prepared is None or (found := await self._pieces(prepared, start, end)) is None:
            async with self._file(item) as (file, _):
                prepared = await self._sound.prepare(file)
            found = await self._pieces(prepared, start, end)
        if found is None:
            raise MediaError("media-gone")
        return found

    async def _authorise(self, request: JobRequest, item: MediaItem) -> None:
        source = item.source
        if isinstance(source, InteractionSource):
            return  # It belongs to no message; its conversation alone knows it, and its URL expires.
        guild_id = request.origin.guild_id
        if guild_id is None:
            is_visible = source.channel_id == request.origin.channel_id and await self._delivery.stands(
                source.channel_id, source.message_id
            )
        else:
            is_visible = await self._delivery.may_read(
                guild_id, source.channel_id, source.message_id, request.requester_id
            )
        if is_visible:
            return
        if await self._delivery.is_deleted(source.channel_id, source.message_id):
            raise MediaError("media-gone")
        if not await self._delivery.stands(source.channel_id, source.message_id):
            raise MediaError("media-hidden")
        raise UserError("item-not-visible")

    @asynccontextmanager
    async def _file(self, item: MediaItem) -> AsyncGenerator[tuple[Fetched, Format]]:
        attachment = Attachment(item.source, item.filename, item.size, spoiler=item.spoiler)
        async with self._sources.fetch(attachment) as (file, found):
            if file.sha256 != item.sha256:
                raise MediaError("media-gone")
            yield file, found

    async def _frames(self, reader: VideoReader, item: MediaItem, times: Sequence[float]) -> list[Picture]:
        extract = Extract(count=max(len(times), 1), at=tuple(sorted(times)))
        prepared = await reader.known(item.sha256, extract)
        found = [await reader.frame(prepared, each.index) for each in prepared.frames] if prepared else [None]
        if prepared is None or None in found:
            async with self._file(item) as (file, _):
                prepared = await reader.frames_at(file, times)
            found = [await reader.frame(prepared, each.index) for each in prepared.frames]
        pictures = [
            Picture(data, "image/jpeg", frame.width, frame.height, frame.time)
            for frame, data in zip(prepared.frames, found, strict=True)
            if data is not None
        ]
        if not pictures:
            raise MediaError("media-gone")
        return pictures

    async def _pieces(self, prepared: PreparedSound, start: float, end: float) -> list[Stretch] | None:
        """Return pieces of prepared sound; None when the cache has lost one."""
        found: list[Stretch] = []
        for piece in prepared.pieces:
            overlaps = piece.start < max(end, start + 0.1) and piece.end > start
            if not overlaps or not piece.speech or len(found) == MOST_PIECES:
                continue
            data = await self._sound.piece(prepared, piece.index)
            if data is None:
                return None
            mime = MIMES[piece.file.rsplit(".", 1)[-1]]
            sound = Sound(data, piece.file, mime, piece.end - piece.start)
            found.append(Stretch(piece.start, piece.end, sound))
        return found


@asynccontextmanager
async def _as_file(picture: Picture, item: MediaItem) -> AsyncGenerator[tuple[Fetched, Format]]:
    """Lay a frame of an item down where a child can open it; what is made of it is kept under the item."""
    with tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True) as name:
        path = Path(name) / "in.bin"
        await asyncio.to_thread(path.write_bytes, picture.data)
        head = picture.data[:HEAD_BYTES]
        found = sniff(head)
        assert found is not None, "frames are JPEG files"
        yield Fetched(path, len(picture.data), item.sha256, head), found
