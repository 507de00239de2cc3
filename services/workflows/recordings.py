"""Opens sound and video files: what is in them, cut into what models get, kept in the media cache."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.ai.protocols import Picture, Sound
from services.domain import Attachment, Kind, MediaItem, Note, ReadingOptions
from services.errors import MediaError
from services.media.fetch import Fetched
from services.media.sniff import Format
from services.media.sound_reader import PreparedSound, SoundReader
from services.media.video_reader import Extract, PreparedVideo, VideoReader
from services.readings import clock
from services.workflows.sources import MediaSources

MIMES = {
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "mp4": "audio/mp4",
    "webm": "audio/webm",
    "flac": "audio/flac",
}


@dataclass(frozen=True, slots=True)
class Recording:
    """A voice note, audio file or video that was opened; its pieces and frames lie in the cache."""

    item: MediaItem
    seconds: float
    sound: PreparedSound | None
    video: PreparedVideo | None
    notes: tuple[Note, ...] = ()
    start: float = 0.0
    end: float | None = None
    """Seconds: what the asker wants to have read; None is the end."""


class Recordings:
    """Opens recordings, and finds their pieces and frames again."""

    def __init__(self, *, sources: MediaSources, sound: SoundReader, video: VideoReader) -> None:
        self._sources = sources
        self._sound = sound
        self._video = video
        self._opening: dict[str, asyncio.Lock] = {}

    async def open(
        self, file: Fetched, found: Format, attachment: Attachment, options: ReadingOptions
    ) -> Recording:
        """Decode a fetched file: its sound, and its frames unless only listening is wanted.

        Raises:
            MediaError: Neither can be read, and why.
        """
        sound, video = await asyncio.gather(
            self._listened(file), self._watched(file, found, options), return_exceptions=True
        )
        for each in (sound, video):
            if isinstance(each, BaseException) and not isinstance(each, MediaError):
                raise each
        has_picture = isinstance(video, PreparedVideo) and bool(video.frames)
        has_sound = isinstance(sound, PreparedSound)
        if not has_picture and not has_sound:
            raise _why_unreadable(sound, video)
        return Recording(
            item=MediaItem(
                source=attachment.source,
                filename=attachment.filename,
                kind=Kind.VIDEO if has_picture else Kind.VOICE,
                size=file.size,
                sha256=file.sha256,
                spoiler=attachment.spoiler,
                author_id=attachment.author_id,
            ),
            seconds=max(
                each.seconds for each in (sound, video) if isinstance(each, PreparedSound | PreparedVideo)
            ),
            sound=sound if isinstance(sound, PreparedSound) else None,
            video=video if isinstance(video, PreparedVideo) and has_picture else None,
            notes=_notes(sound, video),
            start=options.start or 0.0,
            end=options.end,
        )

    async def piece(self, attachment: Attachment, recording: Recording, index: int) -> Sound:
        """Return a piece of sound; the file is fetched and cut again where the cache has lost it.

        Raises:
            MediaError: The file is gone.
        """
        assert recording.sound is not None, "only sound has pieces"
        piece = recording.sound.pieces[index]
        data = await self._sound.piece(recording.sound, index)
        if data is None:
            async with self._again(attachment, recording) as file:
                await self._sound.prepare(file)
            data = await self._sound.piece(recording.sound, index)
        if data is None:
            raise MediaError("media-gone")
        suffix = piece.file.rsplit(".", 1)[-1]
        return Sound(data, piece.file, MIMES[suffix], piece.end - piece.start)

    async def frames(self, attachment: Attachment, recording: Recording, indices: range) -> list[Picture]:
        """Return frames of a video; fetched and decoded again where the cache has lost them.

        Raises:
            MediaError: The file is gone.
        """
        assert recording.video is not None, "only videos have frames"
        found = [await self._video.frame(recording.video, index) for index in indices]
        if any(data is None for data in found):
            async with self._again(attachment, recording) as file:
                await self._video.prepare(file, recording.video.extract)
            found = [await self._video.frame(recording.video, index) for index in indices]
        pictures: list[Picture] = []
        for index, data in zip(indices, found, strict=True):
            if data is None:
                raise MediaError("media-gone")
            frame = recording.video.frames[index]
            pictures.append(Picture(data, "image/jpeg", frame.width, frame.height, frame.time))
        return pictures

    async def contact_sheet(self, attachment: Attachment, recording: Recording) -> bytes:
        """Return a JPEG of a video's frames with their times.

        Raises:
            MediaError: The file is gone.
        """
        assert recording.video is not None, "only videos have frames"
        sheet = await self._video.sheet(recording.video)
        if sheet is None:
            async with self._again(attachment, recording) as file:
                await self._video.prepare(file, recording.video.extract)
            sheet = await self._video.sheet(recording.video)
        if sheet is None:
            raise MediaError("media-gone")
        return sheet

    async def _listened(self, file: Fetched) -> PreparedSound | None:
        return await self._sound.prepare(file)

    async def _watched(self, file: Fetched, found: Format, options: ReadingOptions) -> PreparedVideo | None:
        if options.task == "transcribe" or found.family == "sound":
            return None
        return await self._video.prepare(file, self._extract(options))

    def _extract(self, options: ReadingOptions) -> Extract | None:
        if options.start is None and options.end is None:
            return None
        return Extract(self._video.limits.frames, options.start or 0.0, options.end)

    @asynccontextmanager
    async def _again(self, attachment: Attachment, recording: Recording) -> AsyncGenerator[Fetched]:
        """Fetch a file once more; whoever else wants it meanwhile waits, and then finds it in the cache."""
        lock = self._opening.setdefault(recording.item.sha256, asyncio.Lock())
        async with lock, self._sources.fetch(attachment) as (file, _):
            if file.sha256 != recording.item.sha256:
                raise MediaError("media-gone")
            yield file


def _why_unreadable(sound: object, video: object) -> MediaError:
    """Return the more telling of two reasons: that there is no sound says little of a broken video."""
    if isinstance(video, MediaError):
        return video
    if isinstance(video, PreparedVideo) and video.foreign_codec:
        return MediaError("media-codec", codec=video.foreign_codec)
    return sound if isinstance(sound, MediaError) else MediaError("media-broken")


def _notes(sound: object, video: object) -> tuple[Note, ...]:
    notes: list[Note] = []
    if isinstance(sound, MediaError):
        notes.append(Note("note-no-sound" if sound.code == "media-no-sound" else "note-sound-unread"))
    elif isinstance(sound, PreparedSound):
        if sound.tracks > 1:
            notes.append(Note("note-tracks", {"count": str(sound.tracks)}))
        if not any(piece.speech for piece in sound.pieces):
            notes.append(Note("note-no-speech"))
    if isinstance(video, MediaError) or (isinstance(video, PreparedVideo) and video.foreign_codec):
        notes.append(Note("note-no-picture"))
    ends = [each.read_until for each in (sound, video) if isinstance(each, PreparedSound | PreparedVideo)]
    cut = [end for end in ends if end is not None]
    if cut:
        notes.append(Note("note-read-until", {"time": clock(max(cut))}))
    return tuple(notes)
