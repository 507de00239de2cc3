"""What can be measured in pixels: colours, light, contrast, sharpness, evenness, and change."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.ai.offline.child.pixels import Pixels, luma, shrunk

COLOUR_SIDE = 96
"""px to which a picture is shrunk before its colours are counted."""
DETAIL_SIDE = 1024
"""px at which sharpness is measured, so that it means the same for pictures of all sizes."""
CHANGE_GRID = 32
NOTICEABLE = 12.0
"""Steps of brightness (of 255) by which a cell has visibly changed."""


def measure(pixels: Pixels) -> dict[str, Any]:
    """Measure one picture.

    Returns:
        `brightness` and `contrast` (mean and standard deviation of luma, 0 to 255), `sharpness` (variance
        of the Laplacian of luma), `evenness` (share of pixels that equal their neighbours, which is high in
        drawings and low in photos) and `colours` (share of each named colour, 0 to 1).
    """
    small = shrunk(pixels, DETAIL_SIDE)
    light = luma(small)
    return {
        "brightness": float(light.mean()),
        "contrast": float(light.std()),
        "sharpness": _sharpness(light),
        "evenness": _evenness(pixels),
        "colours": colour_shares(pixels),
    }


def colour_shares(pixels: Pixels) -> dict[str, float]:
    """Return how much of a picture each named colour fills; the shares add up to 1."""
    small = shrunk(pixels, COLOUR_SIDE).reshape(-1, 3).astype(np.float32) / np.float32(255)
    names = _name_colours(small)
    found, counts = np.unique(names, return_counts=True)
    return {str(name): float(count) / len(names) for name, count in zip(found, counts, strict=True)}


def change(before: Pixels, after: Pixels) -> float:
    """Return the share of cells of a grid in which something visibly changed, 0 to 1."""
    one, other = _grid(before), _grid(after)
    return float((np.abs(one - other) > NOTICEABLE).mean())


def _sharpness(light: NDArray[np.float32]) -> float:
    if min(light.shape) < 3:
        return 0.0
    middle = light[1:-1, 1:-1]
    around = light[:-2, 1:-1] + light[2:, 1:-1] + light[1:-1, :-2] + light[1:-1, 2:]
    return float((around - 4 * middle).var())


def _evenness(pixels: Pixels) -> float:
    if min(pixels.shape[:2]) < 2:
        return 1.0
    here = pixels[:-1, :-1]
    same = (here == pixels[:-1, 1:]) & (here == pixels[1:, :-1])
    return float(same.all(axis=2).mean())


def _grid(pixels: Pixels) -> NDArray[np.float32]:
    """Return the mean brightness of the cells of a grid that spans the picture."""
    cells = Image.fromarray(pixels).convert("L").resize((CHANGE_GRID, CHANGE_GRID), Image.Resampling.BOX)
    return np.asarray(cells).astype(np.float32)


def _name_colours(rgb: NDArray[np.float32]) -> NDArray[np.str_]:
    """Name each colour (N x 3, 0 to 1) by its hue, saturation and value."""
    value = rgb.max(axis=1)
    spread = value - rgb.min(axis=1)
    saturation = np.where(value > 0, spread / np.maximum(value, 1e-6), 0)
    hue = _hue(rgb, value, spread)
    warm = (hue >= 15) & (hue < 50)
    conditions = [
        value < 0.16,
        (saturation < 0.14) & (value > 0.85),
        saturation < 0.14,
        warm & (value < 0.65),
        warm & (saturation < 0.45),
        (hue >= 320) & (value > 0.6) & (saturation < 0.6),
        ((hue < 15) | (hue >= 340)) & (saturation < 0.45) & (value > 0.7),
        (hue < 15) | (hue >= 340),
        hue < 45,
        hue < 70,
        hue < 165,
        hue < 195,
        hue < 255,
        hue < 295,
        hue < 340,
    ]
    names = [
        *("black", "white", "grey", "brown", "beige", "pink", "pink", "red", "orange"),
        *("yellow", "green", "turquoise", "blue", "purple", "pink"),
    ]
    return np.select(conditions, [np.full(len(rgb), name, "<U9") for name in names], "grey")


def _hue(
    rgb: NDArray[np.float32], value: NDArray[np.float32], spread: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return hues in degrees, 0 for greys."""
    red, green, blue = rgb.T
    safe = np.maximum(spread, 1e-6)
    sector = np.select(
        [value == red, value == green],
        [((green - blue) / safe) % 6, (blue - red) / safe + 2],
        (red - green) / safe + 4,
    )
    return np.where(spread > 0, sector * 60, 0).astype(np.float32)
