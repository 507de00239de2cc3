"""Pictures for tests: real photographs, marked so that a model server can say which one it saw."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from functools import cache
from typing import Any

import pillow_heif
import skimage.data
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from playground.models import markers

pillow_heif.register_heif_opener()

_STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera lays down the pixels of an upright view that it tags with each orientation."""


def photo(name: str = "astronaut", *, marker: int | None = None) -> Image.Image:
    """Return a photograph that ships with scikit-image."""
    image = _photo(name)
    return image.copy() if marker is None else markers.stamp(image, marker)


@cache
def _photo(name: str) -> Image.Image:
    return Image.fromarray(getattr(skimage.data, name)()).convert("RGB")


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return a picture as the bytes of a file."""
    buffer = io.BytesIO()
    _for(kind, image).save(buffer, kind, **options)
    return buffer.getvalue()


def camera_file(upright: Image.Image, kind: str = "JPEG", *, orientation: int = 1, **options: Any) -> bytes:
    """Return the file that a camera makes of a view: turned as it was held, with its place and its owner."""
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    exif[Base.Artist] = "Ana Secret"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitudeRef] = "N"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (48.0, 12.0, 30.0)
    stored = upright.transpose(_STORED[orientation]) if orientation in _STORED else upright
    return encoded(stored, kind, exif=exif.tobytes(), **options)  # HEIC's writer reads bytes only.


def animation(frames: Sequence[Image.Image], kind: str = "GIF", **options: Any) -> bytes:
    """Return an animation; `duration` is in ms, one for all or one a frame."""
    return encoded(
        frames[0], kind, save_all=True, append_images=[_for(kind, each) for each in frames[1:]], **options
    )


def _for(kind: str, image: Image.Image) -> Image.Image:
    """Return a picture as a format can hold it; for GIF Pillow's own choice of colours takes a second."""
    is_colourful = kind == "GIF" and image.mode == "RGB"
    return image.quantize(method=Image.Quantize.FASTOCTREE) if is_colourful else image


def endless_gif(frames: int, *, delay: int = 2) -> bytes:
    """Return a small GIF of equal 16x16 frames, each shown for `delay` hundredths of a second."""
    single = encoded(Image.new("P", (16, 16)), "GIF")
    start = single.index(b"\x2c")
    control = b"\x21\xf9\x04\x00" + struct.pack("<H", delay) + b"\x00\x00"
    return b"GIF89a" + single[6:start] + (control + single[start:-1]) * frames + b";"


def png_bomb(width: int, height: int) -> bytes:
    """Return a valid black PNG of any size, a thousandth of its pixels in bytes."""
    compressor = zlib.compressobj(9)
    row = b"\x00" * (1 + (width + 7) // 8)
    rows = b"".join(compressor.compress(row) for _ in range(height)) + compressor.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
