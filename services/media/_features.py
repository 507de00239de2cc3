"""What a frame looks like in a few numbers, and how much two frames differ; runs in sandbox children."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import av
import numpy as np

Integers = np.ndarray[Any, np.dtype[np.int64]]
Vector = np.ndarray[Any, np.dtype[np.float32]]
Matrix = np.ndarray[Any, np.dtype[np.float32]]
Booleans = np.ndarray[Any, np.dtype[np.bool_]]

SAME_SHOT = 0.055
"""Distance of colour grids that a moving camera stays below within a shot (measured: 90 % below .076)."""
SAME_SCREEN = 0.02
"""Mean difference (0 to 1) of the most different part of a screen below which it shows the same."""
STRONGEST = 0.01
"""Part of a screen, where it differs most, that decides."""
BLANK_SPREAD = 0.02
"""Standard deviation of grey (0 to 1) below which there is nothing to see."""
FLAT_SHARE = 0.6
"""Part of a frame that has one grey, from which on it is a slide or a page: there, letters are what changes.
Measured: 0.9 and more of slides, half of a night sky, where a moving camera moves the stars."""
FLAT_SPREAD = 1
"""Of 255, by which that one grey may be off."""
LIKENESS = 0.4
"""Correlation of structure (1 is the same) below which two views of the same colours are different views.
Measured: 95 % of the views of one place lie above 0.5, 95 % of those of other places below 0.3."""
POINTER = 3
"""Rows and columns of grey that a mouse pointer covers at most (40 px of 1280)."""
_ROWS, _COLUMNS = 54, 96
"""Of the grey picture."""
_SHAPE = (27, 48)
"""Of the grey picture whose structure is compared, rows and columns."""
_SHIFTS = (7, 12)
"""Rows and columns that a camera may have moved by."""
_PADDED = (36, 60)
"""Shape plus shifts, at least: what is moved out on one side must not come in on the other."""
SAME_GREY = 0.02
"""Difference (0 to 1) up to which a spot of a slide is unchanged: codecs leave some noise beside letters."""
BUILD_UP_REACH = 8
"""A frame is compared with so many after it: a transition may lie between two states of a slide."""
DARKEST = 0.2
"""Grey (0 to 1) that the brightest parts of a frame reach unless it is faded out."""
_GRID_NUMBERS = 72


@dataclass(frozen=True, slots=True)
class Look:
    """A frame in numbers."""

    grid: Vector
    """72 numbers: coarse brightness and colour. Robust against motion; linear in the pixels."""
    grey: Vector
    """96 x 54 grey values (0 to 1). Sees single lines of text change."""
    is_blank: bool
    is_flat: bool
    """Most of it is one plain ground, as on a slide."""


def look_at(frame: av.VideoFrame) -> Look:
    """Measure a frame of any size and pixel format."""
    small = frame.reformat(width=32, height=18, format="yuv444p", interpolation="AREA", threads=1)
    luma, blue, red = small.to_ndarray().astype(np.float32)
    bright = luma.reshape(6, 3, 8, 4).mean((1, 3)).ravel()
    blues, reds = (plane.reshape(3, 6, 4, 8).mean((1, 3)).ravel() for plane in (blue, red))
    # Most of a change in overall brightness is a change of exposure, not of the scene.
    grid = np.concatenate([bright - 0.7 * bright.mean(), 2 * blues, 2 * reds])
    grey = frame.reformat(
        width=_COLUMNS, height=_ROWS, format="gray", interpolation="AREA", threads=1
    ).to_ndarray()
    greys = (grey.ravel() / 255).astype(np.float32)
    scaled = (grid / (255 * math.sqrt(_GRID_NUMBERS))).astype(np.float32)
    is_flat = float((np.abs(greys - _ground(greys)) * 255 < FLAT_SPREAD + 0.5).mean()) >= FLAT_SHARE
    return Look(scaled, greys, _is_blank(greys), is_flat)


def _ground(greys: Vector) -> float:
    """Return the commonest grey."""
    counts = np.bincount((greys * 255).round().astype(np.int64), minlength=256)
    return float(counts.argmax()) / 255


def _is_blank(greys: Vector) -> bool:
    is_dark = float(np.percentile(greys, 98)) < DARKEST
    return is_dark or float(greys.std()) < BLANK_SPREAD


def _is_pointer(lost: Booleans, used: Booleans) -> bool:
    """Tell whether what is gone is no more than a mouse pointer that stood alone on empty ground."""
    rows, columns = np.nonzero(lost.reshape(_ROWS, _COLUMNS))
    top, left, bottom, right = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
    if max(bottom - top, right - left) > POINTER:
        return False
    around = used.reshape(_ROWS, _COLUMNS)[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1]
    return int(around.sum()) == len(rows)


class Looks:
    """Many looks, compared with one: 1 is the border between the same view and another."""

    def __init__(self, looks: Sequence[Look], *, is_screen: bool) -> None:
        self._is_screen = is_screen
        self.greys: Matrix = np.stack([each.grey for each in looks])
        self.grids: Matrix = np.stack([each.grid for each in looks])
        self.are_blank = np.array([each.is_blank for each in looks])
        self._are_flat = np.array([each.is_flat for each in looks])

    def distances(self, one: int) -> Vector:
        """Return how far each is from one."""
        if self._is_screen:
            return self._screen_distances(self.greys, one)
        gaps = self.grids - self.grids[one]
        distances = np.sqrt((gaps * gaps).sum(axis=1)) / SAME_SHOT
        near = np.flatnonzero((distances < 1) & (np.arange(len(distances)) != one))
        if len(near):
            # Lawns, skies and corridors have each other's colours, but not each other's shapes.
            lacking = LIKENESS - self._likeness(one, near)
            distances[near] = np.where(lacking > 0, 1 + lacking, distances[near])
        if self._are_flat[one]:
            # Two slides differ by their letters, which a coarse grid hardly sees.
            flat = np.flatnonzero(self._are_flat)
            letters = self._screen_distances(self.greys[flat], int(np.flatnonzero(flat == one)[0]))
            distances[flat] = np.maximum(distances[flat], letters)
        return distances

    def superseded(self, fit: Booleans) -> Booleans:
        """Return which slides a later one of the fit shows whole, with lines added on what was empty ground."""
        gone = np.zeros(len(self.greys), dtype=np.bool_)
        grounds = {int(row): _ground(self.greys[row]) for row in np.flatnonzero(self._are_flat & fit)}
        for row, ground in grounds.items():
            used = np.abs(self.greys[row] - ground) > SAME_GREY
            for later in range(row + 1, min(row + 1 + BUILD_UP_REACH, len(self.greys))):
                if abs(grounds.get(later, math.inf) - ground) > SAME_GREY:
                    continue
                changed = np.abs(self.greys[later] - self.greys[row]) > SAME_GREY
                lost = changed & used
                is_empty_now = bool((np.abs(self.greys[later][lost] - ground) <= SAME_GREY).all())
                is_whole = not lost.any() or (is_empty_now and _is_pointer(lost, used))
                gone[row] |= bool(changed.any()) and is_whole
        return gone

    def _likeness(self, one: int, others: Integers) -> Vector:
        """Return how well structures match (-1 to 1), at the shift at which they match best."""
        products = self._spectra[others] * self._spectra[one].conj()
        matches = np.fft.irfft2(products, _PADDED)
        rows, columns = _SHIFTS
        matches = np.roll(matches, (rows, columns), axis=(1, 2))[:, : 2 * rows + 1, : 2 * columns + 1]
        return matches.max(axis=(1, 2)).astype(np.float32)

    @cached_property
    def _spectra(self) -> np.ndarray[Any, np.dtype[np.complex64]]:
        small = self.greys.reshape(-1, _SHAPE[0], 2, _SHAPE[1], 2).mean((2, 4))
        small = small - small.mean((1, 2), keepdims=True)
        small /= np.sqrt((small * small).sum((1, 2), keepdims=True)) + 1e-6
        return np.fft.rfft2(small, _PADDED).astype(np.complex64)

    @staticmethod
    def _screen_distances(greys: Matrix, one: int) -> Vector:
        gaps = np.abs(greys - greys[one])
        strongest = max(round(gaps.shape[1] * STRONGEST), 1)
        return np.partition(gaps, -strongest, axis=1)[:, -strongest:].mean(axis=1) / SAME_SCREEN


def distance(one: Look, other: Look, *, is_screen: bool) -> float:
    """Return how far two looks are from each other; 1 is the border."""
    return float(Looks([one, other], is_screen=is_screen).distances(0)[1])
