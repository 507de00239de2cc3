"""Lays frames of a video out on one sheet, each with its time; runs in a sandbox child."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

MOST_CELLS = 24
MOST_BYTES = 2_000_000
QUALITIES = (88, 80, 70, 55, 40)
BACKGROUND = (24, 25, 28)
PLATE = (12, 13, 15, 205)
LETTERS = (245, 246, 248, 255)
SHEET_LONG_SIDE = 1800
"""Of the sheet, in px: chat programs show no more of it."""
BEST_SHAPE = 1.4
"""Width divided by height that fills a chat window best."""
LARGEST_CELL = 800
ALMOST = 0.02
"""Part of a cell that a picture may be stretched by, rather than leave a margin."""
SMOOTH = 4
"""Corners are drawn so many times larger and scaled down, which smooths them."""


def draw(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Draw a sheet.

    Args:
        path: One of the frames' files; the others lie beside it.
        options: `frames` (each `file` and `time` in seconds, in order), `max_pixels` (of one).

    Returns:
        Facts (`width`, `height` in px; `times` of the frames shown) and the sheet as JPEG of at most 2 MB.
    """
    shown = _thinned(options["frames"], MOST_CELLS)
    pictures: list[Image.Image] = []
    for each in shown:
        with Image.open(Path(path).parent / each["file"], formats=["JPEG"]) as image:
            if image.width * image.height > options["max_pixels"]:
                raise ValueError("a frame is larger than agreed")
            image.draft("RGB", (LARGEST_CELL, LARGEST_CELL))
            image.thumbnail((LARGEST_CELL, LARGEST_CELL), Image.Resampling.LANCZOS)
            pictures.append(image.convert("RGB"))
    sheet = _sheet(pictures, labels([float(each["time"]) for each in shown]))
    facts = {"width": sheet.width, "height": sheet.height, "times": [each["time"] for each in shown]}
    return facts, [_encoded(sheet)]


def labels(times: Sequence[float]) -> list[str]:
    """Return times as people write them; with tenths when two would look the same."""
    plain = [_clock(math.floor(at + 0.05)) for at in times]
    if len(set(plain)) == len(plain):
        return plain
    tenths = [round(at * 10) for at in times]
    return [f"{_clock(each // 10)}.{each % 10}" for each in tenths]


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _thinned(frames: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """Keep at most so many, evenly, the first and the last among them."""
    if len(frames) <= most:
        return list(frames)
    return [frames[round(number * (len(frames) - 1) / (most - 1))] for number in range(most)]


def _columns(count: int, shape: float) -> int:
    """Return how many columns bring a sheet of such cells closest to the best shape, with few empty cells."""

    def misfit(columns: int) -> float:
        rows = -(-count // columns)
        return abs(math.log(columns * shape / rows / BEST_SHAPE)) + 1.5 * (columns * rows - count) / count

    return min(range(1, count + 1), key=misfit)


def _sheet(pictures: Sequence[Image.Image], texts: Sequence[str]) -> Image.Image:
    shape = sorted(each.width / each.height for each in pictures)[len(pictures) // 2]
    columns = _columns(len(pictures), shape)
    rows = -(-len(pictures) // columns)
    # The longer side of the sheet decides how large a cell is.
    width = SHEET_LONG_SIDE / max(columns, rows / shape)
    width = min(width, LARGEST_CELL, LARGEST_CELL * shape)
    gap = max(round(min(width, width / shape) / 22), 6)
    inner = max(width - gap, 24.0)
    cell = round(inner), max(round(inner / shape), 24)
    size = (columns * (cell[0] + gap) + gap, rows * (cell[1] + gap) + gap)
    sheet = Image.new("RGB", size, BACKGROUND)
    corner = gap
    mask = _rounded(cell, corner)
    letters = max(round(min(cell) / 10.5), 13)
    for number, (picture, text) in enumerate(zip(pictures, texts, strict=True)):
        row, column = divmod(number, columns)
        filled = _fitted(picture, cell)
        _label(filled, text, letters)
        in_row = min(columns, len(pictures) - row * columns)
        indent = (columns - in_row) * (cell[0] + gap) // 2  # A short last row stands in the middle.
        left, top = gap + indent + column * (cell[0] + gap), gap + row * (cell[1] + gap)
        sheet.paste(filled, (left, top), mask)
    return sheet


def _fitted(picture: Image.Image, cell: tuple[int, int]) -> Image.Image:
    """Return a picture that fills its cell; one of quite another shape stands in it whole."""
    factor = min(cell[0] / picture.width, cell[1] / picture.height)
    size = (max(round(picture.width * factor), 1), max(round(picture.height * factor), 1))
    if abs(size[0] - cell[0]) + abs(size[1] - cell[1]) <= max(cell) * ALMOST:
        size = cell
    ground = Image.new("RGB", cell, (38, 40, 44))
    resized = picture.resize(size, Image.Resampling.LANCZOS)
    ground.paste(resized, ((cell[0] - size[0]) // 2, (cell[1] - size[1]) // 2))
    return ground


def _label(picture: Image.Image, text: str, letters: int) -> None:
    """Write a time on a small plate in the lower left corner."""
    font = ImageFont.load_default(letters)
    left, _, right, _ = font.getbbox(text)
    # Digits all reach equally high: the plate is as high on every cell.
    _, top, _, bottom = font.getbbox("0123456789:")
    inner = round(letters * 0.45), round(letters * 0.34)
    size = (round(right - left) + 2 * inner[0], round(bottom - top) + 2 * inner[1])
    plate = Image.new("RGBA", size, PLATE)
    ImageDraw.Draw(plate).text((inner[0] - left, inner[1] - top), text, font=font, fill=LETTERS)
    margin = round(letters * 0.5)
    alpha = Image.composite(
        plate.getchannel("A"), Image.new("L", size, 0), _rounded(size, round(letters * 0.32))
    )
    picture.paste(plate.convert("RGB"), (margin, picture.height - margin - size[1]), alpha)


def _rounded(size: tuple[int, int], radius: int) -> Image.Image:
    large = Image.new("L", (size[0] * SMOOTH, size[1] * SMOOTH), 0)
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, large.width - 1, large.height - 1), radius * SMOOTH, fill=255
    )
    return large.resize(size, Image.Resampling.BOX)


def _encoded(sheet: Image.Image) -> bytes:
    data = b""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        sheet.save(buffer, "JPEG", quality=quality, optimize=True)
        data = buffer.getvalue()
        if len(data) <= MOST_BYTES:
            break
    return data
