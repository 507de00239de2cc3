"""Single pictures or grids for the model? How much text a reader makes out at the same price in tokens.

    ./dev bench legibility

Slides with known lines are shown to a text recognizer (rapidocr) alone, and as four or nine on one picture that
costs as many tokens as those four or nine alone would; and at half of that.
"""

# Pillow and numpy leave some of what is drawn untyped.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rapidocr import RapidOCR

from benchmarks.footage import jpeg
from benchmarks.frames_quality import tokens

WORDS = (
    "harbour tide moon bridge steel scour copper plate rhumb scale winter hive lime swarm resonance fatigue"
    " overload cracker steam soda acid bread island land voice picture thread answer needle signal lantern rope"
)
PAGES = 9
LINES = 7
LETTERS = (40, 26, 18)
"""Heights of letters in px, on a slide of 1280 x 720."""
SIZES = ((512, 288), (768, 432), (1024, 576), (1280, 720))


def pages(letters: int) -> list[tuple[Image.Image, list[str]]]:
    """Return slides and the lines on them."""
    random = np.random.default_rng(letters)
    words = WORDS.split()
    made: list[tuple[Image.Image, list[str]]] = []
    for _ in range(PAGES):
        image = Image.new("RGB", (1280, 720), "white")
        draw, lines = ImageDraw.Draw(image), []
        for row in range(LINES):
            line = " ".join(str(each) for each in random.choice(words, 5)) + f" {random.integers(10, 99)}"
            draw.text((60, 60 + row * 88), line, font=ImageFont.load_default(letters), fill="#222222")
            lines.append(line)
        made.append((image, lines))
    return made


def grid(images: Sequence[Image.Image], size: tuple[int, int]) -> Image.Image:
    """Lay pictures out in a square, each scaled to a cell."""
    side = math.isqrt(len(images))
    whole = Image.new("RGB", (size[0] * side, size[1] * side))
    for number, image in enumerate(images):
        small = image.resize(size, Image.Resampling.LANCZOS)
        whole.paste(small, (number % side * size[0], number // side * size[1]))
    return whole


def share_read(reader: Any, image: Image.Image, lines: Sequence[str]) -> float:
    """Return the part of the lines that was made out, as the mean likeness of each to its best match."""
    found: Any = reader(jpeg(image, 90))
    said = [str(each).lower().replace(" ", "") for each in (found.txts or ())]
    wanted = [line.replace(" ", "") for line in lines]
    likeness = [
        max((difflib.SequenceMatcher(None, line, each).ratio() for each in said), default=0) for line in wanted
    ]
    return sum(likeness) / len(likeness)


def measure() -> None:
    """Run and print."""
    reader = RapidOCR()
    print(f"{'way':28} {'tokens a slide':>15}  " + "  ".join(f"{each} px letters" for each in LETTERS))
    for size in SIZES:
        for cells in (1, 4, 9):
            shares: list[float] = []
            cost = 0.0
            side = math.isqrt(cells)
            for letters in LETTERS:
                slides = pages(letters)[: 2 if cells == 1 else cells]
                parts = [slides[at : at + cells] for at in range(0, len(slides) - cells + 1, cells)]
                read = [
                    share_read(
                        reader,
                        grid([slide for slide, _ in part], size),
                        [line for _, some in part for line in some],
                    )
                    for part in parts
                ]
                shares.append(sum(read) / len(read))
                cost = tokens((size[0] * side, size[1] * side)) / cells
            name = f"{'alone' if cells == 1 else f'{side} x {side}'}, {size[0]} x {size[1]} each"
            print(f"{name:28} {cost:15.0f}  " + "  ".join(f"{share:14.3f}" for share in shares), flush=True)


if __name__ == "__main__":
    measure()
