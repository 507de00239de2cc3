"""The reader hands on pieces that can be trusted, once decoded, from the cache."""

from __future__ import annotations

import hashlib
import io
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from services.errors import MediaError
from services.media.cache import MediaCache
from services.media.fetch import Fetched
from services.media.sandbox import ChildResult, Sandbox
from services.media.sniff import HEAD_BYTES
from services.media.sound_reader import SoundLimits, SoundReader
from tests.sounds import beeps, encoded, speech

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIARS = "tests.services.media.sound_liars"


@pytest.fixture
def cache(tmp_path: Path) -> MediaCache:
    return MediaCache(tmp_path / "cache", max_bytes=100_000_000)


@pytest.fixture
def reader(decoding_sandbox: Sandbox, cache: MediaCache) -> SoundReader:
    return SoundReader(sandbox=decoding_sandbox, cache=cache)


def fetched(folder: Path, data: bytes) -> Fetched:
    """Lay a file down as a download does."""
    path = folder / f"job{len(list(folder.glob('job*')))}" / "in.bin"
    path.parent.mkdir()
    path.write_bytes(data)
    return Fetched(path, len(data), hashlib.sha256(data).hexdigest(), data[:HEAD_BYTES])


async def test_a_recording_becomes_pieces(reader: SoundReader, tmp_path: Path) -> None:
    """WAV files of 16 kHz, with what is known of the recording."""
    data = encoded(speech(), container="ipod", codec="aac")
    sound = await reader.prepare(fetched(tmp_path, data))
    assert (sound.size, sound.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert sound.seconds == pytest.approx(44.4, abs=0.1)
    assert (sound.tracks, sound.as_is, sound.read_until) == (1, False, None)
    assert len(sound.pieces) == 2
    for index, piece in enumerate(sound.pieces):
        with wave.open(io.BytesIO(await reader.piece(sound, index) or b"")) as file:
            assert file.getframerate() == 16_000
            assert file.getnframes() / 16_000 == pytest.approx(piece.end - piece.start, abs=0.001)


@pytest.mark.parametrize(
    ("container", "codec", "name"),
    [
        ("ogg", "libopus", "original.ogg"),
        ("mp3", "libmp3lame", "original.mp3"),
        ("ipod", "aac", "original.m4a"),
        ("webm", "libopus", "original.webm"),
    ],
)
async def test_short_notes_are_handed_on_as_they_are(
    reader: SoundReader, tmp_path: Path, container: str, codec: str, name: str
) -> None:
    """The model hears what was recorded, not a second coding of it."""
    data = encoded(beeps([1.0], 3), container=container, codec=codec)
    sound = await reader.prepare(fetched(tmp_path, data))
    assert sound.as_is
    assert [piece.file for piece in sound.pieces] == [name]
    assert await reader.piece(sound, 0) == data


async def test_formats_that_models_do_not_take_are_converted(reader: SoundReader, tmp_path: Path) -> None:
    """Bare AAC and QuickTime become WAV, however short."""
    for container, codec in (("adts", "aac"), ("mov", "pcm_s16le"), ("ipod", "alac")):
        data = encoded(beeps([1.0], 3), container=container, codec=codec)
        sound = await reader.prepare(fetched(tmp_path, data))
        assert not sound.as_is
        assert [piece.file for piece in sound.pieces] == ["piece-0000.wav"]


async def test_a_known_file_is_not_decoded_again(
    reader: SoundReader, cache: MediaCache, tmp_path: Path
) -> None:
    """A second reader answers from the cache, even where no decoder runs any more."""
    file = fetched(tmp_path, encoded(beeps([1.0, 40.0], 45)))
    first = await reader.prepare(file)
    closed = Sandbox(children=1, memory_bytes=10**9, wall_seconds=5, preload=[])
    await closed.aclose()
    other = SoundReader(sandbox=closed, cache=cache)
    assert await other.prepare(file) == first
    assert await other.known(file.sha256) == first
    piece = await other.piece(first, 0)
    assert piece
    assert piece == await reader.piece(first, 0)
    await cache.forget(file.sha256)
    assert await other.known(file.sha256) is None
    assert await other.piece(first, 0) is None


async def test_nothing_is_left_beside_the_file(reader: SoundReader, tmp_path: Path) -> None:
    """The pieces lie in the cache alone; the folder is ready for the next reader of the same file."""
    file = fetched(tmp_path, encoded(beeps([1.0], 40)))
    await reader.prepare(file)
    assert [path.name for path in file.path.parent.iterdir()] == ["in.bin"]


async def test_silent_pieces_have_no_file(reader: SoundReader, tmp_path: Path) -> None:
    """Asking for one is a mistake."""
    sound = await reader.prepare(fetched(tmp_path, encoded(beeps([], 5))))
    assert [(piece.speech, piece.file) for piece in sound.pieces] == [(False, "")]
    with pytest.raises(ValueError, match="nothing to be heard"):
        await reader.piece(sound, 0)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x00" * 100, "media-unknown"),
        (b"#EXTM3U\nfile:///etc/passwd", "media-unsupported"),
        (b"#!AMR\n" + b"\x00" * 100, "media-unsupported"),
        (b"OggS\x00\x02" + b"\x01" * 500, "media-broken"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + b"\x00" * 400, "media-broken"),
        (b"ID3\x04\x00" + b"\x00" * 20, "media-broken"),
    ],
)
async def test_what_cannot_be_heard_says_why(
    reader: SoundReader, tmp_path: Path, data: bytes, code: str
) -> None:
    """One error for each, and no traces."""
    file = fetched(tmp_path, data)
    with pytest.raises(MediaError) as caught:
        await reader.prepare(file)
    assert caught.value.code == code
    assert [path.name for path in file.path.parent.iterdir()] == ["in.bin"]


async def test_sound_files_have_a_limit_of_their_own(
    decoding_sandbox: Sandbox, cache: MediaCache, tmp_path: Path
) -> None:
    """Videos may be larger."""
    reader = SoundReader(
        sandbox=decoding_sandbox,
        cache=cache,
        limits=SoundLimits(sound_bytes=1000, video_bytes=1_000_000),
    )
    with pytest.raises(MediaError, match="media-too-big"):
        await reader.prepare(fetched(tmp_path, encoded(beeps([1.0], 3))))
    assert await reader.prepare(fetched(tmp_path, encoded(beeps([1.0], 3), container="mp4", codec="aac")))


class TakenOver(Sandbox):
    """A sandbox whose children do something else than they were told."""

    def __init__(self, sandbox: Sandbox, function: str) -> None:
        super().__init__(children=1, memory_bytes=10**9, wall_seconds=60, preload=[])
        self._inner = sandbox
        self._function = function

    async def run(
        self, function: str, path: Path, options: Mapping[str, Any], *, wall_seconds: float | None = None
    ) -> ChildResult:
        return await self._inner.run(self._function, path, options, wall_seconds=wall_seconds)


@pytest.mark.parametrize(
    "name",
    [
        "link_to_a_secret",
        "name_outside",
        "extra_file",
        "missing_file",
        "no_wave",
        "wrong_length",
        "times_backwards",
        "not_a_number",
        "facts_file",
        "die",
    ],
)
async def test_lies_of_a_taken_over_child_are_not_kept(
    decoding_sandbox: Sandbox, cache: MediaCache, tmp_path: Path, name: str
) -> None:
    """Whatever it says or leaves behind: an ordinary error, and nothing in the cache."""
    sandbox = TakenOver(decoding_sandbox, f"{LIARS}:{name}")
    reader = SoundReader(sandbox=sandbox, cache=cache)
    file = fetched(tmp_path, encoded(beeps([1.0], 3)))
    with pytest.raises(MediaError) as caught:
        await reader.prepare(file)
    assert caught.value.code == "media-decoder-died"
    assert await reader.known(file.sha256) is None


async def test_two_hours_get_minutes_and_a_note_gets_less(reader: SoundReader) -> None:
    """The time limit follows the size, up to that of the longest recording."""
    assert reader.wall_seconds(20_000) < 35
    assert 300 < reader.wall_seconds(100_000_000) == reader.wall_seconds(400_000_000) < 600
