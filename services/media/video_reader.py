"""From a fetched video to the few frames that show the most of it, kept in the media cache."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, NonNegativeInt

from services.errors import MediaError
from services.media._leftovers import FOLDER_PREFIX
from services.media._video_facts import VideoFacts, read_facts, read_sheet
from services.media.cache import MediaCache, UnsafeFileError
from services.media.fetch import Fetched
from services.media.sandbox import Sandbox
from services.media.sniff import HEAD_BYTES, Format, sniff

log = logging.getLogger(__name__)

CHOOSE = "services.media.video:frames"
DRAW = "services.media.contact_sheet:draw"
VERSION = "video-3"
"""Changes whenever the same file would give other frames."""
FACTS_FILE = "facts.json"
SHEET_FILE = "sheet.jpg"
SHEET_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """What is looked at most, and how large the results are."""

    video_bytes: int = 500_000_000
    pixels: int = 36_000_000
    """Of a frame as stored."""
    frames: int = 24
    long_side: int = 768
    """Of camera pictures, in px."""
    screen_long_side: int = 1280
    """Of recorded screens and slides: letters need more."""
    soft_long_side: int = 512
    """Of camera pictures that lose nothing by it."""
    decode_seconds: float = 25.0
    """After that, what was decoded has to do."""
    wall_seconds: float = 90.0
    """After that the child is killed; its two decoders share that much processor time."""


@dataclass(frozen=True, slots=True)
class Extract:
    """Which part of a video to look at, and how."""

    count: int
    """Frames at most."""
    start: float = 0.0
    end: float | None = None
    """Seconds; None is the end of the video."""
    at: tuple[float, ...] = ()
    """When not empty: what is on the screen at these times, instead of a choice."""


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """A frame whose picture lies in the cache."""

    index: int
    time: float
    """Seconds on the file's own clock."""
    width: int
    height: int
    file: str
    """Its name in the cache."""


@dataclass(frozen=True, slots=True)
class PreparedVideo:
    """A video, and the frames chosen of it."""

    sha256: str
    """Hex digest of the file as received."""
    size: int
    """Bytes of the file."""
    seconds: float
    """As far as it can be read."""
    read_until: float | None
    """Where a file that is cut short ends; None when all of it was read."""
    width: int
    """As people see it, in px; 0 without a picture."""
    height: int
    fps: float
    start: float
    """When the picture begins, on the file's clock."""
    codec: str
    content: Literal["camera", "screen"]
    has_picture: bool
    foreign_codec: str
    """The codec that is not decoded, when that is why there is no picture."""
    frames: tuple[VideoFrame, ...]
    extract: Extract


class _Stored(BaseModel):
    """What the cache keeps beside the frames; written by us."""

    size: NonNegativeInt
    facts: VideoFacts


class VideoReader:
    """Chooses frames of videos and draws contact sheets of them, each in a sandbox child."""

    def __init__(self, *, sandbox: Sandbox, cache: MediaCache, limits: VideoLimits | None = None) -> None:
        self._sandbox = sandbox
        self._cache = cache
        self._limits = limits or VideoLimits()

    @property
    def limits(self) -> VideoLimits:
        """What is looked at most."""
        return self._limits

    async def prepare(self, file: Fetched, extract: Extract | None = None) -> PreparedVideo:
        """Choose the frames of a video that was fetched.

        Args:
            file: The video.
            extract: Which part of it; by default all of it.

        Raises:
            MediaError: It cannot be seen, and why. A file with sound only is no error.
        """
        extract = extract or Extract(self._limits.frames)
        if known := await self.known(file.sha256, extract):
            return known
        found = await asyncio.to_thread(_recognized, file.path)
        if file.size > self._limits.video_bytes:
            raise MediaError("media-too-big", limit=f"{self._limits.video_bytes / 1_000_000:.0f} MB")
        out = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="frames-", dir=file.path.parent))
        try:
            facts = await self._choose(file, found, extract, out)
            await self._cache.put(file.sha256, self._key(extract), out)
        except UnsafeFileError:
            log.warning("A decoding child left something else than its frames")
            raise MediaError("media-decoder-died") from None
        finally:
            await asyncio.to_thread(shutil.rmtree, out, ignore_errors=True)
        log.info("Chose %d frames of %.0f s of video", len(facts.frames), facts.seconds)
        return _prepared(file.sha256, file.size, facts, extract)

    async def frames_at(self, file: Fetched, times: Sequence[float]) -> PreparedVideo:
        """Return what is on the screen at these times (seconds); times of the same frame share it.

        Raises:
            MediaError: It cannot be seen, and why.
        """
        return await self.prepare(file, Extract(count=max(len(times), 1), at=tuple(sorted(times))))

    async def known(self, sha256: str, extract: Extract | None = None) -> PreparedVideo | None:
        """Return what was prepared before; None when the cache has it no more."""
        extract = extract or Extract(self._limits.frames)
        folder = await self._cache.get(sha256, self._key(extract))
        stored = await self._cache.read(folder, FACTS_FILE) if folder else None
        if stored is None:
            return None
        kept = _Stored.model_validate_json(stored)
        return _prepared(sha256, kept.size, kept.facts, extract)

    async def frame(self, prepared: PreparedVideo, index: int) -> bytes | None:
        """Return a frame as JPEG; None when the cache has it no more: then prepare again."""
        folder = await self._cache.get(prepared.sha256, self._key(prepared.extract))
        return await self._cache.read(folder, prepared.frames[index].file) if folder else None

    async def sheet(self, prepared: PreparedVideo) -> bytes | None:
        """Return all frames on one sheet (JPEG, at most 2 MB); None when the cache has them no more.

        Raises:
            ValueError: There are no frames.
            MediaError: The sheet could not be drawn.
        """
        if not prepared.frames:
            raise ValueError("there are no frames")
        key = f"{self._key(prepared.extract)} sheet"
        folder = await self._cache.get(prepared.sha256, key)
        if folder and (drawn := await self._cache.read(folder, SHEET_FILE)):
            return drawn
        with tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True) as name:
            place = Path(name)
            for frame in prepared.frames:
                data = await self.frame(prepared, frame.index)
                if data is None:
                    return None
                await asyncio.to_thread((place / frame.file).write_bytes, data)
            drawn = await self._draw(place, prepared)
            await asyncio.to_thread(_replace, place, SHEET_FILE, drawn)
            await self._cache.put(prepared.sha256, key, place)
        return drawn

    async def _draw(self, place: Path, prepared: PreparedVideo) -> bytes:
        options = {
            "frames": [{"file": each.file, "time": each.time} for each in prepared.frames],
            "max_pixels": self._limits.pixels,
        }
        first = place / prepared.frames[0].file
        return read_sheet(await self._sandbox.run(DRAW, first, options, wall_seconds=SHEET_SECONDS))

    async def _choose(self, file: Fetched, found: Format, extract: Extract, out: Path) -> VideoFacts:
        options = self._options(extract) | {"demuxer": found.demuxer, "out": str(out)}
        result = await self._sandbox.run(CHOOSE, file.path, options, wall_seconds=self._limits.wall_seconds)
        facts = await asyncio.to_thread(read_facts, result, out)
        stored = _Stored(size=file.size, facts=facts).model_dump_json()
        await asyncio.to_thread((out / FACTS_FILE).write_text, stored)
        return facts

    def _options(self, extract: Extract) -> dict[str, Any]:
        limits = self._limits
        options: dict[str, Any] = {
            "count": extract.count,
            "long_side": limits.long_side,
            "screen_long_side": limits.screen_long_side,
            "soft_long_side": limits.soft_long_side,
            "max_pixels": limits.pixels,
            "max_seconds": limits.decode_seconds,
            "from": extract.start,
            "at": list(extract.at),
        }
        return options if extract.end is None else options | {"to": extract.end}

    def _key(self, extract: Extract) -> str:
        return f"{VERSION} {json.dumps(self._options(extract), sort_keys=True)}"


def _recognized(path: Path) -> Format:
    with path.open("rb") as file:
        found = sniff(file.read(HEAD_BYTES))
    if found is None:
        raise MediaError("media-unknown")
    if not found.demuxer:
        raise MediaError("media-unsupported", what=found.name)
    return found


def _replace(folder: Path, name: str, data: bytes) -> None:
    """Leave nothing in a folder but one file."""
    for path in folder.iterdir():
        path.unlink()
    (folder / name).write_bytes(data)


def _prepared(sha256: str, size: int, facts: VideoFacts, extract: Extract) -> PreparedVideo:
    frames = tuple(VideoFrame(index, **each.model_dump()) for index, each in enumerate(facts.frames))
    rest = facts.model_dump(exclude={"frames"})
    return PreparedVideo(sha256=sha256, size=size, frames=frames, extract=extract, **rest)
