"""What children say of a video and leave in their folder: checked, because they may have been taken over."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
)

from services.errors import MediaError
from services.media.cache import UnsafeFileError, open_plain
from services.media.sandbox import ChildResult
from services.media.sniff import HEAD_BYTES, JPEG, sniff

log = logging.getLogger(__name__)

MOST_FRAMES = 500
FRAME_BYTES = 8_000_000


class FrameFacts(BaseModel):
    """One frame."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    time: NonNegativeFloat
    width: PositiveInt
    height: PositiveInt
    file: Annotated[str, Field(pattern=r"^frame-\d{4}\.jpg$")]


class VideoFacts(BaseModel):
    """What `services.media.video.frames` answers."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    seconds: NonNegativeFloat
    width: NonNegativeInt
    height: NonNegativeInt
    fps: NonNegativeFloat
    start: float
    codec: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,30}$")]
    content: Literal["camera", "screen"]
    frames: Annotated[list[FrameFacts], Field(max_length=MOST_FRAMES)]
    read_until: NonNegativeFloat | None
    has_picture: bool
    foreign_codec: Annotated[str, Field(pattern=r"^[a-z0-9_?]{0,30}$")]


class SheetFacts(BaseModel):
    """What `services.media.contact_sheet.draw` answers."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    width: PositiveInt
    height: PositiveInt
    times: list[NonNegativeFloat]


def read_facts(result: ChildResult, folder: Path) -> VideoFacts:
    """Return what a child said, if it makes sense and fits what lies in the folder.

    Raises:
        MediaError: It does not.
    """
    try:
        facts = VideoFacts.model_validate(result.facts)
    except ValidationError:
        raise nonsense() from None
    times = [frame.time for frame in facts.frames]
    names = {frame.file for frame in facts.frames}
    if bool(names) != facts.has_picture or times != sorted(times) or len(names) != len(times):
        raise nonsense()
    if names != {path.name for path in folder.iterdir()}:
        raise nonsense()
    for name in names:
        _check_frame(folder / name)
    return facts


def read_sheet(result: ChildResult) -> bytes:
    """Return a sheet, if the child gave one.

    Raises:
        MediaError: It did not.
    """
    try:
        SheetFacts.model_validate(result.facts)
        (sheet,) = result.payloads
    except ValueError:
        raise nonsense() from None
    if sniff(sheet[:HEAD_BYTES]) != JPEG:
        raise nonsense()
    return sheet


def nonsense() -> MediaError:
    """Note that a child lied, and return the error for it."""
    log.warning("A decoding child answered nonsense")
    return MediaError("media-decoder-died")


def _check_frame(path: Path) -> None:
    try:
        with open_plain(path) as file:
            head = file.read(HEAD_BYTES)
            size = file.seek(0, 2)
    except (OSError, UnsafeFileError):
        raise nonsense() from None
    if sniff(head) != JPEG or size > FRAME_BYTES:
        raise nonsense()
