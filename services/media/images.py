"""Decodes pictures and animations; runs in a sandbox child.

Every way in is explicit: the format comes from the bytes, the pixel count is checked before anything
is decoded, and what comes out is upright, sRGB, opaque, free of metadata and no larger than asked.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageFile, ImageOps

pillow_heif.register_heif_opener()  # pyright: ignore[reportUnknownMemberType]
Image.MAX_IMAGE_PIXELS = None  # Our own check, below, comes before any decoding.
Image.init()

ANIMATED_FORMATS = frozenset({"GIF", "WEBP", "PNG", "AVIF"})
MOMENT_LONG_SIDE = 768
SMALLEST_SIDE = 32
"""Models refuse smaller pictures; those are enlarged."""
JPEG_QUALITY = 88
FEW_COLOURS = 256
MAX_FRAMES = 5_000
ANIMATION_SECONDS = 8.0
"""Frames are read in order; after this time what was read has to do."""
CANDIDATES = 24
SAME_MOMENT = 3.0
"""Mean difference of 16x16 thumbnails (0 to 255 a channel) below which two moments show the same."""
DARK_BACKGROUND = (32, 32, 36)
LIGHT_BACKGROUND = (255, 255, 255)
LIGHT_DRAWING = 200


class RefusedError(Exception):
    """This file is not decoded, and why."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.refusal: Mapping[str, Any] = {"code": code, "params": params}


@dataclass(slots=True)
class _Moment:
    time: float
    picture: Image.Image
    thumbnail: np.ndarray[Any, np.dtype[np.float32]]


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
        if image.width * image.height > options["max_pixels"]:
            raise RefusedError(
                "media-too-many-pixels",
                size=f"{image.width} × {image.height}",
                limit=f"{options['max_pixels'] / 1e6:.0f}",
            )
        facts: dict[str, Any] = {"width": image.width, "height": image.height}
        if image.format in ANIMATED_FORMATS and getattr(image, "is_animated", False):
            moments, frames, seconds = _moments(image, options["moments"])
            pictures = [(moment.picture, moment.time) for moment in moments]
            facts |= {"kind": "animation", "frames": frames, "seconds": seconds}
        else:
            pictures = [(_prepared(image, options["long_side"]), None)]
            facts |= {"kind": "image", "frames": 1, "seconds": 0.0}
    encoded = [_encoded(picture) for picture, _ in pictures]
    facts["pictures"] = [
        {"mime": mime, "width": picture.width, "height": picture.height, "time": at}
        for (picture, at), (mime, _) in zip(pictures, encoded, strict=True)
    ]
    return facts, [data for _, data in encoded]


def _prepared(image: Image.Image, long_side: int) -> Image.Image:
    """Return the picture upright, in sRGB, opaque, without metadata, at most `long_side` px."""
    profile = image.info.get("icc_profile")
    if isinstance(image, ImageFile.ImageFile) and image.format == "JPEG":
        image.draft("RGB" if image.mode == "RGB" else None, (long_side, long_side))
    if image.mode in {"P", "PA"}:
        image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode.startswith(("I", "F")):
        image = _to_eight_bits(image)
    orientation = image.getexif()
    image.thumbnail((long_side, long_side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if orientation.get(0x0112, 1) != 1:
        image = ImageOps.exif_transpose(image)
    image = _to_srgb(image, profile)
    image = _opaque(image)
    shortest = min(image.size)
    if shortest < SMALLEST_SIDE:
        factor = -(-SMALLEST_SIDE // shortest)
        enlarged = (min(image.width * factor, long_side), min(image.height * factor, long_side))
        image = image.resize(enlarged, Image.Resampling.NEAREST)
    image.load()
    image.info.clear()
    return image


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Bring deep greys into 0..255; Pillow's own conversion would cut them off at white."""
    values = np.asarray(image).astype(np.float32)
    highest = float(values.max(initial=0.0))
    if image.mode == "F":
        lowest = float(values.min(initial=0.0))
        values = (values - lowest) * (255.0 / max(highest - lowest, 1e-6))
    elif highest > 255:
        values /= 257.0 if highest <= 65_535 else highest / 255.0
    return Image.fromarray(values.clip(0, 255).astype(np.uint8), "L")


@cache
def _srgb() -> object:
    make = cast("Callable[[str], object]", ImageCms.createProfile)  # pyright: ignore[reportUnknownMemberType]
    return make("sRGB")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert by the embedded profile; a broken or foreign one is left out."""
    if profile and image.mode in {"RGB", "CMYK", "L", "RGBA"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = cast("ImageCms.ImageCmsProfile", _srgb())
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(image, source, target, outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return image if image.mode in {"RGB", "RGBA", "LA"} else image.convert("RGB")


def _opaque(image: Image.Image) -> Image.Image:
    """Lay transparency on white, or on dark when what is drawn is itself light."""
    if image.mode not in {"RGBA", "LA"}:
        return image
    image = image.convert("RGBA")
    alpha = np.asarray(image.getchannel("A"), dtype=np.float32)
    grey = np.asarray(image.convert("RGB").convert("L"), dtype=np.float32)
    weight = float(alpha.sum())
    is_light = weight > 0 and float((grey * alpha).sum()) / weight > LIGHT_DRAWING
    has_holes = float(alpha.min(initial=255.0)) < 250
    background = DARK_BACKGROUND if is_light and has_holes else LIGHT_BACKGROUND
    flat = Image.new("RGB", image.size, background)
    flat.paste(image, mask=image.getchannel("A"))
    return flat


def _encoded(picture: Image.Image) -> tuple[Literal["image/jpeg", "image/png"], bytes]:
    """Encode as JPEG; drawings with few colours as PNG when that is smaller."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
    jpeg = buffer.getvalue()
    if picture.getcolors(FEW_COLOURS) is not None:
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", optimize=True)
        if len(png := buffer.getvalue()) < len(jpeg):
            return "image/png", png
    return "image/jpeg", jpeg


def _moments(image: Image.Image, count: int) -> tuple[list[_Moment], int, float]:
    """Choose moments of an animation: spread over its time, first and last kept, no repetitions.

    One pass with bounded memory: when there are too many candidates, every other one is dropped and
    only every other further frame is looked at.
    """
    candidates: list[_Moment] = []
    last: tuple[float, Image.Image] | None = None
    stride, at, index = 1, 0.0, 0
    started = time.monotonic()
    while index < MAX_FRAMES and time.monotonic() - started < ANIMATION_SECONDS:
        try:
            image.seek(index)
        except EOFError:
            break
        # Copied now: seeking on changes the picture in place. (Also loads it, and with it its time.)
        frame = image.copy()
        if index % stride == 0:
            candidates.append(_moment(frame, at))
        last = (at, frame)
        if len(candidates) == CANDIDATES:
            del candidates[1::2]
            stride *= 2
        at += max(float(image.info.get("duration") or 100), 10) / 1000
        index += 1
    if last is not None and candidates[-1].time != round(last[0], 3):
        candidates.append(_moment(last[1], last[0]))
    return _spread(candidates, count), index, at


def _moment(image: Image.Image, at: float) -> _Moment:
    picture = _prepared(image, MOMENT_LONG_SIDE)
    small = picture.convert("RGB").resize((16, 16), Image.Resampling.BOX)
    return _Moment(round(at, 3), picture, np.asarray(small, dtype=np.float32))


def _spread(candidates: Sequence[_Moment], count: int) -> list[_Moment]:
    distinct = [candidates[0]]
    for moment in candidates[1:]:
        if float(np.abs(moment.thumbnail - distinct[-1].thumbnail).mean()) >= SAME_MOMENT:
            distinct.append(moment)
    if len(distinct) <= count:
        return distinct
    picks = np.linspace(0, len(distinct) - 1, count).round().astype(int)
    return [distinct[pick] for pick in picks]
