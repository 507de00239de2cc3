"""Scenes back from their pixels: what stands where, in which colour, by which light."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from playground.models.colours import COLOURS
from playground.models.scenes import lettering
from playground.models.scenes.painting import lit
from playground.models.scenes.scene import MAX_THINGS, RADII, Light, Scene, Size, Thing

SIDE = 192
"""Longest side of the grid of samples."""
FAR = 24.0
"""From this mean distance to the palette on, a picture is no scene."""
COARSE = 6
"""Every so many samples are enough to tell a photograph."""
LEAST_SAMPLES = 24
"""A smaller patch is a spot."""
Labels = NDArray[np.intp]
Patch = NDArray[np.intp]
"""Rows and columns of the samples of one thing."""
LIGHTS: tuple[Light, ...] = ("day", "night")
_NAMES = tuple(COLOURS)
_OUTLINES: dict[str, tuple[float, float, float]] = {
    "circle": (0.785, 1.0, 0.5),
    "square": (1.0, 1.0, 0.5),
    "rectangle": (1.0, 2.0, 0.5),
    "triangle": (0.5, 1.0, 0.67),
    "star": (0.36, 1.05, 0.49),
    "line": (1.0, 5.0, 0.5),
}
"""How much of its box a shape fills, how many times as wide as tall it is, how far down its weight lies."""
THINNEST = 3
"""Samples; what is thinner is the rim that blended colours leave around a thing."""

STAR_WIDTH = math.cos(math.radians(18))
"""Of a star with five points, as a share of the width of the circle around it."""


def recognise(image: Image.Image) -> Scene | None:
    """Return the scene that a picture shows; None when it shows none (a photograph, a blank)."""
    full = np.asarray(image.convert("RGB")).astype(np.int16)
    sign = lettering.find(full)
    words = lettering.spell(image.convert("RGB").crop(sign)) if sign is not None else ""
    scale = SIDE / max(image.size)
    size = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
    grid = np.asarray(image.convert("RGB").resize(size, Image.Resampling.NEAREST)).astype(np.int16)
    free = np.ones(grid.shape[:2], np.bool_)
    if sign is not None:
        left, top, right, bottom = (round(each * scale) for each in sign)
        free[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1] = False
    # Photographs are far from every palette: a few samples tell (with room for a sign), and spare the rest.
    if min(_far(_away(grid[::COARSE, ::COARSE], light)) for light in LIGHTS) > 1.25 * FAR:
        return None
    (far, light, labels) = min(_labelled(grid, free, light) for light in LIGHTS)
    if far > FAR:
        return None
    background = int(np.bincount(labels[free]).argmax())
    labels[~free] = background
    things = [
        thing
        for colour in np.unique(labels)
        if colour != background
        for patch in _patches(labels == colour)
        if (thing := _thing(patch, _NAMES[colour], size)) is not None
    ]
    if len(things) > 2 * MAX_THINGS or not (things or words):
        return None
    return Scene(_NAMES[background], tuple(things), light, words)


class _Lit(tuple[float, Light, Labels]):
    """Comparable by the distance alone."""


def _labelled(grid: NDArray[np.int16], free: NDArray[np.bool_], light: Light) -> _Lit:
    """Return the mean distance of a picture to a palette, that palette's light, and each sample's colour."""
    away = _away(grid, light)
    return _Lit((_far(away[free]), light, away.argmin(axis=-1)))


def _away(grid: NDArray[np.int16], light: Light) -> NDArray[np.float32]:
    """Return the squared distance of each sample to each colour of a palette."""
    palette = np.array([lit(name, light) for name in _NAMES], np.float32)
    samples = grid.astype(np.float32)
    squares = np.square(samples).sum(axis=-1, keepdims=True) + np.square(palette).sum(axis=-1)
    return np.maximum(squares - 2 * samples @ palette.T, 0)


def _far(away: NDArray[np.float32]) -> float:
    """Return the mean distance of samples to the nearest colour."""
    return float(np.sqrt(away.min(axis=-1)).mean())


def _patches(mask: NDArray[np.bool_]) -> list[Patch]:
    """Return the connected parts of a mask that are no spots."""
    open_ = {(int(row), int(column)) for row, column in np.argwhere(mask)}
    found: list[Patch] = []
    while open_:
        front = [open_.pop()]
        patch: list[tuple[int, int]] = []
        while front:
            row, column = front.pop()
            patch.append((row, column))
            for each in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if each in open_:
                    open_.remove(each)
                    front.append(each)
        if len(patch) >= LEAST_SAMPLES:
            found.append(np.array(patch))
    return found


def _thing(patch: Patch, colour: str, size: tuple[int, int]) -> Thing | None:
    """Return what a patch is; None for a rim."""
    top, left = (int(each) for each in patch.min(axis=0))
    bottom, right = (int(each) + 1 for each in patch.max(axis=0))
    wide, tall = right - left, bottom - top
    filled, aspect = len(patch) / (wide * tall), wide / tall
    if filled < 0.2 or min(wide, tall) < THINNEST:
        return None
    sunk = (float(patch[:, 0].mean()) + 0.5 - top) / tall
    shape = min(
        _OUTLINES,
        key=lambda name: (
            abs(_OUTLINES[name][0] - filled)
            + abs(math.log(_OUTLINES[name][1] / aspect))
            + 2 * abs(_OUTLINES[name][2] - sunk)
        ),
    )
    radius = wide / 2 / min(size) / (STAR_WIDTH if shape == "star" else 1)
    nearest: Size = min(RADII, key=lambda name: abs(RADII[name] - radius))
    # A star's box and its middle differ a little; its top is exact.
    middle = (top + radius * min(size)) if shape == "star" else (top + bottom) / 2
    return Thing(shape, colour, nearest, round((left + right) / 2 / size[0], 2), round(middle / size[1], 2))
