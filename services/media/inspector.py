"""What a sound or video file claims about itself, before it is decoded."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, NonNegativeFloat, NonNegativeInt, ValidationError

from services.errors import MediaError
from services.media.fetch import Fetched
from services.media.sandbox import Sandbox
from services.media.sniff import Format

log = logging.getLogger(__name__)

INSPECT = "services.media.inspection:inspect"


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a file's header says; only a decoder knows."""

    seconds: float | None
    has_picture: bool
    tracks: int
    """Of sound."""


class _Facts(BaseModel):
    seconds: NonNegativeFloat | None
    tracks: NonNegativeInt
    video: dict[str, Any] | None


class Inspector:
    """Looks at the streams of files, in a sandbox child."""

    def __init__(self, *, sandbox: Sandbox, max_pixels: int) -> None:
        self._sandbox = sandbox
        self._max_pixels = max_pixels

    async def inspect(self, file: Fetched, found: Format) -> Claimed:
        """Look at a fetched sound or video file.

        Raises:
            MediaError: There is nothing in it that can be decoded.
        """
        options = {"demuxer": found.demuxer, "max_pixels": self._max_pixels}
        result = await self._sandbox.run(INSPECT, file.path, options)
        try:
            facts = _Facts.model_validate(result.facts, strict=True)
        except ValidationError:
            log.warning("A decoding child answered nonsense")
            raise MediaError("media-decoder-died") from None
        return Claimed(facts.seconds, facts.video is not None, facts.tracks)
