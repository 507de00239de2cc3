"""What `services.media.sound.cut` says and leaves behind: checked, because it may have been taken over."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, NonNegativeInt, ValidationError

from services.errors import MediaError
from services.media.cache import UnsafeFileError, open_plain
from services.media.sandbox import ChildResult
from services.media.sniff import HEAD_BYTES, WAV, sniff

log = logging.getLogger(__name__)

WAV_HEAD_BYTES = 44
BYTES_A_SECOND = 32_000
Time = Annotated[FiniteFloat, Field(ge=0)]
Level = Annotated[FiniteFloat, Field(ge=-200, le=20)]


class PieceFacts(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    index: NonNegativeInt
    start: Time
    end: Time
    speech: bool
    overlap: Annotated[FiniteFloat, Field(ge=0, le=1)]
    rms_db: Level
    gain_db: Annotated[FiniteFloat, Field(ge=0, le=100)]
    file: Annotated[str, Field(max_length=20)]


class SoundFacts(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    tracks: Annotated[int, Field(ge=1, le=1000)]
    track: NonNegativeInt
    codec: Annotated[str, Field(max_length=30, pattern=r"^[a-z0-9_]+$")]
    language: Annotated[str, Field(max_length=30, pattern=r"^[a-z0-9-]+$")] | None
    declared_seconds: Time | None
    decoded_seconds: Time
    damaged: NonNegativeInt
    read_until: Time | None
    rms_db: Level
    as_is: bool
    pieces: Annotated[list[PieceFacts], Field(min_length=1, max_length=100_000)]


def read_facts(result: ChildResult) -> SoundFacts:
    """Check what the child said: it may have been taken over by the file."""
    try:
        facts = SoundFacts.model_validate(result.facts)
    except ValidationError:
        raise _nonsense() from None
    before = 0.0
    for index, piece in enumerate(facts.pieces):
        name = f"piece-{index:04d}.wav" if piece.speech else ""
        starts_in_time = piece.start >= before - piece.overlap - 0.01
        if piece.index != index or piece.file != name or not starts_in_time or piece.end < piece.start:
            raise _nonsense()
        before = piece.end
    if facts.as_is and (len(facts.pieces) != 1 or not facts.pieces[0].speech):
        raise _nonsense()
    return facts


def check_files(folder: Path, facts: SoundFacts) -> None:
    """Check that the pieces are there, and nothing else.

    Raises:
        UnsafeFileError: They are not.
    """
    wanted = {piece.file: piece for piece in facts.pieces if piece.file}
    if {path.name for path in folder.iterdir()} != wanted.keys():
        raise UnsafeFileError("other files than announced")
    for name, piece in wanted.items():
        with open_plain(folder / name) as file:
            size = file.seek(0, 2)
            file.seek(0)
            expected = WAV_HEAD_BYTES + (piece.end - piece.start) * BYTES_A_SECOND
            if sniff(file.read(HEAD_BYTES)) != WAV or abs(size - expected) > 100:
                raise UnsafeFileError("no piece of the announced length")


def _nonsense() -> MediaError:
    log.warning("A decoding child answered nonsense")
    return MediaError("media-decoder-died")
