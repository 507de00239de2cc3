"""Measures how alike a picture is to its original: structure, colour, edges; runs in a sandbox child.

All three compare equal thumbnails, coarse detail before fine: what an image model paints anew never
lies on the original's pixels, and people do not ask for that. docs/decisions/0006 has the reasons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.media._studio_files import upright

Plane = NDArray[np.float32]
THUMBNAIL_SIDE = 128
BACKGROUND = (119, 119, 119)
"""CIELAB's middle grey (L* 50), beside pictures of another shape."""
LEVELS = 5
"""Thumbnails of 128, 64, 32, 16 and 8 px."""
LEVEL_WEIGHTS = (0.1, 0.15, 0.25, 0.25, 0.25)
WINDOW = 5
GRID_SIDE = 16
COLOUR_SCALE = 22.0
"""Colour difference (CIELAB, HyAB) at which the score has fallen to 100/e."""
STRUCTURE_WEIGHT, COLOUR_WEIGHT, EDGES_WEIGHT = 0.4, 0.35, 0.25
STRUCTURE_FLOORS = (0.01 * 100) ** 2, (0.03 * 100) ** 2
"""SSIM's constants for lightness from 0 to 100."""
EDGE_FLOOR = 0.05
"""Mean squared gradient below which a picture counts as flat."""


def measure(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Compare candidates with their original.

    Args:
        path: Of the original; what is read is named in the options.
        options: `original` (a source), `candidates` (sources), `max_pixels`.

    Returns:
        `scores`: one a candidate, each with `overall`, `structure`, `colour` and `edges` (0 to 100).
    """
    side, limit = 2 * THUMBNAIL_SIDE, options["max_pixels"]
    original = upright(options["original"], limit, side)
    candidates = [upright(each, limit, side) for each in options["candidates"]]
    return {"scores": [similarity(original, each) for each in candidates]}, []


def similarity(original: Image.Image, candidate: Image.Image) -> dict[str, float]:
    """Return `structure`, `colour`, `edges` and their weighted mean `overall`, each 0 to 100.

    Args:
        original: RGB, of any size.
        candidate: RGB, of any size.
    """
    one, other = (_lab(each) for each in _thumbnails(original, candidate))
    lights = list(zip(_pyramid(one[..., 0]), _pyramid(other[..., 0]), strict=True))
    structure = _weighted([_structural_similarity(*pair) for pair in lights])
    edges = _weighted([_edge_agreement(*pair) for pair in lights])
    colour = _colour_agreement(one, other)
    parts = {"structure": structure, "colour": colour, "edges": edges}
    overall = STRUCTURE_WEIGHT * structure + COLOUR_WEIGHT * colour + EDGES_WEIGHT * edges
    return {
        name: round(100 * min(max(value, 0.0), 1.0), 2)
        for name, value in ({"overall": overall} | parts).items()
    }


def _thumbnails(original: Image.Image, candidate: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Lay both, centred, on equal canvases that are no larger than the two need."""
    scaled = [_scaled(each.convert("RGB")) for each in (original, candidate)]
    canvas = max(each.width for each in scaled), max(each.height for each in scaled)
    one, other = (_letterboxed(each, canvas) for each in scaled)
    return one, other


def _scaled(image: Image.Image) -> Image.Image:
    scale = THUMBNAIL_SIDE / max(image.size)
    width, height = (max(round(side * scale), 1) for side in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)


def _letterboxed(image: Image.Image, canvas: tuple[int, int]) -> Image.Image:
    if image.size == canvas:
        return image
    laid = Image.new("RGB", canvas, BACKGROUND)
    laid.paste(image, ((canvas[0] - image.width) // 2, (canvas[1] - image.height) // 2))
    return laid


def _lab(image: Image.Image) -> Plane:
    """Convert sRGB to CIELAB (D65); shape (height, width, 3)."""
    rgb = np.asarray(image, dtype=np.float32) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
    )
    xyz = linear @ to_xyz.T / np.array([0.95047, 1.0, 1.08883])
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def _pyramid(plane: Plane) -> list[Plane]:
    """Return the plane and its halves, each pixel the mean of four."""
    levels = [plane]
    for _ in range(LEVELS - 1):
        levels.append(_halved(levels[-1]))
    return levels


def _halved(plane: Plane) -> Plane:
    even = np.pad(plane, [(0, side % 2) for side in plane.shape], mode="edge")
    return even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2).mean(axis=(1, 3), dtype=np.float32)


def _weighted(values: Sequence[float]) -> float:
    return float(np.dot(values, LEVEL_WEIGHTS))


def _structural_similarity(one: Plane, other: Plane) -> float:
    """Return the mean SSIM (Wang et al. 2004) over uniform windows of `WINDOW` px."""
    light_floor, contrast_floor = STRUCTURE_FLOORS
    mean_one, mean_other = _window_means(one), _window_means(other)
    variance_one = _window_means(one * one) - mean_one**2
    variance_other = _window_means(other * other) - mean_other**2
    covariance = _window_means(one * other) - mean_one * mean_other
    above = (2 * mean_one * mean_other + light_floor) * (2 * covariance + contrast_floor)
    beneath = (mean_one**2 + mean_other**2 + light_floor) * (variance_one + variance_other + contrast_floor)
    return float((above / beneath).mean())


def _window_means(plane: Plane) -> NDArray[np.float64]:
    """Return the mean of each window that lies inside; a picture narrower than one is one window."""
    sums = plane.astype(np.float64)
    for axis in (0, 1):
        window = min(WINDOW, sums.shape[axis])
        running = np.moveaxis(np.insert(np.cumsum(sums, axis=axis), 0, 0, axis=axis), axis, 0)
        sums = np.moveaxis((running[window:] - running[:-window]) / window, 0, axis)
    return sums


def _edge_agreement(one: Plane, other: Plane) -> float:
    """Correlate the gradients of lightness, strength and direction: 1 for equal edges, 0 for unrelated ones."""
    shared = own = 0.0
    for axis in (0, 1):
        first, second = np.diff(one, axis=axis), np.diff(other, axis=axis)
        shared += 2 * float((first * second).sum())
        own += float((first**2).sum() + (second**2).sum())
    floor = EDGE_FLOOR * one.size
    return max(shared + floor, 0.0) / (own + floor)


def _colour_agreement(one: Plane, other: Plane) -> float:
    """Compare colours in place, on a coarse grid, and as palettes, wherever in the picture they are."""
    in_place = _colour_distance(_cells(one), _cells(other))
    # Sorted values, compared one by one, are the earth mover's distance of two distributions.
    as_palettes = _colour_distance(*(np.sort(each.reshape(-1, 3), axis=0) for each in (one, other)))
    return float(np.exp(-in_place / COLOUR_SCALE) + np.exp(-as_palettes / COLOUR_SCALE)) / 2


def _colour_distance(one: Plane, other: Plane) -> float:
    """Return the mean HyAB distance, which suits large differences: lightness apart from hue and chroma."""
    apart = np.abs(one - other)
    return float((apart[..., 0] + np.hypot(apart[..., 1], apart[..., 2])).mean())


def _cells(lab: Plane) -> Plane:
    """Return mean colours of at most `GRID_SIDE` x `GRID_SIDE` cells."""
    for axis in (0, 1):
        count = min(GRID_SIDE, lab.shape[axis])
        starts = np.arange(count) * lab.shape[axis] // count
        lengths = np.diff(np.append(starts, lab.shape[axis]))
        shape = [-1 if each == axis else 1 for each in range(3)]
        sums: Plane = np.add.reduceat(lab, starts, axis=axis)
        lab = sums / lengths.astype(np.float32).reshape(shape)
    return lab
