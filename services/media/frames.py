"""Lets people choose a moment of an animation: a numbered sheet, then the frame; runs in a sandbox child."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw

from services.media import _drawing as drawing
from services.media._appearance import prepare
from services.media._studio_files import as_png, below, opened
from services.media.animations import Moment, frame_at, read_animation

MAX_MOMENTS = 9
COLUMNS = 3
SHEET_WIDTH = 1260
GAP = 12
NUMBER_SIZE, TIME_SIZE = 46, 34
MIN_ASPECT, MAX_ASPECT = 0.5, 3.0
SHEET_BYTES = 8 * 1000 * 1000


def frame_sheet(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Draw up to nine moments of an animation with their numbers and times.

    Args:
        path: Of the animation; it is read as `animation` of the options says.
        options: `animation` (a source), `max_pixels`.

    Returns:
        `mime`, `width`, `height`, `times` (s, in the order of the numbers), `seconds`, and the sheet.
    """
    with opened(options["animation"], options["max_pixels"]) as image:
        animation = read_animation(image, MAX_MOMENTS)
    sheet = _sheet(animation.moments)
    mime, data, sheet = below(sheet, SHEET_BYTES, lossless_first=False)
    times = [each.time for each in animation.moments]
    facts = {"mime": mime, "width": sheet.width, "height": sheet.height}
    return facts | {"times": times, "seconds": animation.seconds}, [data]


def frame(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Return the frame that an animation shows at a time.

    Args:
        path: Of the animation; it is read as `animation` of the options says.
        options: `animation` (a source), `time` (s), `long_side` (px of the result), `max_pixels`.

    Returns:
        `mime`, `width`, `height`, `time` (when the frame begins, s), and the frame as PNG.
    """
    with opened(options["animation"], options["max_pixels"]) as image:
        time, found = frame_at(image, options["time"])
    picture = prepare(found, options["long_side"])
    facts = {"mime": "image/png", "width": picture.width, "height": picture.height, "time": time}
    return facts, [as_png(picture)]


def _sheet(moments: Sequence[Moment]) -> Image.Image:
    columns = min(COLUMNS, len(moments)) if len(moments) != 4 else 2
    rows = math.ceil(len(moments) / columns)
    first = moments[0].picture
    aspect = min(max(first.width / first.height, MIN_ASPECT), MAX_ASPECT)
    width = (SHEET_WIDTH - (columns + 1) * GAP) // columns
    height = round(width / aspect)
    card = Image.new("RGB", (SHEET_WIDTH, GAP + rows * (height + GAP)), drawing.CARD)
    for index, moment in enumerate(moments):
        row, column = divmod(index, columns)
        cell = _cell(moment, index + 1, (width, height))
        card.paste(cell, (GAP + column * (width + GAP), GAP + row * (height + GAP)))
    return card


def _cell(moment: Moment, number: int, size: tuple[int, int]) -> Image.Image:
    cell = Image.new("RGB", size, drawing.CELL)
    picture = moment.picture
    scale = min(size[0] / picture.width, size[1] / picture.height)
    shape = max(round(picture.width * scale), 1), max(round(picture.height * scale), 1)
    scaled = picture.resize(shape, Image.Resampling.LANCZOS)
    cell.paste(scaled, ((size[0] - scaled.width) // 2, (size[1] - scaled.height) // 2))
    draw = ImageDraw.Draw(cell)
    _tag(draw, f"{number}", (0, 0), NUMBER_SIZE)
    minutes, seconds = divmod(round(moment.time, 1), 60)
    text = f"{minutes:.0f}:{seconds:04.1f}"
    reach = drawing.text_width(text, TIME_SIZE) + TIME_SIZE
    _tag(draw, text, (size[0] - reach, size[1] - TIME_SIZE * 1.5), TIME_SIZE)
    return cell


def _tag(draw: ImageDraw.ImageDraw, text: str, corner: drawing.Point, size: int) -> None:
    """Write on a dark patch, readable on every picture."""
    left, top = corner
    right, bottom = left + drawing.text_width(text, size) + size, top + size * 1.5
    draw.rectangle((left, top, right, bottom), fill=drawing.CARD)
    centre = ((left + right) / 2, (top + bottom) / 2)
    draw.text(centre, text, fill=drawing.TEXT, font=drawing.font(size), anchor="mm")
