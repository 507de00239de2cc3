"""Scenes in pixels."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from playground.models.colours import COLOURS, Colour
from playground.models.scenes import lettering
from playground.models.scenes.scene import RADII, Light, Scene, Thing

Point = tuple[float, float]
NIGHT = 0.45
"""How bright colours are by night."""


def lit(colour: str, light: Light) -> Colour:
    """Return a colour as it looks by day or by night."""
    red, green, blue = COLOURS[colour]
    return (red, green, blue) if light == "day" else (int(red * NIGHT), int(green * NIGHT), int(blue * NIGHT))


def render(scene: Scene, size: tuple[int, int]) -> Image.Image:
    """Return a scene as a picture of a width and height."""
    image = Image.new("RGB", size, lit(scene.background, scene.light))
    paint(image, scene)
    return image


def paint(image: Image.Image, scene: Scene) -> None:
    """Paint a scene's things and sign over a picture, not its background."""
    pen = ImageDraw.Draw(image)
    for thing in scene.things:
        _paint_thing(pen, thing, image.size, lit(thing.colour, scene.light))
    if scene.words:
        lettering.letter(image, scene.words)


def _paint_thing(pen: ImageDraw.ImageDraw, thing: Thing, size: tuple[int, int], colour: Colour) -> None:
    radius = RADII[thing.size] * min(size)
    x, y = thing.x * size[0], thing.y * size[1]
    match thing.shape:
        case "circle":
            pen.circle((x, y), radius, fill=colour)
        case "square":
            pen.rectangle((x - radius, y - radius, x + radius, y + radius), fill=colour)
        case "rectangle":
            pen.rectangle((x - radius, y - radius / 2, x + radius, y + radius / 2), fill=colour)
        case "line":
            pen.rectangle((x - radius, y - radius / 5, x + radius, y + radius / 5), fill=colour)
        case "triangle":
            pen.polygon([(x, y - radius), (x + radius, y + radius), (x - radius, y + radius)], fill=colour)
        case _:
            pen.polygon(_star((x, y), radius), fill=colour)


def _star(middle: Point, radius: float) -> list[Point]:
    """Return a star's corners, the first one on top."""
    x, y = middle
    return [
        (
            x + radius * (0.4 if index % 2 else 1) * math.sin(math.pi * index / 5),
            y - radius * (0.4 if index % 2 else 1) * math.cos(math.pi * index / 5),
        )
        for index in range(10)
    ]
