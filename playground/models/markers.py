"""A visible number in a picture that survives JPEG and scaling: which picture did the model see?

A strip along the top: 20 cells of equal width, black or white, between two grey rails. The first
four say where the strip is and which way up (1 0 1 1), then 12 bits of the number, then 4 bits of
checksum.
"""

from __future__ import annotations

from PIL import Image, ImageDraw

CELLS = 20
START = (1, 0, 1, 1)
NUMBER_BITS = 12
STRIP_SHARE = 12
"""The strip's height is the picture's height divided by this."""


def stamp(image: Image.Image, number: int) -> Image.Image:
    """Return a copy with a number (0 to 4095) drawn along the top."""
    if not 0 <= number < 1 << NUMBER_BITS:
        raise ValueError("a marker holds 12 bits")
    marked = image.convert("RGB")
    draw = ImageDraw.Draw(marked)
    height = max(marked.height // STRIP_SHARE, 4)
    for index, bit in enumerate(_cells(number)):
        left = index * marked.width // CELLS
        right = (index + 1) * marked.width // CELLS - 1
        draw.rectangle((left, 0, right, height - 1), fill="white" if bit else "black")
    return marked


def read(image: Image.Image) -> int | None:
    """Return the number along the top of an upright picture; None when there is none."""
    grey = image.convert("L")
    y = max(grey.height // STRIP_SHARE, 4) // 2
    levels = [_level(grey, int((index + 0.5) * grey.width / CELLS), y) for index in range(CELLS)]
    if any(64 < level < 192 for level in levels):
        return None
    bits = [int(level >= 128) for level in levels]
    number = int("".join(map(str, bits[4 : 4 + NUMBER_BITS])), 2)
    return number if bits == _cells(number) else None


def _cells(number: int) -> list[int]:
    bits = [number >> shift & 1 for shift in reversed(range(NUMBER_BITS))]
    checksum = (number ^ number >> 4 ^ number >> 8 ^ 0b1010) & 0xF
    return [*START, *bits, *(checksum >> shift & 1 for shift in (3, 2, 1, 0))]


def _level(grey: Image.Image, x: int, y: int) -> int:
    value = grey.getpixel((min(x, grey.width - 1), min(y, grey.height - 1)))
    assert isinstance(value, int | float)
    return int(value)
