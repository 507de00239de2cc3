"""Decodes in the real sandbox, as the reader does."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from services.media.sandbox import ChildResult, Sandbox
from services.media.sniff import HEAD_BYTES, sniff
from services.media.studio_types import StudioPicture
from services.settings import LimitSettings

DECODE = "services.media.images:decode"


class Decoder:
    """Decodes bytes with the default limits."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self._path = folder / "in.bin"

    async def __call__(self, data: bytes, *, wall_seconds: float | None = None, **options: Any) -> ChildResult:
        self._path.write_bytes(data)
        found = sniff(data[:HEAD_BYTES])
        assert found is not None
        limits = LimitSettings()
        given = {
            "decoder": found.decoder,
            "max_pixels": limits.image_pixels,
            "long_side": 1568,
            "moments": limits.animation_moments,
        }
        return await self._sandbox.run(DECODE, self._path, given | options, wall_seconds=wall_seconds)


def shown(result: ChildResult, index: int = 0) -> Image.Image:
    """Return what a model would see."""
    return Image.open(io.BytesIO(result.payloads[index]))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference of two pictures (0 to 255), whatever their sizes."""
    views = [each.convert("RGB").resize((64, 64), Image.Resampling.BOX) for each in (one, other)]
    first, second = (np.asarray(view, dtype=np.float32) for view in views)
    return float(np.abs(first - second).mean())


def opened(picture: StudioPicture) -> Image.Image:
    """Decode what the studio made, and hold it to what it says of itself."""
    image = Image.open(io.BytesIO(picture.data))
    image.load()
    assert image.size == (picture.width, picture.height)
    assert Image.MIME[image.format or ""] == picture.mime
    return image
