"""A painted landscape: two islands at dusk, the strip of sand that joins them, a lighthouse."""

from __future__ import annotations

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1600, 1067
HORIZON = 500
SUN = (1090, 425)
Plane = NDArray[np.float32]
Colour = tuple[int, int, int]

_SKY = (
    (0.0, (38, 66, 116)),
    (0.38, (104, 141, 187)),
    (0.66, (226, 190, 168)),
    (0.88, (250, 205, 142)),
    (1.0, (253, 224, 168)),
)
_SEA = ((0.0, (238, 196, 150)), (0.10, (134, 158, 168)), (0.34, (52, 112, 138)), (1.0, (12, 50, 78)))


def scene() -> Image.Image:
    """Paint the scene (1600x1067); the same one each time."""
    rng = np.random.default_rng(1851)
    picture = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    picture[:HORIZON] = _sky(rng)
    picture[HORIZON:] = _sea(rng)
    image = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
    _far_hills(image, rng)
    _isthmus(image, rng)
    _island(image, rng, left=True)
    _island(image, rng, left=False)
    _lighthouse(image)
    _gulls(image)
    _dune(image, rng)
    return _developed(image, rng)


def scene_jpeg() -> bytes:
    """Return the scene as a camera would save it."""
    buffer = io.BytesIO()
    scene().save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _sky(rng: np.random.Generator) -> Plane:
    sky = _gradient(_SKY, HORIZON)
    ys, xs = np.mgrid[0:HORIZON, 0:WIDTH].astype(np.float32)
    distance = np.hypot(xs - SUN[0], (ys - SUN[1]) * 1.15)
    glow = np.exp(-distance / 190)[..., None] * np.array([110, 62, 26]) + np.exp(-distance / 620)[
        ..., None
    ] * np.array([38, 10, -6])
    sky = sky + glow
    for height, width, cover in ((70, 26, 0.54), (26, 12, 0.56)):
        clouds = _noise(rng, HORIZON, WIDTH, height // 4, width // 2, octaves=5)
        band = np.exp(-(((ys - 190) / 150) ** 2))
        veil = np.clip((clouds * band - cover * 0.62) * 3.4, 0, 0.8)[..., None]
        lit = 0.55 + 0.45 * np.exp(-distance / 520)[..., None]
        sky = sky * (1 - veil) + veil * (np.array([255, 214, 188]) * lit + np.array([92, 96, 128]) * (1 - lit))
    disc = np.clip((44 - distance) / 2.5, 0, 1)[..., None]
    return sky * (1 - disc) + disc * np.array([255, 246, 214])


def _sea(rng: np.random.Generator) -> Plane:
    depth = HEIGHT - HORIZON
    sea = _gradient(_SEA, depth)
    ys, xs = np.mgrid[0:depth, 0:WIDTH].astype(np.float32)
    # Waves look flatter and closer the farther away they are: sample one noise along 1 / distance.
    rows = (depth * 1.9 * (1 - 1 / (1 + ys[:, 0] / 70))).astype(int) % (2 * depth)
    waves = (_noise(rng, 2 * depth, WIDTH, 150, 26, octaves=3) - 0.5)[rows]
    fine = (_noise(rng, 2 * depth, WIDTH, 420, 110, octaves=2) - 0.5)[rows]
    near = (ys / depth) ** 0.5
    sea = sea + ((waves * 62 + fine * 40) * (0.25 + near))[..., None] * np.array([0.85, 1.0, 1.05])
    path = np.exp(-(((xs - SUN[0]) / (26 + ys * 0.34)) ** 2)) * (1 - 0.72 * ys / depth)
    glitter = np.clip((waves + fine * 1.4) * 6.5 + 0.45, 0, 1) * path
    return sea + glitter[..., None] * np.array([225, 180, 105])


def _far_hills(image: Image.Image, rng: np.random.Generator) -> None:
    for left, right, height, colour in (
        (0, 620, 62, (137, 138, 158)),
        (430, 1010, 34, (171, 158, 162)),
        (1270, 1600, 44, (160, 143, 146)),
    ):
        hill = _ridge(rng, (left, right, HORIZON + 2), height, rough=0.9)
        _paste(image, hill, (colour, colour), rng, texture=0)


def _isthmus(image: Image.Image, rng: np.random.Generator) -> None:
    upper, lower = [], []
    for x in range(300, 1300, 10):
        t = (x - 300) / 1000
        middle = 604 + 34 * math.sin(t * math.pi) + 8 * math.sin(t * 9)
        half = 12 + 38 * abs(2 * t - 1) ** 2.2
        upper.append((x, middle - half * 0.55))
        lower.append((x, middle + half))
    for grow, colour, blur in ((17, (150, 196, 196), 9), (8, (233, 240, 234), 3), (0, (228, 199, 150), 1)):
        outline = [(x, y - grow * 0.5) for x, y in upper] + [(x, y + grow) for x, y in reversed(lower)]
        shade = (colour[0] - 26, colour[1] - 30, colour[2] - 30) if not grow else colour
        _paste(image, _shape(outline, blur), (colour, shade), rng, texture=0 if grow else 16)


def _island(image: Image.Image, rng: np.random.Generator, *, left: bool) -> None:
    start, end, height = (-260, 520, 128) if left else (1130, 1900, 168)
    foot = 622 if left else 640
    for grow, colour in ((16, (150, 196, 196)), (8, (236, 240, 232))):
        _paste(image, _shape(_shore(start, end, foot, grow), 5), (colour, colour), rng, texture=0)
    beach = _shape(_shore(start, end, foot, 0), 1)
    _paste(image, beach, ((216, 186, 138), (176, 142, 102)), rng, texture=14)
    hill = _ridge(rng, (start + 40, end - 26, foot + 4), height, rough=1.5)
    _paste(image, hill, ((124, 138, 78), (44, 66, 52)), rng, texture=34)
    bushes = _ridge(rng, (start + 90, end - 110, foot + 8), height * 0.55, rough=1.2)
    _paste(image, bushes, ((96, 118, 66), (30, 52, 42)), rng, texture=40)


def _shore(start: int, end: int, foot: int, grow: int) -> list[tuple[float, float]]:
    middle, half = (start + end) / 2, (end - start) / 2 + grow
    angles = [index * math.pi / 60 for index in range(121)]
    return [
        (middle + half * math.cos(a), foot + (26 + grow) * math.sin(a) * (1 + 0.1 * math.sin(7 * a)))
        for a in angles
    ]


def _ridge(
    rng: np.random.Generator, place: tuple[int, int, int], height: float, *, rough: float
) -> Image.Image:
    """Return the mask of a hill: from where to where it reaches, and the level line on which it stands."""
    left, right, foot = place
    xs = np.linspace(0, 1, 160)
    bumps = sum(rng.uniform(-1, 1) * np.sin(xs * n * 3.1 + rng.uniform(0, 6)) / n**1.05 for n in range(2, 24))
    tops = np.sin(xs * np.pi) ** 0.62 * height * (0.82 + 0.16 * rough * bumps)
    outline = [
        (left + (right - left) * float(x), foot - max(float(top), 0)) for x, top in zip(xs, tops, strict=True)
    ]
    return _shape([*outline, (right, foot), (left, foot)], 0.8)


def _lighthouse(image: Image.Image) -> None:
    scale, foot, middle = 3, 528, 1385
    layer = Image.new("RGBA", (200 * scale, 300 * scale))
    draw = ImageDraw.Draw(layer)

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * scale, y * scale) for x, y in points]

    def width(y: float) -> float:
        return 13 + (y - 70) * 0.072

    for index in range(6):
        top, low = 70 + index * 33, 70 + (index + 1) * 33
        colour = (240, 234, 224) if index % 2 else (190, 56, 48)
        draw.polygon(
            at(
                (100 - width(top), top),
                (100 + width(top), top),
                (100 + width(low), low),
                (100 - width(low), low),
            ),
            colour,
        )
        shade = tuple(int(part * 0.66) for part in colour)
        draw.polygon(
            at(
                (100 - width(top), top),
                (100 - width(top) * 0.3, top),
                (100 - width(low) * 0.3, low),
                (100 - width(low), low),
            ),
            shade,
        )
    draw.rectangle(at((80, 64), (120, 71)), (58, 58, 66))
    draw.rectangle(at((89, 42), (111, 64)), (255, 230, 150))
    for x in (89, 96, 103, 110):
        draw.rectangle(at((x, 42), (x + 1.6, 64)), (70, 62, 60))
    draw.polygon(at((84, 42), (116, 42), (100, 24)), (150, 42, 38))
    draw.rectangle(at((99.2, 14), (100.8, 26)), (60, 50, 50))
    for y in (120, 180, 235):
        draw.rectangle(at((98, y), (104, y + 11)), (52, 54, 66))
    house = at((118, 268), (118, 240), (140, 226), (162, 240), (162, 268))
    draw.polygon(house, (232, 222, 206))
    draw.polygon(at((112, 242), (140, 222), (168, 242)), (142, 74, 56))
    draw.rectangle(at((134, 250), (144, 268)), (88, 66, 58))
    small = layer.resize((200, 300), Image.Resampling.LANCZOS)
    lamp = Image.new("L", image.size)
    ImageDraw.Draw(lamp).ellipse((middle - 30, foot - 245, middle + 30, foot - 185), fill=190)
    image.paste((255, 232, 170), mask=lamp.filter(ImageFilter.GaussianBlur(15)))
    image.paste(small, (middle - 100, foot - 268), small)


def _gulls(image: Image.Image) -> None:
    draw = ImageDraw.Draw(image)
    for x, y, size in ((560, 250, 15), (612, 230, 11), (650, 268, 9), (845, 182, 8)):
        draw.arc((x - 2 * size, y - size / 2, x, y + size), 200, 330, fill=(70, 72, 88), width=2)
        draw.arc((x, y - size / 2, x + 2 * size, y + size), 210, 340, fill=(70, 72, 88), width=2)


def _dune(image: Image.Image, rng: np.random.Generator) -> None:
    """Paint the dune with grass from which one looks."""
    crest = [
        (x, 985 - 150 * math.exp(-(((x - 90) / 420) ** 2)) + 34 * math.sin(x / 210))
        for x in range(-10, 1620, 10)
    ]
    sand = _shape([*crest, (1620, HEIGHT), (-10, HEIGHT)], 1.5)
    _paste(image, sand, ((214, 178, 130), (120, 88, 66)), rng, texture=22)
    layer = Image.new("RGBA", (WIDTH * 2, HEIGHT * 2))
    draw = ImageDraw.Draw(layer)
    for _ in range(950):
        at = int(min(abs(rng.normal(0, 0.34)), 1.0) * (len(crest) - 1))
        x, y = crest[at][0] + rng.uniform(-8, 8), crest[at][1] + rng.uniform(-4, 60)
        length, lean = rng.uniform(34, 118), rng.uniform(-10, 62)
        points = [(2 * (x + lean * t * t), 2 * (y - length * t)) for t in (0, 0.35, 0.7, 1.0)]
        shade = int(rng.integers(0, 70))
        draw.line(points, fill=(58 + shade, 72 + shade, 34 + shade // 2, 255), width=3, joint="curve")
    small = layer.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    image.paste(small, (0, 0), small)


def _developed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Soften, darken the corners a little and add a camera's grain."""
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(0.6)), np.float32)
    ys, xs = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    corners = 1 - 0.2 * np.clip(np.hypot(xs, ys) - 0.55, 0, 1)[..., None]
    grain = rng.normal(0, 3.2, (HEIGHT, WIDTH, 1)) + rng.normal(0, 1.2, (HEIGHT, WIDTH, 3))
    return Image.fromarray((pixels * corners + grain).clip(0, 255).astype(np.uint8))


def _gradient(stops: tuple[tuple[float, Colour], ...], height: int) -> Plane:
    at = np.linspace(0, 1, height)
    places = [place for place, _ in stops]
    channels = [np.interp(at, places, [colour[index] for _, colour in stops]) for index in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)[:, None, :].repeat(WIDTH, axis=1)


def _noise(
    rng: np.random.Generator, height: int, width: int, rows: int, columns: int, *, octaves: int
) -> Plane:
    """Return smooth noise from 0 to 1 with the given number of bumps down and across."""
    total, weight = np.zeros((height, width), np.float32), 0.0
    for octave in range(octaves):
        share = 0.55**octave
        shape = (min(rows << octave, height), min(columns << octave, width))
        small = Image.fromarray(rng.random(shape, dtype=np.float32))
        total += share * np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
        weight += share
    return total / weight


def _shape(outline: list[tuple[float, float]], blur: float) -> Image.Image:
    mask = Image.new("L", (WIDTH, HEIGHT))
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    box = mask.getbbox()
    if blur and box is not None:
        # Only around the shape: the rest stays black, and most of the picture is rest.
        reach = round(4 * blur) + 4
        left, top = max(box[0] - reach, 0), max(box[1] - reach, 0)
        part = mask.crop((left, top, min(box[2] + reach, WIDTH), min(box[3] + reach, HEIGHT)))
        mask.paste(part.filter(ImageFilter.GaussianBlur(blur)), (left, top))
    return mask


def _paste(
    image: Image.Image,
    mask: Image.Image,
    colours: tuple[Colour, Colour],
    rng: np.random.Generator,
    *,
    texture: float,
) -> None:
    """Fill a shape with a vertical gradient of its own height, and with texture."""
    box = mask.getbbox()
    if box is None:
        return
    height, width = box[3] - box[1], box[2] - box[0]
    share = np.linspace(0, 1, height)[:, None, None]
    fill = np.array(colours[0]) * (1 - share) + np.array(colours[1]) * share
    fill = fill.repeat(width, axis=1)
    if texture:
        fill = (
            fill
            + (_noise(rng, height, width, max(height // 9, 2), max(width // 12, 2), octaves=3) - 0.5)[..., None]
            * 2
            * texture
        )
    patch = Image.fromarray(fill.clip(0, 255).astype(np.uint8))
    image.paste(patch, box[:2], mask.crop(box))
