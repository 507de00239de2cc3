"""Draws judged and measured similarity over the rounds of a refinement; runs in a sandbox child."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

from services.media import _drawing as drawing
from services.media._studio_files import as_png

WIDTH, HEIGHT = 1100, 600
"""Px; twice the size at which Discord shows it."""
LEFT, RIGHT, TOP, BOTTOM = 118, 48, 136, 96
SCALE = 2
"""Drawn so many times larger, then scaled down: Pillow draws lines without smooth edges."""
TEXT_SIZE = 27
GRID = (0, 25, 50, 75, 100)
MAX_VALUES = 8
"""Up to so many rounds each point bears its value."""
MAX_TICKS = 12


@dataclass(frozen=True, slots=True)
class _Series:
    label: str
    colour: drawing.Colour
    mark: drawing.Mark
    values: Sequence[float | None]
    """One a round, 0 to 100; None where it was not found out."""


def draw_chart(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Draw the chart.

    Args:
        path: Not read.
        options: `judged` and `measured` (0 to 100 or None, one a round), `best` (index of a round, or -1),
            `labels`: `judged`, `measured`, `best`, `round`, `similarity`.

    Returns:
        `mime`, `width`, `height`, and the picture.
    """
    labels = options["labels"]
    series = [
        _Series(labels["judged"], drawing.JUDGED, "circle", options["judged"]),
        _Series(labels["measured"], drawing.MEASURED, "diamond", options["measured"]),
    ]
    large = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), drawing.CARD)
    _Chart(ImageDraw.Draw(large), len(options["judged"])).draw(series, options["best"], labels)
    drawn = drawing.smooth(large, SCALE)
    return {"mime": "image/png", "width": WIDTH, "height": HEIGHT}, [as_png(drawn)]


class _Chart:
    """Draws at `SCALE`; its own coordinates are those of the finished picture."""

    def __init__(self, draw: ImageDraw.ImageDraw, rounds: int) -> None:
        self._draw = draw
        self._rounds = rounds

    def draw(self, series: Sequence[_Series], best: int, labels: Mapping[str, str]) -> None:
        self._axes(labels)
        if best >= 0:
            self._best(best, labels["best"])
        for each in series:
            self._line(each)
        for each in series:
            self._points(each)
        if self._rounds <= MAX_VALUES:
            self._values(series)
        self._legend(series)

    def _x(self, index: int) -> float:
        inner = WIDTH - LEFT - RIGHT
        # Half a step of air on both sides, so that the first and last points stand off the frame.
        return LEFT + inner * (index + 0.5) / max(self._rounds, 1)

    def _y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(max(value, 0.0), 100.0) / 100

    def _axes(self, labels: Mapping[str, str]) -> None:
        for value in GRID:
            y = self._y(value)
            self._stroke([(LEFT, y), (WIDTH - RIGHT, y)], drawing.LINE, 2 if value else 3)
            self._text((LEFT - 16, y), f"{value}", drawing.MUTED, "rm")
        step = math.ceil(self._rounds / MAX_TICKS)
        for index in range(0, self._rounds, max(step, 1)):
            self._text((self._x(index), HEIGHT - BOTTOM + 26), f"{index + 1}", drawing.MUTED, "mm")
        self._text(((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 26), labels["round"], drawing.MUTED, "mm")
        self._upright_text((32, (TOP + HEIGHT - BOTTOM) / 2), labels["similarity"], drawing.MUTED)

    def _best(self, index: int, label: str) -> None:
        """Mark the best round by a band and a star with its word."""
        x = self._x(index)
        half = min((WIDTH - LEFT - RIGHT) / max(self._rounds, 1) / 2, 56)
        band = (x - half, TOP, x + half, HEIGHT - BOTTOM)
        self._draw.rectangle([each * SCALE for each in band], fill=(38, 58, 56))
        for value in GRID:
            self._stroke([(x - half, self._y(value)), (x + half, self._y(value))], drawing.LINE, 2)
        width = drawing.text_width(label, TEXT_SIZE) + 34
        left = min(max(x - width / 2, LEFT), WIDTH - RIGHT - width)
        drawing.draw_star(self._draw, ((left + 11) * SCALE, (TOP - 58) * SCALE), 13 * SCALE, drawing.BEST)
        self._text((left + 34, TOP - 58), label, drawing.BEST, "lm")

    def _line(self, series: _Series) -> None:
        points = [(self._x(i), self._y(value)) for i, value in enumerate(series.values) if value is not None]
        if len(points) > 1:
            self._stroke(points, series.colour, 5)

    def _points(self, series: _Series) -> None:
        for index, value in enumerate(series.values):
            if value is None:
                continue
            x, y = self._x(index) * SCALE, self._y(value) * SCALE
            drawing.draw_mark(self._draw, series.mark, (x, y), 13 * SCALE, drawing.CARD)
            drawing.draw_mark(self._draw, series.mark, (x, y), 10 * SCALE, series.colour)

    def _values(self, series: Sequence[_Series]) -> None:
        """Write the values: the higher one above its point, the lower one beneath."""
        for index in range(self._rounds):
            found = [(each.values[index], each) for each in series]
            known = sorted(((v, s) for v, s in found if v is not None), key=lambda each: -each[0])
            for place, (value, each) in enumerate(known):
                is_above = place == 0 if self._y(value) < HEIGHT - BOTTOM - 40 or len(known) > 1 else True
                y = self._y(value) + (-30 if is_above else 30)
                self._text((self._x(index), y), f"{value:.0f}", each.colour, "mm")

    def _legend(self, series: Sequence[_Series]) -> None:
        x = float(LEFT)
        for each in series:
            drawing.draw_mark(self._draw, each.mark, ((x + 11) * SCALE, 34 * SCALE), 10 * SCALE, each.colour)
            self._text((x + 34, 34), each.label, drawing.TEXT, "lm")
            x += 34 + drawing.text_width(each.label, TEXT_SIZE) + 40

    def _stroke(self, points: Sequence[drawing.Point], colour: drawing.Colour, width: int) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(scaled, fill=colour, width=width * SCALE // 2 * 2, joint="curve")

    def _text(self, at: drawing.Point, text: str, colour: drawing.Colour, anchor: str) -> None:
        place = (at[0] * SCALE, at[1] * SCALE)
        self._draw.text(place, text, fill=colour, font=drawing.font(TEXT_SIZE * SCALE), anchor=anchor)

    def _upright_text(self, centre: drawing.Point, text: str, colour: drawing.Colour) -> None:
        """Write from bottom to top."""
        size = TEXT_SIZE * SCALE
        width, height = math.ceil(drawing.text_width(text, size)) + 8, round(size * 1.5)
        laid = Image.new("L", (width, height))
        ImageDraw.Draw(laid).text((width / 2, height / 2), text, fill=255, font=drawing.font(size), anchor="mm")
        laid = laid.transpose(Image.Transpose.ROTATE_90)
        corner = (round(centre[0] * SCALE - laid.width / 2), round(centre[1] * SCALE - laid.height / 2))
        self._draw.bitmap(corner, laid, fill=colour)
