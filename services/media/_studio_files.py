"""How the picture work of a refinement opens its inputs and encodes its results; runs in sandbox children.

An input is named in a job's options as `{"file": name, "decoder": Pillow's name}`; the file lies in the
job's folder, which is the child's working directory.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from services.media._appearance import prepare
from services.media._refusals import RefusedError
from services.media.images import as_jpeg, check_size

Mime = Literal["image/png", "image/jpeg", "image/webp"]
JPEG_QUALITIES = (95, 90, 84, 76, 66)
PNG_EFFORT = 4
SMALLER = 0.75
"""Factor of the sides when no quality is low enough."""
SMALLEST_SIDE = 64


@contextmanager
def opened(source: Mapping[str, Any], max_pixels: int) -> Generator[Image.Image]:
    """Open one input; its pixel count is checked before anything is decoded."""
    with Image.open(Path(source["file"]).name, formats=[source["decoder"]]) as image:
        check_size(image.size, max_pixels)
        yield image


def upright(source: Mapping[str, Any], max_pixels: int, long_side: int) -> Image.Image:
    """Decode one input: upright, sRGB, opaque, free of metadata, at most `long_side` px."""
    with opened(source, max_pixels) as image:
        return prepare(image, long_side)


def as_png(image: Image.Image) -> bytes:
    """Encode as PNG, without metadata."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=PNG_EFFORT)
    return buffer.getvalue()


def below(
    image: Image.Image, max_bytes: int, *, lossless_first: bool = True
) -> tuple[Mime, bytes, Image.Image]:
    """Encode below a number of bytes: PNG, else JPEG (WebP with transparency), in the end made smaller.

    Returns:
        The type, the bytes, and the picture as it was encoded.

    Raises:
        RefusedError: Not even a small picture is small enough.
    """
    while min(image.size) >= 1:
        if lossless_first and len(png := as_png(image)) <= max_bytes:
            return "image/png", png, image
        for quality in JPEG_QUALITIES:
            mime, data = _lossy(image, quality)
            if len(data) <= max_bytes:
                return mime, data, image
        if max(image.size) <= SMALLEST_SIDE:
            break
        width, height = (max(round(side * SMALLER), 1) for side in image.size)
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    raise RefusedError("media-too-complex")


def _lossy(image: Image.Image, quality: int) -> tuple[Mime, bytes]:
    if image.mode != "RGBA":
        return "image/jpeg", as_jpeg(image, quality)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality)
    return "image/webp", buffer.getvalue()
