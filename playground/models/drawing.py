"""Simple pictures drawn from a prompt's words: the shapes, colours and quoted words that it names."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from playground.models.colours import COLOURS, Colour

Point = tuple[float, float]
LABEL = "scripted model server"
SHAPES = frozenset({"circle", "square", "rectangle", "triangle", "star", "line"})
_ALIASES = {
    "ball": "circle",
    "sun": "circle",
    "moon": "circle",
    "box": "square",
    "house": "square",
    "tree": "triangle",
    "mountain": "triangle",
}
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
MAX_SHAPES = 12
_QUOTED = re.compile(r'"([^"\n]{1,60})"|“([^”\n]{1,60})”')
_BACKGROUND = re.compile(r"(\w+) (?:background|sky|ground)|\bon (?:an? )?(\w+)")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a prompt wants drawn."""

    background: str | None
    shapes: tuple[tuple[str, str], ...]
    """Shape and colour."""
    words: tuple[str, ...]


def plan(prompt: str) -> Plan:
    """Read a prompt."""
    words = tuple(found[1] or found[2] for found in _QUOTED.finditer(prompt))
    plain = _QUOTED.sub(" ", prompt).lower().replace("gray", "grey")
    named = [found[1] or found[2] for found in _BACKGROUND.finditer(plain)]
    background = next((each for each in named if each in COLOURS), None)
    shapes: list[tuple[str, str]] = []
    colour, count = "", 1
    for word in _WORD.findall(plain):
        shape = next(
            (each for each in (word, word.removesuffix("s")) if each in SHAPES or each in _ALIASES), ""
        )
        if word in COLOURS:
            colour = word
        elif word in _NUMBERS:
            count = _NUMBERS[word]
        elif shape:
            shapes += [(_ALIASES.get(shape, shape), colour)] * count
            colour, count = "", 1
    contrast = "white" if background == "black" else "black"
    coloured = tuple((shape, each or contrast) for shape, each in shapes[:MAX_SHAPES])
    return Plan(background, coloured, words)


def draw(prompt: str, size: tuple[int, int]) -> Image.Image:
    """Return a new picture."""
    wanted = plan(prompt)
    image = Image.new("RGB", size, COLOURS[wanted.background or "white"])
    _add(image, wanted, (0, 0, *size))
    return image


def draw_over(base: Image.Image, prompt: str, mask: Image.Image | None) -> Image.Image:
    """Return a copy of a picture with the prompt drawn over it, where a mask is transparent."""
    wanted = plan(prompt)
    changed = base.convert("RGB")
    area = (0, 0, *changed.size)
    if mask is None:
        if wanted.background:
            changed.paste(COLOURS[wanted.background], area)
        _add(changed, wanted, area)
        return changed
    free = mask.convert("RGBA").getchannel("A").point(lambda alpha: 255 if alpha == 0 else 0)
    box = free.getbbox()
    if box is None:
        return changed
    over = changed.copy()
    if wanted.background:
        over.paste(COLOURS[wanted.background], area)
    _add(over, wanted, box)
    changed.paste(over, mask=free)
    return changed


def _add(image: Image.Image, wanted: Plan, area: tuple[int, int, int, int]) -> None:
    pen = ImageDraw.Draw(image)
    left, top, right, bottom = area
    cell = (right - left) / max(len(wanted.shapes), 1)
    radius = min(cell, bottom - top) * 0.35
    for index, (shape, colour) in enumerate(wanted.shapes):
        middle = (left + cell * (index + 0.5), (top + bottom) / 2)
        _shape(pen, shape, middle, radius, COLOURS[colour])
    ink = "white" if wanted.background in {"black", "blue", "purple", "brown"} else "black"
    height = max((bottom - top) / 14, 10)
    font = ImageFont.load_default(height)
    for line, text in enumerate(wanted.words):
        pen.text((left + 12, top + 12 + line * height * 1.3), text, ink, font)
    pen.text((8, image.height - 16), LABEL, ink, ImageFont.load_default(10))


def _shape(pen: ImageDraw.ImageDraw, shape: str, middle: Point, radius: float, colour: Colour) -> None:
    x, y = middle
    match shape:
        case "circle":
            pen.circle((x, y), radius, fill=colour)
        case "square":
            pen.rectangle((x - radius, y - radius, x + radius, y + radius), fill=colour)
        case "rectangle":
            pen.rectangle((x - radius, y - radius / 2, x + radius, y + radius / 2), fill=colour)
        case "line":
            pen.line((x - radius, y, x + radius, y), fill=colour, width=max(int(radius / 8), 1))
        case "triangle":
            pen.polygon(_around(middle, [radius] * 3), fill=colour)
        case _:
            pen.polygon(_around(middle, [radius, radius * 0.4] * 5), fill=colour)


def _around(middle: Point, distances: list[float]) -> list[Point]:
    """Return corners around a middle, the first one on top."""
    x, y = middle
    step = 2 * math.pi / len(distances)
    return [
        (x + distance * math.sin(step * index), y - distance * math.cos(step * index))
        for index, distance in enumerate(distances)
    ]
