"""Text in pictures, with the one typeface that comes with Pillow."""

from __future__ import annotations

from functools import cache
from typing import Literal

from PIL import ImageDraw, ImageFont

Colour = tuple[int, int, int]
Anchor = Literal["la", "ra", "ma", "mm", "lm", "rm"]
INK: Colour = (28, 44, 62)
PALE: Colour = (112, 130, 146)
PAPER: Colour = (250, 247, 240)
SAND: Colour = (222, 188, 132)
SEA: Colour = (22, 96, 122)
CORAL: Colour = (204, 84, 62)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return the typeface in a size."""
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont), "Pillow's wheels come with FreeType"
    return found


def write(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    colour: Colour = INK,
    *,
    anchor: Anchor = "la",
    bold: bool = False,
) -> None:
    """Write one line; bold is the same typeface with a thicker stroke."""
    width = max(1, size // 44) if bold else 0
    draw.text(at, text, fill=colour, font=font(size), anchor=anchor, stroke_width=width, stroke_fill=colour)
