"""Opens the pictures that our own decoding made: JPEG or PNG, upright, of the size that was told."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.ai.offline.child.errors import UnreadableError

Pixels = NDArray[np.uint8]
"""Height x width x 3, red first."""
MAX_PIXELS = 20_000_000
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}


def open_picture(data: bytes, told: Mapping[str, Any]) -> Pixels:
    """Return the pixels of a picture.

    Args:
        data: The file.
        told: Its `mime`, `width` and `height`, px.

    Raises:
        UnreadableError: It is broken, too large, or not what was told.
    """
    size = (told["width"], told["height"])
    if size[0] * size[1] > MAX_PIXELS or told["mime"] not in FORMATS:
        raise UnreadableError
    try:
        with Image.open(io.BytesIO(data), formats=[FORMATS[told["mime"]]]) as image:
            if image.size != size:
                raise UnreadableError
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise UnreadableError from None


def luma(pixels: Pixels) -> NDArray[np.float32]:
    """Return the brightness of each pixel, 0 to 255 (BT.601, as JPEG has it)."""
    return (pixels @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.float32)


def shrunk(pixels: Pixels, long_side: int) -> Pixels:
    """Return the picture with its longer side at most so long, px; never enlarged."""
    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))
