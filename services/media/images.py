"""Decodes pictures and animations; runs in a sandbox child.

Every way in is explicit: the format comes from the bytes, the pixel count is checked before anything
is decoded, and what comes out is upright, sRGB, opaque, free of metadata and no larger than asked.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Literal

import pillow_heif
from PIL import Image, ImageFile

from services.media._appearance import SIDEWAYS, orientation_of, prepare, turned_upright
from services.media._refusals import RefusedError
from services.media.animations import frame_at, read_animation

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
        check_size(image.size, options["max_pixels"])
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


def crop(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Cut a part out of a picture in its full resolution.

    Args:
        path: The file.
        options: `decoder` (Pillow's format name), `max_pixels`, `box` (left, top, right and bottom, each 0 to 1
            of the picture as people see it), `time` (s, of an animation), `long_side` (px of the part, at
            most) and `small_side` (px of its small copy, at most).

    Returns:
        Facts (`time` and `pictures`: the part and its small copy) and both, encoded.
    """
    with Image.open(path, formats=[options["decoder"]]) as image:
        check_size(image.size, options["max_pixels"])
        time, found = None, image
        if image.format in ANIMATED_FORMATS and getattr(image, "is_animated", False):
            time, found = frame_at(image, options["time"])
        part = _cut(found, options["box"])
    part = prepare(part, options["long_side"])
    small = part.copy()
    small.thumbnail((options["small_side"], options["small_side"]), Image.Resampling.LANCZOS)
    encoded = [_encode(each) for each in (part, small)]
    pictures = [
        {"mime": mime, "width": each.width, "height": each.height, "time": time}
        for each, (mime, _) in zip((part, small), encoded, strict=True)
    ]
    return {"time": time, "pictures": pictures}, [data for _, data in encoded]


def _cut(image: Image.Image, box: tuple[float, float, float, float]) -> Image.Image:
    image.load()
    whole = turned_upright(image)
    left, top, right, bottom = (
        round(part * side) for part, side in zip(box, (whole.width, whole.height) * 2, strict=True)
    )
    part = whole.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
    # It is upright already: only what tells its colours is kept.
    part.info = {key: whole.info[key] for key in ("icc_profile", "transparency") if key in whole.info}
    return part


def check_size(size: tuple[int, int], max_pixels: int) -> None:
    """Refuse a picture that has too many pixels, before it is decoded.

    Raises:
        RefusedError: `media-too-many-pixels`.
    """
    width, height = size
    if width * height > max_pixels:
        raise RefusedError("media-too-many-pixels", size=f"{width} × {height}", limit=f"{max_pixels / 1e6:.0f}")
    # Later frames may be larger than what the header says; Pillow refuses those at twice this number.
    Image.MAX_IMAGE_PIXELS = max_pixels


def _encode(picture: Image.Image) -> tuple[Literal["image/jpeg", "image/png"], bytes]:
    """Encode as JPEG; drawings with few colours as PNG when that is smaller."""
    jpeg = as_jpeg(picture, JPEG_QUALITY)
    if picture.getcolors(FEW_COLOURS) is not None:
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", compress_level=PNG_EFFORT)
        if len(png := buffer.getvalue()) < len(jpeg):
            return "image/png", png
    return "image/jpeg", jpeg


def as_jpeg(picture: Image.Image, quality: int) -> bytes:
    """Encode as JPEG with full colour resolution."""
    # Optimizing takes a buffer for the whole file, and Pillow's own guess is too small for noise.
    ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, 4 * picture.width * picture.height)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, subsampling=0, optimize=True)
    return buffer.getvalue()
