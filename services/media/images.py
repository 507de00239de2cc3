"""Decodes pictures and animations; runs in a sandbox child.

Every way in is explicit: the format comes from the bytes, the pixel count is checked before anything
is decoded, and what comes out is upright, sRGB, opaque, free of metadata and no larger than asked.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Literal

import pillow_heif
from PIL import Image

from services.media._appearance import SIDEWAYS, orientation_of, prepare
from services.media._refusals import RefusedError
from services.media.animations import read_animation

pillow_heif.register_heif_opener()  # pyright: ignore[reportUnknownMemberType] - its options are untyped
Image.MAX_IMAGE_PIXELS = None  # Our own check, below, comes before any decoding.
Image.init()

ANIMATED_FORMATS = frozenset({"GIF", "WEBP", "PNG", "AVIF"})
JPEG_QUALITY = 88
FEW_COLOURS = 256
PNG_EFFORT = 4
"""Of 9: a sixth of the time of the last, for files a few percent larger."""


def decode(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Decode a picture, or some moments of an animation.

    Args:
        path: The file.
        options: `decoder` (Pillow's format name), `max_pixels`, `long_side` (px of the result),
            `moments` (how many of an animation).

    Returns:
        Facts (`kind`, `width`, `height`, `frames`, `seconds`, `pictures`) and the encoded pictures.
    """
    with Image.open(path, formats=[options["decoder"]]) as image:
        _check_size(image.size, options["max_pixels"])
        width, height = image.size
        if orientation_of(image) in SIDEWAYS:
            width, height = height, width
        facts: dict[str, Any] = {"width": width, "height": height, "kind": "image", "frames": 1, "seconds": 0.0}
        if image.format in ANIMATED_FORMATS and getattr(image, "is_animated", False):
            animation = read_animation(image, options["moments"])
            facts |= {"kind": "animation", "frames": animation.frames, "seconds": animation.seconds}
            pictures = [(moment.picture, moment.time) for moment in animation.moments]
        else:
            pictures = [(prepare(image, options["long_side"]), None)]
    encoded = [_encode(picture) for picture, _ in pictures]
    facts["pictures"] = [
        {"mime": mime, "width": picture.width, "height": picture.height, "time": at}
        for (picture, at), (mime, _) in zip(pictures, encoded, strict=True)
    ]
    return facts, [data for _, data in encoded]


def _check_size(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise RefusedError("media-too-many-pixels", size=f"{width} × {height}", limit=f"{max_pixels / 1e6:.0f}")
    # Later frames may be larger than what the header says; Pillow refuses those at twice this number.
    Image.MAX_IMAGE_PIXELS = max_pixels


def _encode(picture: Image.Image) -> tuple[Literal["image/jpeg", "image/png"], bytes]:
    """Encode as JPEG; drawings with few colours as PNG when that is smaller."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
    jpeg = buffer.getvalue()
    if picture.getcolors(FEW_COLOURS) is not None:
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", compress_level=PNG_EFFORT)
        if len(png := buffer.getvalue()) < len(jpeg):
            return "image/png", png
    return "image/jpeg", jpeg
