"""Colours, fonts and shapes that the drawn cards share; runs in sandbox children."""

from __future__ import annotations

import math
from functools import cache
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Mark = Literal["circle", "diamond"]

# Drawn on a dark card of their own, so that they read alike in a dark and in a light client.
CARD: Colour = (30, 31, 36)
CELL: Colour = (43, 45, 52)
LINE: Colour = (72, 75, 85)
TEXT: Colour = (242, 243, 245)
MUTED: Colour = (176, 180, 190)
# Okabe and Ito's palette, told apart by all kinds of colour vision; the marks differ in shape, too.
JUDGED: Colour = (86, 180, 233)
MEASURED: Colour = (230, 159, 0)
BEST: Colour = (46, 204, 150)


@cache
def font(size: int) -> Font:
    """Return Pillow's own scalable font at a size in px."""
    return ImageFont.load_default(size)


def text_width(text: str, size: int) -> float:
    """Return how wide a text is drawn, in px."""
    return font(size).getlength(text)


def shortened(text: str, width: float, size: int) -> str:
    """Cut a text to a width in px, with an ellipsis."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def draw_mark(draw: ImageDraw.ImageDraw, mark: Mark, centre: Point, radius: float, colour: Colour) -> None:
    """Draw the mark of a series: what tells it apart where colours do not."""
    x, y = centre
    if mark == "circle":
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        return
    reach = radius * 1.25
    draw.polygon([(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)], fill=colour)


def draw_star(draw: ImageDraw.ImageDraw, centre: Point, radius: float, colour: Colour) -> None:
    """Draw a five-pointed star, the sign of the best."""
    points: list[Point] = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.45
        angle = math.pi * (corner / 5 - 0.5)
        points.append((centre[0] + reach * math.cos(angle), centre[1] + reach * math.sin(angle)))
    draw.polygon(points, fill=colour)


def smooth(image: Image.Image, factor: int) -> Image.Image:
    """Scale down what was drawn `factor` times too large: Pillow draws shapes without smooth edges."""
    return image.reduce(factor)
