"""Makes a decoded picture what a model should see: upright, sRGB, opaque, 8 bits, no metadata, sized."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal, cast

import numpy as np
from PIL import Image, ImageCms, ImageFile
from PIL.ExifTags import Base as Tag

SMALLEST_SIDE = 32
"""Models refuse smaller pictures; those are enlarged."""
DARK_BACKGROUND = (32, 32, 36)
LIGHT_BACKGROUND = (255, 255, 255)
LIGHT_DRAWING = 200
"""Mean grey of what is drawn, from which a light background would swallow it."""
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation but the upright one."""
SIDEWAYS = frozenset({5, 6, 7, 8})
"""Orientations that swap width and height."""


def orientation_of(image: Image.Image) -> int:
    """Return the EXIF orientation that is still to be undone (1 to 8)."""
    if image.format == "TIFF":
        return 1  # Pillow turns these itself while loading.
    found = image.getexif().get(Tag.Orientation, 1)
    return found if found in _UPRIGHT else 1


def turned_upright(image: Image.Image) -> Image.Image:
    """Return the picture as it should be seen, with its mode and its transparency."""
    orientation = orientation_of(image)
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def prepare(image: Image.Image, long_side: int) -> Image.Image:
    """Return a picture for a model, at most `long_side` px; the decoder's image may be used up."""
    orientation, profile = orientation_of(image), image.info.get("icc_profile")
    if isinstance(image, ImageFile.ImageFile):
        # Decoders that can skip detail do (JPEG); the others ignore it.
        image.draft("RGB" if image.mode == "RGB" else None, (long_side, long_side))
    image = _plain_mode(image)
    image.thumbnail((long_side, long_side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    image = _opaque(_to_srgb(image, profile))
    image = _enlarged(image, long_side)
    image.load()
    image.info.clear()
    return image


def _plain_mode(image: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be scaled without loss of sense: greys, colours, transparency."""
    if image.mode in {"P", "PA", "L", "RGB", "1"} and "transparency" in image.info:
        return image.convert("RGBA")
    match image.mode:
        case "P":
            return image.convert("RGB")
        case "PA":
            return image.convert("RGBA")
        case "1":
            return image.convert("L")
        case mode if mode.startswith(("I", "F")):
            return _to_eight_bits(image)
        case _:
            return image


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Bring deep greys into 0..255; Pillow's own conversion would cut them off at white."""
    deep = np.asarray(image)
    if deep.dtype.kind == "u" and deep.dtype.itemsize == 2:
        return Image.fromarray((deep >> 8).astype(np.uint8))
    values = np.nan_to_num(deep.astype(np.float32), posinf=0.0, neginf=0.0)
    lowest, highest = float(values.min()), float(values.max())
    if image.mode == "F":
        # Measurements have no agreed white: the range that occurs is shown.
        values = (values - lowest) * (255.0 / max(highest - lowest, 1e-6))
    elif highest > 255:
        values /= 257.0 if highest <= 65_535 else highest / 255.0
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert by the embedded profile; a broken or foreign one is left out."""
    source: ImageCms.ImageCmsProfile | None = None
    if image.mode == "LAB":
        source = _built_in_profile("LAB")
    elif profile and image.mode in {"RGB", "CMYK", "L", "RGBA"}:
        with suppress(OSError, ValueError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if source is not None:
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            converted = ImageCms.profileToProfile(image, source, _built_in_profile("sRGB"), outputMode=mode)
            if converted is not None:
                return converted
    return image if image.mode in {"RGB", "RGBA", "LA"} else image.convert("RGB")


def _built_in_profile(space: Literal["LAB", "sRGB"]) -> ImageCms.ImageCmsProfile:
    create = cast("Callable[[str], Any]", ImageCms.createProfile)  # Pillow leaves its result untyped.
    return ImageCms.ImageCmsProfile(create(space))


def _opaque(image: Image.Image) -> Image.Image:
    """Lay transparency on white, or on dark when what is drawn is itself light."""
    if image.mode not in {"RGBA", "LA"}:
        return image
    image = image.convert("RGBA")
    alpha = np.asarray(image.getchannel("A"), dtype=np.float32)
    grey = np.asarray(image.convert("RGB").convert("L"), dtype=np.float32)
    weight = float(alpha.sum())
    is_light = weight > 0 and float((grey * alpha).sum()) / weight > LIGHT_DRAWING
    has_holes = float(alpha.min()) < 250
    flat = Image.new("RGB", image.size, DARK_BACKGROUND if is_light and has_holes else LIGHT_BACKGROUND)
    flat.paste(image, mask=image.getchannel("A"))
    return flat


def _enlarged(image: Image.Image, long_side: int) -> Image.Image:
    shortest = min(image.size)
    if shortest >= SMALLEST_SIDE:
        return image
    factor = -(-SMALLEST_SIDE // shortest)
    width, height = (min(side * factor, max(long_side, SMALLEST_SIDE)) for side in image.size)
    return image.resize((width, height), Image.Resampling.NEAREST)
