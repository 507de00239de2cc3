"""Parts of pictures in full resolution, and moments of animations, kept in the media cache."""

from __future__ import annotations

import asyncio
import json
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, NonNegativeFloat, PositiveInt, ValidationError

from services.ai.protocols import Picture
from services.errors import MediaError
from services.media._leftovers import FOLDER_PREFIX
from services.media.cache import MediaCache
from services.media.fetch import Fetched
from services.media.sandbox import ChildResult, Sandbox
from services.media.sniff import HEAD_BYTES, JPEG, PNG, Format, sniff

log = logging.getLogger(__name__)

CROP = "services.media.images:crop"
VERSION = "crop-1"
"""Changes whenever the same file would give other parts."""
LONG_SIDE = 2048
"""About the most that models see of a picture under high detail."""
SMALL_SIDE = 480
SMALLEST_PART = 0.02
"""Of a side; a smaller part is widened to it, since a few pixels show nothing."""
_FACTS, _PART, _SMALL = "facts.json", "part.bin", "small.bin"

Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a picture."""

    picture: Picture
    small: Picture
    """The same for people to see beside an answer."""


class _PictureFacts(BaseModel):
    mime: Literal["image/jpeg", "image/png"]
    width: PositiveInt
    height: PositiveInt
    time: NonNegativeFloat | None


class _Facts(BaseModel):
    """What `services.media.images.crop` answers."""

    time: NonNegativeFloat | None
    pictures: tuple[_PictureFacts, _PictureFacts]


def tidy(box: Box) -> Box:
    """Return a box with its sides in order, inside the picture and large enough to show something."""
    sides: list[tuple[float, float]] = []
    for one, other in ((box[0], box[2]), (box[1], box[3])):
        low, high = sorted((min(max(one, 0.0), 1.0), min(max(other, 0.0), 1.0)))
        if high - low < SMALLEST_PART:
            middle = min(max((low + high) / 2, SMALLEST_PART / 2), 1 - SMALLEST_PART / 2)
            low, high = middle - SMALLEST_PART / 2, middle + SMALLEST_PART / 2
        sides.append((round(low, 4), round(high, 4)))
    (left, right), (top, bottom) = sides
    return left, top, right, bottom


class CropReader:
    """Cuts parts out of pictures, in sandbox children."""

    def __init__(self, *, sandbox: Sandbox, cache: MediaCache, max_pixels: int) -> None:
        self._sandbox = sandbox
        self._cache = cache
        self._max_pixels = max_pixels

    async def known(self, sha256: str, box: Box, time: float) -> Crop | None:
        """Return what was cut out before; None when the cache has it no more."""
        folder = await self._cache.get(sha256, _key(box, time))
        if folder is None:
            return None
        found = [await self._cache.read(folder, name) for name in (_FACTS, _PART, _SMALL)]
        facts, part, small = found
        if facts is None or part is None or small is None:
            return None
        return _crop(_Facts.model_validate_json(facts), (part, small))

    async def cut(self, file: Fetched, found: Format, box: Box, time: float) -> Crop:
        """Cut a part out of a fetched picture.

        Args:
            file: The picture.
            found: What its first bytes say it is.
            box: Left, top, right and bottom, each 0 to 1 of the upright picture; tidy.
            time: Seconds, of an animation.

        Raises:
            MediaError: It is no picture, or cannot be read.
        """
        if found.family != "picture":
            raise MediaError("media-no-still")
        options = {
            "decoder": found.decoder,
            "max_pixels": self._max_pixels,
            "box": list(box),
            "time": time,
            "long_side": LONG_SIDE,
            "small_side": SMALL_SIDE,
        }
        result = await self._sandbox.run(CROP, file.path, options)
        facts = _facts(result)
        part, small = result.payloads
        with tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True) as name:
            for file_name, data in ((_FACTS, facts.model_dump_json().encode()), (_PART, part), (_SMALL, small)):
                await asyncio.to_thread((Path(name) / file_name).write_bytes, data)
            await self._cache.put(file.sha256, _key(box, time), Path(name))
        return _crop(facts, (part, small))


def _key(box: Box, time: float) -> str:
    return f"{VERSION} {json.dumps([*box, time, LONG_SIDE, SMALL_SIDE])}"


def _facts(result: ChildResult) -> _Facts:
    """Check what the child said: it may have been taken over by the file."""
    try:
        facts = _Facts.model_validate(result.facts)
    except ValidationError:
        log.warning("A decoding child answered nonsense")
        raise MediaError("media-decoder-died") from None
    expected = [JPEG if each.mime == "image/jpeg" else PNG for each in facts.pictures]
    if expected != [sniff(data[:HEAD_BYTES]) for data in result.payloads]:
        log.warning("A decoding child answered nonsense")
        raise MediaError("media-decoder-died")
    return facts


def _crop(facts: _Facts, data: tuple[bytes, bytes]) -> Crop:
    part, small = (
        Picture(each, fact.mime, fact.width, fact.height, fact.time)
        for each, fact in zip(data, facts.pictures, strict=True)
    )
    return Crop(part, small)
