"""How large a frame has to be for the text on it, and whether a grid of frames would do.

    ./dev bench legibility [--words 300] [--only grids|sizes]

*Grids*: slides with known lines are shown to a text recognizer (rapidocr) alone, and as four or nine on one
picture that costs as many tokens as those four or nine alone would; and at half of that.

*Sizes*: words in small letters, sharp and blurred, strong and pale, on photographs. A word is lost by the size
for soft pictures if it is read at the size for camera pictures only. How many of those would be made smaller
all the same? Only the part with the word is judged, so that photographs do not decide.
"""

# Pillow and numpy leave some of what is drawn untyped.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

import argparse
import difflib
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidocr import RapidOCR

from benchmarks.footage import PHOTOS, canvas, jpeg
from benchmarks.frames_quality import CAMERA_SIZE, SOFT_LONG_SIDE, tokens
from services.media._detail import MOST_LOST, lost_detail

WORDS = (
    "harbour tide moon bridge steel scour copper plate rhumb scale winter hive lime swarm resonance fatigue"
    " overload cracker steam soda acid bread island land voice picture thread answer needle signal lantern rope"
)
PAGES = 9
LINES = 7
LETTERS = (40, 26, 18)
"""Heights of letters in px, on a slide of 1280 x 720."""
SIZES = ((512, 288), (768, 432), (1024, 576), (1280, 720))
SMALL_LETTERS = (7, 18)
"""Heights of letters in px, on a frame of `CAMERA_SIZE`."""
CONTRASTS = (45, 210)
"""Between letters and ground, in greys of 255."""
BLURS = (0.0, 0.9)
READ = 0.9
"""Likeness to what is written from which on a word counts as read."""
FILM_QUALITY = 90
"""Of JPEG, for what a film's own codec takes away."""


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


@dataclass(frozen=True, slots=True)
class Sign:
    """A word or two on a frame."""

    frame: Image.Image
    words: str
    box: tuple[int, int, int, int]
    """Around the words, in px."""

    def read(self, reader: Any, scale: float) -> bool:
        """Tell whether the words are made out in a frame scaled so."""
        size = round(self.frame.width * scale), round(self.frame.height * scale)
        small = decoded(jpeg(self.frame.resize(size, Image.Resampling.LANCZOS)))
        left, top, right, bottom = (round(each * scale) for each in self.box)
        part = small.crop((left, top, right, bottom))
        bgr = np.asarray(part)[..., ::-1].copy()
        found: Any = reader(bgr, use_det=False, use_cls=False, use_rec=True)
        said = "".join(found.txts or ()).lower().replace(" ", "")
        return difflib.SequenceMatcher(None, self.words.replace(" ", ""), said).ratio() >= READ

    def lost(self) -> float:
        """Return what the smaller size takes of the words, by the pipeline's own measure."""
        left, top, right, bottom = self.box
        part = self.frame.crop((left, top, right - (right - left) % 2, bottom - (bottom - top) % 2))
        frame = av.VideoFrame.from_image(part).reformat(format="yuv420p")
        return lost_detail(frame, round(max(part.size) * SOFT_LONG_SIDE / CAMERA_SIZE[0]))


def sign(random: np.random.Generator) -> Sign:
    """Return a frame with words somewhere on it, on a plate of their own or right on the photograph."""
    photo = canvas(int(random.integers(len(PHOTOS))), *CAMERA_SIZE)
    frame: Image.Image = photo.crop((0, 0, CAMERA_SIZE[0], CAMERA_SIZE[1]))
    font = ImageFont.load_default(int(random.integers(*SMALL_LETTERS)))
    words = " ".join(str(each) for each in random.choice(WORDS.split(), int(random.integers(1, 3))))
    width, height = (round(each) + 14 for each in font.getbbox(words)[2:])
    left, top = (int(random.integers(0, most)) for most in (frame.width - width, frame.height - height))
    box = (left, top, left + width, top + height)
    is_plate = bool(random.random() < 0.6)
    ground = random.integers(0, 256, 3) if is_plate else np.asarray(frame.crop(box)).mean((0, 1))
    step = random.uniform(*CONTRASTS) * (1 if ground.mean() < 128 else -1)
    draw = ImageDraw.Draw(frame)
    if is_plate:
        draw.rectangle(box, fill=tuple(int(each) for each in ground))
    colour = tuple(int(each) for each in (ground + step).clip(0, 255))
    draw.text((left + 7, top + 7), words, font=font, fill=colour)
    soft = frame.filter(ImageFilter.GaussianBlur(random.uniform(*BLURS)))
    return Sign(decoded(jpeg(soft, FILM_QUALITY)), words, box)


def decoded(data: bytes) -> Image.Image:
    """Return the picture of a JPEG."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def measure_sizes(count: int) -> None:
    """Read words at both sizes and print what the smaller one loses."""
    reader, random = RapidOCR(), np.random.default_rng(0)
    read, lost = 0, list[float]()
    for _ in range(count):
        one = sign(random)
        if not one.read(reader, 1.0):
            continue
        read += 1
        if not one.read(reader, SOFT_LONG_SIDE / CAMERA_SIZE[0]):
            lost.append(one.lost())
    made_small = sum(each <= MOST_LOST for each in lost)
    print(f"{count} signs, {read} read at {CAMERA_SIZE[0]} px, {len(lost)} of them not at {SOFT_LONG_SIDE} px")
    lowest = ", ".join(f"{each:.2f}" for each in sorted(lost)[:5])
    print(f"of those, taken for soft (at most {MOST_LOST}): {made_small}; the lowest have {lowest}")


def measure_grids() -> None:
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
    parser = argparse.ArgumentParser()
    parser.add_argument("--words", type=int, default=300)
    parser.add_argument("--only", choices=["grids", "sizes"])
    given = parser.parse_args()
    if given.only != "grids":
        measure_sizes(given.words)
    if given.only != "sizes":
        measure_grids()
