"""Draws the strip of a refinement: original, 1, 2, 3 ... with their scores; runs in a sandbox child."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

from services.media import _drawing as drawing
from services.media._labels import Label, Typesetting, Word, typeset
from services.media._studio_files import below, upright

WIDTH = 2200
"""Px; four times the width at which Discord shows a picture."""
SHOWN_WIDTH, SHOWN_HEIGHT = 550, 420
"""Px that a picture gets in a conversation."""
MARGIN, GAP, FRAME, LABEL_GAP = 32, 24, 10, 18
LABEL_SIZE, SMALLEST_LABEL = 56, 36
"""Font sizes in px: 14 and 9 as shown."""
MAX_COLUMNS = 5
ROW_CELLS = 4
"""Up to so many pictures stand in one row, if they are not wide: they compare best side by side."""
ROW_ASPECT = 1.8
MAX_CELLS = 12
MIN_ASPECT, MAX_ASPECT = 0.4, 4.0
"""Beyond, a picture is laid on the cell's background instead of shaping all cells."""
MAX_BYTES = 8 * 1000 * 1000


@dataclass(frozen=True, slots=True)
class _Cell:
    picture: Image.Image
    label: Label
    is_best: bool = False


@dataclass(frozen=True, slots=True)
class _Layout:
    columns: int
    rows: int
    width: int
    """Of a cell's picture, px."""
    height: int
    text: Typesetting

    @property
    def cell_height(self) -> int:
        return self.height + LABEL_GAP + self.text.height

    @property
    def size(self) -> tuple[int, int]:
        height = 2 * MARGIN + self.rows * self.cell_height + (self.rows - 1) * GAP
        return 2 * MARGIN + self.columns * self.width + (self.columns - 1) * GAP, height

    @property
    def shown_scale(self) -> float:
        width, height = self.size
        return min(SHOWN_WIDTH / width, SHOWN_HEIGHT / height)

    @property
    def shown_area(self) -> float:
        """Px that each picture gets in a conversation."""
        return self.shown_scale**2 * self.width * self.height

    def corner(self, index: int) -> tuple[int, int]:
        """Return where a cell begins."""
        row, column = divmod(index, self.columns)
        return MARGIN + column * (self.width + GAP), MARGIN + row * (self.cell_height + GAP)


def draw_strip(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Draw the original and its candidates side by side.

    Args:
        path: Not read; the files are named in the options.
        options: `original` (`source`, `title`), `candidates` (each `source`, `title`, `judged`,
            `measured`: the texts of its scores, empty for none), `best` (index of a candidate, or -1),
            `best_label`, `max_pixels`, `max_bytes`.

    Returns:
        `mime`, `width`, `height`, `shown` (indices of the candidates in it), and the picture.
    """
    candidates, best = options["candidates"], options["best"]
    shown = kept_rounds(len(candidates), best, MAX_CELLS - 1)
    limit = options["max_pixels"]
    original = options["original"]
    # A row of one or two is shown large; more of them share the width.
    side = WIDTH // min(len(shown), 2) if shown else WIDTH
    cells = [_Cell(upright(original["source"], limit, side), Label((Word(original["title"]),), ()))]
    for index in shown:
        each = candidates[index]
        label = _label(each, options["best_label"] if index == best else "")
        cells.append(_Cell(upright(each["source"], limit, side), label, index == best))
    mime, data, drawn = below(_draw(cells), min(options["max_bytes"], MAX_BYTES), lossless_first=False)
    return {"mime": mime, "width": drawn.width, "height": drawn.height, "shown": shown}, [data]


def kept_rounds(count: int, best: int, room: int) -> list[int]:
    """Return which of `count` rounds are shown: first, best, the last two, and others spread between."""
    if count <= room:
        return list(range(count))
    kept = {0, count - 1, count - 2} | ({best} if best >= 0 else set[int]())
    while len(kept) < room:
        ordered = sorted(kept)
        before, after = max(itertools.pairwise(ordered), key=lambda pair: pair[1] - pair[0])
        kept.add((before + after) // 2)
    return sorted(kept)


def _label(candidate: Mapping[str, Any], badge: str) -> Label:
    heading = [Word(candidate["title"])] + ([Word(badge, "star", drawing.BEST)] if badge else [])
    scores = (
        Word(candidate["judged"], "circle", drawing.JUDGED),
        Word(candidate["measured"], "diamond", drawing.MEASURED),
    )
    return Label(tuple(heading), tuple(each for each in scores if each.text))


def _draw(cells: Sequence[_Cell]) -> Image.Image:
    layout = _layout(cells)
    card = Image.new("RGB", layout.size, drawing.CARD)
    draw = ImageDraw.Draw(card)
    for index, cell in enumerate(cells):
        left, top = layout.corner(index)
        if cell.is_best:
            right, bottom = left + layout.width + FRAME - 1, top + layout.height + FRAME - 1
            draw.rectangle((left - FRAME, top - FRAME, right, bottom), fill=drawing.BEST)
        card.paste(_in_cell(cell.picture, layout), (left, top))
        beneath = (left, top + layout.height + LABEL_GAP)
        layout.text.draw(draw, cell.label, beneath, layout.width)
    return card


def _layout(cells: Sequence[_Cell]) -> _Layout:
    """Return one row while that is readable, then what shows the pictures largest and leaves few holes."""
    count, first = len(cells), cells[0].picture
    aspect = min(max(first.width / first.height, MIN_ASPECT), MAX_ASPECT)
    if count <= ROW_CELLS and aspect <= ROW_ASPECT:
        return _with_columns(cells, count, aspect)
    layouts = [_with_columns(cells, columns, aspect) for columns in range(1, min(count, MAX_COLUMNS) + 1)]
    return max(layouts, key=lambda each: each.shown_area * count / (each.columns * each.rows))


def _with_columns(cells: Sequence[_Cell], columns: int, aspect: float) -> _Layout:
    width = (WIDTH - 2 * MARGIN - (columns - 1) * GAP) // columns
    height, rows = max(round(width / aspect), 1), math.ceil(len(cells) / columns)
    labels = [each.label for each in cells]

    def with_text(largest: int) -> _Layout:
        return _Layout(columns, rows, width, height, typeset(labels, width, largest, SMALLEST_LABEL))

    wide = with_text(LABEL_SIZE)
    # High strips are shown smaller, so that their words have to be larger.
    return with_text(round(LABEL_SIZE * SHOWN_WIDTH / WIDTH / wide.shown_scale))


def _in_cell(picture: Image.Image, layout: _Layout) -> Image.Image:
    """Scale a picture into its cell; the last pixels of rounding are not worth a border."""
    scale = min(layout.width / picture.width, layout.height / picture.height)
    width, height = max(round(picture.width * scale), 1), max(round(picture.height * scale), 1)
    if max(layout.width / width, layout.height / height) <= 1.01:
        width, height = layout.width, layout.height
    cell = Image.new("RGB", (layout.width, layout.height), drawing.CELL)
    scaled = picture.resize((width, height), Image.Resampling.LANCZOS)
    cell.paste(scaled, ((layout.width - width) // 2, (layout.height - height) // 2))
    return cell
