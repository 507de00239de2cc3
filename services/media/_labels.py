"""Lays out the words under a picture of the strip: title, badge and scores; runs in sandbox children."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import ImageDraw

from services.media import _drawing as drawing

LINE_HEIGHT = 1.3
SIGN_WIDTH = 0.95
"""Of a sign before its word, in font sizes."""
WORD_GAP = 0.7
HINTED = 0.97
"""Small letters are a little wider than large ones scaled down."""
Sign = Literal["", "star", "circle", "diamond"]


@dataclass(frozen=True, slots=True)
class Word:
    """A short text with the sign before it."""

    text: str
    sign: Sign = ""
    colour: drawing.Colour = drawing.TEXT
    """Of the sign, and of a badge's text."""

    def width(self, size: int) -> float:
        """Return its width in px."""
        return drawing.text_width(self.text, size) + (SIGN_WIDTH * size if self.sign else 0)


@dataclass(frozen=True, slots=True)
class Label:
    """The words under one picture."""

    heading: tuple[Word, ...]
    scores: tuple[Word, ...]

    def lines(self, *, inline: bool) -> list[tuple[Word, ...]]:
        """Return its words by line: all on one, or each score on its own."""
        if inline:
            return [self.heading + self.scores]
        return [self.heading, *((each,) for each in self.scores)]


@dataclass(frozen=True, slots=True)
class Typesetting:
    """One font size and one arrangement for all labels of a strip."""

    size: int
    inline: bool
    lines: int

    @property
    def height(self) -> int:
        return math.ceil(self.lines * self.size * LINE_HEIGHT)

    def draw(self, draw: ImageDraw.ImageDraw, label: Label, corner: tuple[int, int], width: int) -> None:
        """Draw a label; what is too long for its width is cut."""
        left, top = corner
        for index, line in enumerate(label.lines(inline=self.inline)):
            x, y = float(left), top + index * self.size * LINE_HEIGHT
            for word in line:
                x = self._draw_word(draw, word, (x, y), left + width) + WORD_GAP * self.size

    def _draw_word(self, draw: ImageDraw.ImageDraw, word: Word, at: drawing.Point, end: float) -> float:
        x, y = at
        size = self.size
        centre = (x + size * 0.36, y + size * 0.6)
        if word.sign == "star":
            drawing.draw_star(draw, centre, size * 0.46, word.colour)
        elif word.sign:
            drawing.draw_mark(draw, word.sign, centre, size * 0.28, word.colour)
        x += SIGN_WIDTH * size if word.sign else 0
        text = drawing.shortened(word.text, end - x, size)
        colour = word.colour if word.sign == "star" else drawing.TEXT
        draw.text((x, y), text, fill=colour, font=drawing.font(size))
        return x + drawing.text_width(text, size)


def typeset(labels: Sequence[Label], width: int, largest: int, smallest: int) -> Typesetting:
    """Choose what fits a width in px: everything on one line if it does, else the largest font that does."""
    if _widest(labels, largest, inline=True) <= width:
        return Typesetting(largest, inline=True, lines=1)
    widest = _widest(labels, largest, inline=False)
    size = largest if widest <= width else max(smallest, math.floor(largest * width / widest * HINTED))
    return Typesetting(size, inline=False, lines=max(len(each.lines(inline=False)) for each in labels))


def _widest(labels: Sequence[Label], size: int, *, inline: bool) -> float:
    lines = [line for label in labels for line in label.lines(inline=inline)]
    return max(sum(word.width(size) for word in line) + WORD_GAP * size * (len(line) - 1) for line in lines)
