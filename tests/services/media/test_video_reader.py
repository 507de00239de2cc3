"""From a video to frames and a sheet in the cache; what children say of it is checked."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from playground.models import markers
from services.errors import MediaError
from services.media.cache import MediaCache
from services.media.fetch import Fetched
from services.media.sandbox import Sandbox
from services.media.sniff import HEAD_BYTES
from services.media.video_reader import Extract, VideoLimits, VideoReader
from tests.videos import marked, video

pytestmark = pytest.mark.asyncio(loop_scope="module")
FPS = 25


@pytest.fixture
def cache(tmp_path: Path) -> MediaCache:
    return MediaCache(tmp_path / "cache", max_bytes=100_000_000)


@pytest.fixture
def reader(decoding_sandbox: Sandbox, cache: MediaCache) -> VideoReader:
    return VideoReader(sandbox=decoding_sandbox, cache=cache)


def fetched(path: Path) -> Fetched:
    data = path.read_bytes()
    return Fetched(path, len(data), hashlib.sha256(data).hexdigest(), data[:HEAD_BYTES])


def clip(folder: Path) -> Fetched:
    (folder / "file").mkdir()
    return fetched(video(folder / "file" / "in.mp4", marked([(0, 1), (1, 1), (2, 1)])))


async def test_frames_and_sheet_are_kept(reader: VideoReader, tmp_path: Path) -> None:
    """What was prepared is found again by the file's hash alone, pictures and all."""
    file = clip(tmp_path)
    prepared = await reader.prepare(file)
    for frame in prepared.frames:
        data = await reader.frame(prepared, frame.index) or b""
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.size == (frame.width, frame.height)
            assert markers.read(picture) == round(frame.time * FPS)
    sheet = await reader.sheet(prepared)
    file.path.unlink()
    assert await reader.known(file.sha256) == prepared
    assert await reader.sheet(prepared) == sheet
    assert (prepared.seconds, prepared.size, prepared.has_picture) == (pytest.approx(3.0), file.size, True)


async def test_closer_looks_are_kept_apart(reader: VideoReader, tmp_path: Path) -> None:
    """A part of a video, and single times of it, are choices of their own."""
    file = clip(tmp_path)
    whole = await reader.prepare(file)
    part = await reader.prepare(file, Extract(count=8, start=1.0, end=2.0))
    assert all(1.0 <= frame.time <= 2.0 for frame in part.frames)
    asked = await reader.frames_at(file, [2.52, 0.48])
    assert [frame.time for frame in asked.frames] == pytest.approx([0.48, 2.52], abs=0.05)
    assert await reader.known(file.sha256) == whole


async def test_forgotten_video_has_no_frames_left(
    reader: VideoReader, cache: MediaCache, tmp_path: Path
) -> None:
    """Erasing a file erases what was made of it."""
    file = clip(tmp_path)
    prepared = await reader.prepare(file)
    await cache.forget(file.sha256)
    assert await reader.known(file.sha256) is None
    assert await reader.frame(prepared, 0) is None
    assert await reader.sheet(prepared) is None


async def test_file_that_is_no_video_is_named(reader: VideoReader, tmp_path: Path) -> None:
    """A playlist called .mp4 is told to be one."""
    path = tmp_path / "in.bin"
    path.write_bytes(b"#EXTM3U\nfile:///etc/passwd\n")
    with pytest.raises(MediaError, match="media-unsupported what=playlist"):
        await reader.prepare(fetched(path))


async def test_large_files_are_not_opened(decoding_sandbox: Sandbox, cache: MediaCache, tmp_path: Path) -> None:
    """The limit counts before anything is decoded."""
    reader = VideoReader(sandbox=decoding_sandbox, cache=cache, limits=VideoLimits(video_bytes=1000))
    with pytest.raises(MediaError, match="media-too-big"):
        await reader.prepare(clip(tmp_path))
