"""A visible number in a picture that survives JPEG and scaling: which picture did the model see?

A strip along the top: 20 cells of equal width, black or white. The first four say where the strip
begins and which way up it is (1 0 1 1), then 12 bits of the number, then 4 bits of checksum.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

CELLS = 20
START = (1, 0, 1, 1)
NUMBER_BITS = 12
STRIP_SHARE = 12
"""The strip's height is the picture's height divided by this."""
DARK, BRIGHT = 64, 192
"""Levels between these belong to no cell."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A number found in a picture."""

    number: int
    turned: int
    """Degrees clockwise by which the picture is turned: 0 (upright), 90, 180 or 270."""


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
        draw.rectangle((left, 0, max(left, right), height - 1), fill="white" if bit else "black")
    return marked


def read(image: Image.Image) -> int | None:
    """Return the number along the top of an upright picture; None when there is none."""
    height = max(image.height // STRIP_SHARE, 4)
    if image.width < CELLS or image.height < height:
        return None
    strip = image.crop((0, 0, image.width, height)).convert("L")
    # Thirds of each cell: the one in the middle is far from what smears at the edges.
    thirds = strip.resize((CELLS * 3, 3), Image.Resampling.BOX)
    levels = [thirds.getpixel((index * 3 + 1, 1)) for index in range(CELLS)]
    bits: list[int] = []
    for level in levels:
        if not isinstance(level, int | float) or DARK < level < BRIGHT:
            return None
        bits.append(int(level >= BRIGHT))
    number = int("".join(map(str, bits[len(START) : len(START) + NUMBER_BITS])), 2)
    return number if bits == _cells(number) else None


def find(image: Image.Image) -> Mark | None:
    """Return the number in a picture that may be turned; None when there is none."""
    grey = image.convert("L")
    for turned in (0, 90, 180, 270):
        upright = grey.rotate(turned, expand=True) if turned else grey
        if (number := read(upright)) is not None:
            return Mark(number, turned)
    return None


def _cells(number: int) -> list[int]:
    bits = [number >> shift & 1 for shift in reversed(range(NUMBER_BITS))]
    checksum = (number ^ number >> 4 ^ number >> 8 ^ 0b1010) & 0xF
    return [*START, *bits, *(checksum >> shift & 1 for shift in (3, 2, 1, 0))]
