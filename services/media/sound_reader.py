"""From a fetched file to pieces of sound that a transcription model gets, kept in the media cache."""

from __future__ import annotations

import asyncio
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, NonNegativeInt

from services.errors import MediaError
from services.media._sound_facts import SoundFacts, check_files, read_facts
from services.media.cache import MediaCache, UnsafeFileError
from services.media.fetch import Fetched
from services.media.sandbox import Sandbox
from services.media.sniff import HEAD_BYTES, Format, sniff

log = logging.getLogger(__name__)

CUT = "services.media.sound:cut"
VERSION = "sound-2"
"""Changes whenever the same file would give other pieces."""
FACTS_FILE = "facts.json"
AS_IS_BYTES = 25_000_000
"""Transcription models take no larger files."""
AS_IS_SUFFIXES = {
    "ogg": "ogg",
    "opus": "ogg",
    "mp3": "mp3",
    "m4a": "m4a",
    "mp4": "mp4",
    "wav": "wav",
    "webm": "webm",
    "flac": "flac",
}
"""Formats that transcription models take, by the name they have here."""
BASE_SECONDS = 30.0
SECONDS_A_SECOND = 0.05
"""Ten times what decoding takes on an idle machine."""
SMALLEST_BYTES_A_SECOND = 500
"""No codec makes speech smaller, so a file's size bounds its length."""


@dataclass(frozen=True, slots=True)
class SoundLimits:
    """What is listened to at most."""

    sound_bytes: int = 250_000_000
    video_bytes: int = 500_000_000
    seconds: int = 7200
    pixels: int = 36_000_000
    """Of pictures inside the file; larger ones are not even looked at."""
    allows_as_is: bool = True
    """A short, clean file may go to the model as it is; else a model gets plain samples only."""


@dataclass(frozen=True, slots=True)
class SoundPiece:
    """A stretch of sound. Times are seconds on the file's own clock."""

    index: int
    start: float
    end: float
    speech: bool
    """Whether there is anything to be heard: speech, or music. Else there is no file."""
    overlap: float
    """Seconds at its beginning that the piece before has, too: words there may come twice."""
    rms_db: float
    """Of the original, in dB below full scale."""
    gain_db: float
    """How much louder the piece was made than the original."""
    file: str
    """Its name in the cache; the ending tells the format."""


@dataclass(frozen=True, slots=True)
class PreparedSound:
    """One sound track, cut into pieces whose bytes lie in the cache."""

    sha256: str
    """Hex digest of the file as received."""
    size: int
    """Bytes of the file."""
    seconds: float
    """When the sound ends, on the file's own clock."""
    read_until: float | None
    """Where a file that is cut short ends; None when all of it was read."""
    tracks: int
    """Sound tracks in the file; one was heard."""
    language: str | None
    """As the track is tagged: a claim."""
    as_is: bool
    """The only piece is the file itself."""
    pieces: tuple[SoundPiece, ...]


class _Stored(BaseModel):
    """What the cache keeps beside the pieces; written by us."""

    size: NonNegativeInt
    facts: SoundFacts


class SoundReader:
    """Recognizes, decodes and cuts sound, of sound files and of videos."""

    def __init__(self, *, sandbox: Sandbox, cache: MediaCache, limits: SoundLimits | None = None) -> None:
        self._sandbox = sandbox
        self._cache = cache
        self._limits = limits or SoundLimits()

    async def prepare(self, file: Fetched) -> PreparedSound:
        """Cut the sound of a fetched file into pieces.

        Raises:
            MediaError: It cannot be heard, and why.
        """
        if known := await self.known(file.sha256):
            return known
        found = await asyncio.to_thread(recognized, file.path)
        self._check_size(file.size, found)
        out = file.path.parent / "sound"
        await asyncio.to_thread(out.mkdir)
        try:
            facts = await self._cut(file, found, out)
            folder = await self._cache.put(file.sha256, self._key(), out)
        except UnsafeFileError:
            log.warning("A decoding child left something else than its pieces")
            raise MediaError("media-decoder-died") from None
        finally:
            await asyncio.to_thread(shutil.rmtree, out, ignore_errors=True)
        log.info(
            "Cut %.0f s of sound into %d pieces in %s", facts.pieces[-1].end, len(facts.pieces), folder.name
        )
        return _prepared(file.sha256, file.size, facts)

    async def known(self, sha256: str) -> PreparedSound | None:
        """Return what was prepared before; None when the cache has it no more."""
        folder = await self._cache.get(sha256, self._key())
        stored = await self._cache.read(folder, FACTS_FILE) if folder else None
        if stored is None:
            return None
        kept = _Stored.model_validate_json(stored)
        return _prepared(sha256, kept.size, kept.facts)

    async def piece(self, prepared: PreparedSound, index: int) -> bytes | None:
        """Return a piece's file; None when the cache has it no more: then prepare again.

        Raises:
            ValueError: There is nothing to be heard in that piece, so it has no file.
        """
        name = prepared.pieces[index].file
        if not name:
            raise ValueError("there is nothing to be heard in that piece")
        folder = await self._cache.get(prepared.sha256, self._key())
        return await self._cache.read(folder, name) if folder else None

    def _key(self) -> str:
        plain = "" if self._limits.allows_as_is else " plain"
        return f"{VERSION} seconds={self._limits.seconds}{plain}"

    def _check_size(self, size: int, found: Format) -> None:
        limit = self._limits.video_bytes if found.family == "video" else self._limits.sound_bytes
        if size > limit:
            raise MediaError("media-too-big", limit=f"{limit / 1_000_000:.0f} MB")

    async def _cut(self, file: Fetched, found: Format, out: Path) -> SoundFacts:
        options = {
            "demuxer": found.demuxer,
            "max_pixels": self._limits.pixels,
            "out": str(out),
            "max_seconds": self._limits.seconds,
        }
        result = await self._sandbox.run(CUT, file.path, options, wall_seconds=self.wall_seconds(file.size))
        facts = read_facts(result)
        await asyncio.to_thread(check_files, out, facts)
        suffix = AS_IS_SUFFIXES.get(found.name)
        if self._limits.allows_as_is and facts.as_is and suffix and file.size <= AS_IS_BYTES:
            await asyncio.to_thread(_use_original, file.path, out, facts, f"original.{suffix}")
        else:
            facts.as_is = False
        stored = _Stored(size=file.size, facts=facts).model_dump_json()
        await asyncio.to_thread(_write_new, out / FACTS_FILE, stored)
        return facts

    def wall_seconds(self, size: int) -> float:
        """Return how long decoding a file of so many bytes may take."""
        return BASE_SECONDS + SECONDS_A_SECOND * min(self._limits.seconds, size / SMALLEST_BYTES_A_SECOND)


def recognized(path: Path) -> Format:
    """Tell which container a fetched file is.

    Raises:
        MediaError: It is none whose sound can be decoded.
    """
    with path.open("rb") as file:
        found = sniff(file.read(HEAD_BYTES))
    if found is None:
        raise MediaError("media-unknown")
    if not found.demuxer:
        raise MediaError("media-unsupported", what=found.name)
    return found


def _use_original(path: Path, folder: Path, facts: SoundFacts, name: str) -> None:
    """Let the file itself be the only piece: models decode it better than a second coding would."""
    (piece,) = facts.pieces
    (folder / piece.file).unlink()
    shutil.copyfile(path, folder / name)
    facts.pieces = [piece.model_copy(update={"file": name})]


def _write_new(path: Path, text: str) -> None:
    with path.open("x") as file:
        file.write(text)


def _prepared(sha256: str, size: int, facts: SoundFacts) -> PreparedSound:
    return PreparedSound(
        sha256=sha256,
        size=size,
        seconds=facts.pieces[-1].end,
        read_until=facts.read_until,
        tracks=facts.tracks,
        language=facts.language,
        as_is=facts.as_is,
        pieces=tuple(SoundPiece(**piece.model_dump()) for piece in facts.pieces),
    )
