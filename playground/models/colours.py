"""Colours with names: what is seen in pictures, and what drawings are made of."""

from __future__ import annotations

from collections import Counter

from PIL import Image

Colour = tuple[int, int, int]
COLOURS: dict[str, Colour] = {
    "black": (20, 20, 20),
    "white": (240, 240, 240),
    "grey": (128, 128, 128),
    "red": (200, 40, 40),
    "orange": (230, 130, 40),
    "yellow": (230, 220, 60),
    "green": (50, 150, 60),
    "blue": (50, 80, 200),
    "purple": (130, 60, 160),
    "brown": (120, 80, 50),
    "pink": (240, 160, 190),
}


def commonest(image: Image.Image, count: int = 2) -> tuple[str, ...]:
    """Return the names of the commonest colours, the commonest first."""
    small = image.convert("RGB").resize((16, 16), Image.Resampling.BOX)
    names: Counter[str] = Counter()
    for pixel in small.get_flattened_data():
        assert isinstance(pixel, tuple)
        names[_nearest((int(pixel[0]), int(pixel[1]), int(pixel[2])))] += 1
    return tuple(name for name, _ in names.most_common(count))


def _nearest(colour: Colour) -> str:
    def distance(name: str) -> int:
        return sum((a - b) ** 2 for a, b in zip(colour, COLOURS[name], strict=True))

    return min(COLOURS, key=distance)
