"""Pictures with something to read: a slide with a chart, a receipt, title cards."""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from playground.samples.lettering import CORAL, INK, PALE, PAPER, SAND, SEA, write

SLIDE_SIZE = (1920, 1080)
RECEIPT_SIZE = (900, 1300)
CATCHES = (("Jan", 12), ("Feb", 18), ("Mar", 27), ("Apr", 41), ("May", 38), ("Jun", 56))
"""Visitors of each month in thousands, as the chart shows them."""
BULLETS = (
    ("Crossing on foot at low tide", "1.8 km, about 25 minutes"),
    ("Lighthouse open daily", "09:00 to 18:30, last entry 18:00"),
    ("New boardwalk since April", "612 m, step-free"),
)
ROWS = (
    ("2 x Filter coffee", "7.20"),
    ("1 x Apple cake", "4.50"),
    ("1 x Fish soup", "11.80"),
    ("3 x Postcard", "3.60"),
    ("1 x Bus ticket, day", "6.40"),
)
TOTAL = "33.50"


def slide() -> Image.Image:
    """Draw a slide (1920x1080): heading, bullets, a bar chart with its figures."""
    image = Image.new("RGB", SLIDE_SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 28, 1080), SEA)
    write(draw, (120, 96), "The isthmus in figures", 84, bold=True)
    write(draw, (122, 208), "Visitor report, first half of the year", 40, PALE)
    for index, (heading, detail) in enumerate(BULLETS):
        top = 350 + index * 180
        draw.ellipse((124, top + 14, 148, top + 38), CORAL)
        write(draw, (182, top), heading, 46, bold=True)
        write(draw, (182, top + 66), detail, 38, PALE)
    _chart(image, (1010, 300, 1800, 900))
    draw.line((120, 985, 1800, 985), (224, 216, 200), 3)
    write(draw, (120, 1008), "Harbour office, Two Islands", 30, PALE)
    write(draw, (1800, 1008), "4 / 12", 30, PALE, anchor="ra")
    return image


def receipt() -> Image.Image:
    """Draw a photographed receipt (900x1300): slightly turned, on a wooden table."""
    paper = Image.new("RGB", (560, 1020), (252, 250, 244))
    draw = ImageDraw.Draw(paper)
    write(draw, (280, 60), "CAFE LANDBRIDGE", 46, anchor="ma", bold=True)
    write(draw, (280, 128), "Causeway 7, Two Islands", 27, PALE, anchor="ma")
    write(draw, (280, 166), "Tel. 0555 014 228", 27, PALE, anchor="ma")
    _dashes(draw, 226)
    write(draw, (48, 250), "14 Jun  13:42", 28)
    write(draw, (512, 250), "Table 9", 28, anchor="ra")
    _dashes(draw, 308)
    for index, (what, price) in enumerate(ROWS):
        write(draw, (48, 340 + index * 62), what, 32)
        write(draw, (512, 340 + index * 62), price, 32, anchor="ra")
    _dashes(draw, 672)
    write(draw, (48, 698), "TOTAL EUR", 42, bold=True)
    write(draw, (512, 698), TOTAL, 42, anchor="ra", bold=True)
    write(draw, (48, 770), "incl. VAT 10 %", 27, PALE)
    write(draw, (512, 770), "3.05", 27, PALE, anchor="ra")
    _dashes(draw, 828)
    write(draw, (280, 858), "Thank you, mind the tide!", 30, anchor="ma")
    _barcode(draw, 920)
    return _photographed(paper)


def card(heading: str, line: str, backdrop: Image.Image | None = None) -> Image.Image:
    """Draw a title card of a film (1280x720), on a darkened backdrop or on the colour of the sea."""
    size = (1280, 720)
    image = Image.new("RGB", size, SEA)
    if backdrop is not None:
        blurred = backdrop.resize(size, Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(7))
        image = Image.blend(blurred, Image.new("RGB", size, (10, 34, 52)), 0.62)
    draw = ImageDraw.Draw(image)
    write(draw, (640, 300), heading, 86, PAPER, anchor="mm", bold=True)
    draw.rectangle((540, 378, 740, 384), SAND)
    write(draw, (640, 440), line, 38, (226, 220, 206), anchor="mm")
    return image


def timetable() -> Image.Image:
    """Draw a table of a film (1280x720)."""
    image = Image.new("RGB", (1280, 720), PAPER)
    draw = ImageDraw.Draw(image)
    write(draw, (90, 60), "Low tides this week", 58, bold=True)
    columns = (90, 470, 800, 1190)
    draw.rounded_rectangle((70, 160, 1210, 226), 12, SEA)
    for x, text, anchor in zip(
        columns, ("Day", "Low tide", "Height", "Crossing"), ("lm", "lm", "lm", "rm"), strict=True
    ):
        write(draw, (x, 193), text, 32, PAPER, anchor=anchor)  # type: ignore[arg-type]
    rows = (
        ("Monday", "06:12", "0.42 m", "open"),
        ("Tuesday", "06:58", "0.35 m", "open"),
        ("Wednesday", "07:41", "0.31 m", "open"),
        ("Thursday", "08:25", "0.58 m", "guided only"),
        ("Friday", "09:10", "0.94 m", "closed"),
    )
    for index, row in enumerate(rows):
        top = 236 + index * 84
        if index % 2:
            draw.rounded_rectangle((70, top, 1210, top + 80), 12, (240, 233, 219))
        for x, text, anchor in zip(columns, row, ("lm", "lm", "lm", "rm"), strict=True):
            write(draw, (x, top + 40), text, 34, CORAL if text == "closed" else INK, anchor=anchor)  # type: ignore[arg-type]
    return image


def as_bytes(image: Image.Image, kind: str, **options: int) -> bytes:
    """Return a picture as the bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _chart(image: Image.Image, box: tuple[int, int, int, int]) -> None:
    draw = ImageDraw.Draw(image)
    left, top, right, low = box
    write(draw, (left, top - 6), "Visitors in thousands", 38, bold=True)
    base, room = low - 70, low - top - 190
    for step in (20, 40, 60):
        y = base - room * step / 60
        draw.line((left + 60, y, right, y), (228, 220, 204), 2)
        write(draw, (left + 40, y), str(step), 28, PALE, anchor="rm")
    width = (right - left - 60) / len(CATCHES)
    for index, (month, count) in enumerate(CATCHES):
        x, height = left + 60 + index * width, room * count / 60
        colour = CORAL if count == max(value for _, value in CATCHES) else SEA
        draw.rounded_rectangle((x + 22, base - height, x + width - 22, base), 10, colour)
        write(draw, (x + width / 2, base - height - 28), str(count), 34, anchor="mm", bold=True)
        write(draw, (x + width / 2, base + 36), month, 32, PALE, anchor="mm")
    draw.line((left + 60, base, right, base), INK, 3)


def _dashes(draw: ImageDraw.ImageDraw, y: int) -> None:
    for x in range(48, 512, 16):
        draw.line((x, y, x + 9, y), PALE, 2)


def _barcode(draw: ImageDraw.ImageDraw, y: int) -> None:
    rng, x = np.random.default_rng(7), 110
    while x < 450:
        width = int(rng.integers(2, 7))
        draw.rectangle((x, y, x + width - 1, y + 58), INK)
        x += width + int(rng.integers(2, 6))


def _photographed(paper: Image.Image) -> Image.Image:
    """Lay a paper on a table, as somebody's telephone would see it."""
    rng = np.random.default_rng(3)
    width, height = RECEIPT_SIZE
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    bend = np.sin(ys / 190) * 9 + np.sin(ys / 57) * 2
    grain = np.sin((xs + bend) / 7.3) + 0.6 * np.sin((xs + bend) / 2.9 + 1) + 0.8 * np.sin((xs + bend) / 31)
    gaps = np.where(np.abs((xs + 40) % 300) < 3, -34, 0)
    wood = np.stack([142 + 7 * grain + gaps, 98 + 6 * grain + gaps, 62 + 4 * grain + gaps], axis=-1)
    table = Image.fromarray((wood + rng.normal(0, 3, (height, width, 1))).clip(0, 255).astype(np.uint8))
    lit = (
        np.asarray(paper, np.float32)
        * (1 - 0.05 * np.sin(np.linspace(0, math.pi * 3, paper.height)) ** 2)[:, None, None]
    )
    sheet = Image.fromarray(lit.clip(0, 255).astype(np.uint8)).convert("RGBA")
    turned = sheet.rotate(-2.6, Image.Resampling.BICUBIC, expand=True)
    at = ((width - turned.width) // 2, (height - turned.height) // 2)
    shadow = Image.new("L", table.size)
    shadow.paste(turned.getchannel("A"), (at[0] + 12, at[1] + 16))
    table.paste((40, 24, 14), mask=shadow.filter(ImageFilter.GaussianBlur(16)).point(lambda level: level * 0.7))
    table.paste(turned, at, turned)
    light = 1.06 - 0.22 * np.hypot((xs - 250) / width, (ys - 250) / height)
    return Image.fromarray((np.asarray(table, np.float32) * light[..., None]).clip(0, 255).astype(np.uint8))
