"""From a fetched file to pictures that a model can look at."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, NonNegativeFloat, PositiveInt, ValidationError

from services.ai.protocols import Picture
from services.domain import Kind
from services.errors import MediaError
from services.media.fetch import Fetched
from services.media.sandbox import ChildResult, Sandbox
from services.media.sniff import HEAD_BYTES, JPEG, PNG, Format, sniff
from services.settings import LimitSettings

log = logging.getLogger(__name__)

DECODE = "services.media.images:decode"
MODEL_LONG_SIDE = 1568
"""Longest side of what models see; larger pictures cost more and show them no more."""


@dataclass(frozen=True, slots=True)
class PreparedPictures:
    """A picture, or the chosen moments of an animation, with what is known of the file."""

    kind: Kind
    size: int
    """Bytes of the file."""
    sha256: str
    width: int
    """Of the original as people see it, in px."""
    height: int
    frames: int
    """As far as the animation was read; very long ones are not read to their end."""
    seconds: float
    pictures: tuple[Picture, ...]


class _PictureFacts(BaseModel):
    mime: Literal["image/jpeg", "image/png"]
    width: PositiveInt
    height: PositiveInt
    time: NonNegativeFloat | None


class _Facts(BaseModel):
    """What `services.media.images.decode` answers."""

    kind: Literal["image", "animation"]
    width: PositiveInt
    height: PositiveInt
    frames: PositiveInt
    seconds: NonNegativeFloat
    pictures: list[_PictureFacts]


class PictureReader:
    """Decodes pictures."""

    def __init__(self, *, sandbox: Sandbox, limits: LimitSettings) -> None:
        self._sandbox = sandbox
        self._limits = limits

    async def decode(
        self, file: Fetched, found: Format, *, long_side: int = MODEL_LONG_SIDE
    ) -> PreparedPictures:
        """Decode a fetched file.

        Args:
            found: What its first bytes say it is.
            long_side: Of a single picture's result, in px.

        Raises:
            MediaError: It is no picture, or cannot be read.
        """
        if found.family != "picture":
            raise MediaError("media-no-still")
        options = {
            "decoder": found.decoder,
            "max_pixels": self._limits.image_pixels,
            "long_side": long_side,
            "moments": self._limits.animation_moments,
        }
        result = await self._sandbox.run(DECODE, file.path, options)
        facts = _facts(result)
        return PreparedPictures(
            kind=Kind(facts.kind),
            size=file.size,
            sha256=file.sha256,
            width=facts.width,
            height=facts.height,
            frames=facts.frames,
            seconds=facts.seconds,
            pictures=tuple(
                Picture(data, each.mime, each.width, each.height, each.time)
                for each, data in zip(facts.pictures, result.payloads, strict=True)
            ),
        )


def _facts(result: ChildResult) -> _Facts:
    """Check what the child said: it may have been taken over by the file."""
    try:
        facts = _Facts.model_validate(result.facts, strict=True)
    except ValidationError:
        log.warning("A decoding child answered nonsense")
        raise MediaError("media-decoder-died") from None
    expected = [JPEG if each.mime == "image/jpeg" else PNG for each in facts.pictures]
    if not expected or expected != [sniff(data[:HEAD_BYTES]) for data in result.payloads]:
        log.warning("A decoding child answered nonsense")
        raise MediaError("media-decoder-died")
    return facts
