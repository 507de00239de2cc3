"""Writing in scenes: a framed sign in a fixed-width font, so that it can be read back from pixels alone."""

from __future__ import annotations

import string
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Bits = NDArray[np.bool_]
FRAME = (255, 0, 255)
"""No colour of any thing."""
CELL = (6, 11)
"""Width and height of a letter in the font's pixels."""
SIGNS = string.ascii_uppercase + string.digits + " "
MOST_LETTERS = 24
_BOTTOM = 0.98
_HEIGHT, _WIDTH = 0.1, 0.9
"""Most of the picture's height and width that a sign takes."""


def letter(image: Image.Image, words: str) -> None:
    """Draw a sign at the bottom of a picture; other letters than `SIGNS` become spaces."""
    text = "".join(each if each in SIGNS else " " for each in words.upper())[:MOST_LETTERS]
    wide, tall = CELL[0] * len(text) + 4, CELL[1] + 4
    scale = max(int(min(_HEIGHT * image.height / tall, _WIDTH * image.width / wide)), 1)
    sign = Image.new("RGB", (wide, tall), FRAME)
    sign.paste("white", (1, 1, wide - 1, tall - 1))
    ink = Image.fromarray(np.concatenate([_letters()[each] for each in text], axis=1).astype(np.uint8) * 255)
    sign.paste("black", (2, 2), ink)
    sign = sign.resize((wide * scale, tall * scale), Image.Resampling.NEAREST)
    image.paste(sign, ((image.width - sign.width) // 2, int(_BOTTOM * image.height) - sign.height))


def find(pixels: NDArray[np.int16]) -> tuple[int, int, int, int] | None:
    """Return the left, top, right and bottom of the sign in a picture of RGB values, frame included."""
    red, green, blue = pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2]
    frame = (red > 170) & (blue > 170) & (green < 110)
    rows, columns = np.flatnonzero(frame.sum(axis=1) > 12), np.flatnonzero(frame.sum(axis=0) > 3)
    if len(rows) == 0 or len(columns) == 0:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def spell(sign: Image.Image) -> str:
    """Return what a sign, cut out along its frame, says."""
    count = max(round((sign.width / sign.height * (CELL[1] + 4) - 4) / CELL[0]), 1)
    grid = sign.convert("L").resize((CELL[0] * count + 4, CELL[1] + 4), Image.Resampling.BOX)
    dark = np.asarray(grid)[2:-2, 2:-2] < 128
    cells = [dark[:, at * CELL[0] : (at + 1) * CELL[0]] for at in range(count)]
    return "".join(_nearest(each) for each in cells).strip()


def _nearest(cell: Bits) -> str:
    return min(SIGNS, key=lambda sign: int((_letters()[sign] ^ cell).sum()))


@cache
def _letters() -> dict[str, Bits]:
    letters: dict[str, Bits] = {}
    for sign in SIGNS:
        image = Image.new("L", CELL)
        ImageDraw.Draw(image).text((0, 0), sign, 255, ImageFont.load_default_imagefont())
        letters[sign] = np.asarray(image) > 128
    return letters
