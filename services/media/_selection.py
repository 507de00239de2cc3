"""Which of many candidates show the most of a video; runs in sandbox children."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from services.media._features import SAME_SHOT, Booleans, Look, Looks, Matrix, Vector

Reals = np.ndarray[Any, np.dtype[np.float64]]

SAME_PICTURE = 0.5
"""Distance below which a frame is not even worth the last place."""
STANDING_STILL = 0.2
"""Distance of a camera's frame from all that is chosen, below which it does not shorten a long gap."""
SPREAD_WEIGHT = 0.9
"""What being half a usual gap away from all chosen frames counts beside the distance."""
BLEND_MARGIN = 0.2
"""A fade's frame lies between its neighbours' looks, at least this part of the way from both."""
BLEND_RESIDUE = 0.25
"""How far from the straight line between their colours, at most, as a part of its length."""
BLEND_DETAIL = 0.4
"""The same of grey pictures, which tell a fade from a camera that moves from one view to another: 95 % of
fading frames lie below, and all of a moving camera's measured so far above."""


def choose(looks: Sequence[Look], times: Reals, count: int, *, max_gap: float, is_screen: bool) -> list[int]:
    """Choose at most `count` frames that show the most, in order.

    First and last, then again and again what differs most from all that is chosen, until nothing new
    is left. A slide that a later frame shows with more lines is nothing new. Places are held back for gaps
    longer than `max_gap` seconds, where something slightly different will do. Blank frames and frames
    within a fade are taken only if there is nothing else.

    Args:
        looks: Of the candidates, in order of time; at least one.
        times: When they are shown, in seconds.
        count: At least 1.
        max_gap: Seconds.
        is_screen: Whether single lines of text count as a change.
    """
    views = Looks(looks, is_screen=is_screen)
    fit = ~views.are_blank
    fit = fit & ~_blends(views.grids, views.greys) if fit.any() else np.ones(len(times), dtype=np.bool_)
    filling = SAME_PICTURE if is_screen else STANDING_STILL
    chosen = _Chosen(views, times, fit, count, max_gap, filling)
    return chosen.grow()


class _Chosen:
    def __init__(
        self, views: Looks, times: Reals, fit: Booleans, count: int, max_gap: float, filling: float
    ) -> None:
        self._filling = filling
        self._tells = fit & ~views.superseded(fit)
        self._views = views
        self._times = times
        self._fit = fit
        self._count = count
        self._max_gap = max_gap
        self._half_gap = max(float(times[-1] - times[0]) / max(count, 1) / 2, 1e-6)
        self._rows: list[int] = []
        self._nearest: Vector = np.full(len(times), np.inf, dtype=np.float32)
        self._away: Reals = np.full(len(times), np.inf)

    def grow(self) -> list[int]:
        able = np.flatnonzero(self._fit)
        first, last = int(able[0]), int(able[-1])
        self._take(first)
        if self._count > 1 and self._nearest[last] >= SAME_PICTURE:
            self._take(last)
        while len(self._rows) < self._count and (best := self._best()) is not None:
            self._take(best)
        return sorted(self._rows)

    def _take(self, row: int) -> None:
        self._rows.append(row)
        self._nearest = np.minimum(self._nearest, self._views.distances(row))
        self._away = np.minimum(self._away, np.abs(self._times - self._times[row]))

    def _best(self) -> int | None:
        in_gap, needed = self._long_gaps()
        is_new = self._tells & (self._nearest >= 1.0)
        fills = self._fit & in_gap & (self._nearest >= self._filling)
        is_held_back = self._count - len(self._rows) <= needed and (fills & self._tells).any()
        if is_held_back or (fills.any() and not is_new.any()):
            # The best for a gap is something new, and then what is not shown whole by another frame.
            better = next((each for each in (fills & is_new, fills & self._tells) if each.any()), fills)
            spread = np.minimum(self._away / self._max_gap, 1.0)
            return int(np.argmax(np.where(better, np.minimum(self._nearest, 2.0) + 4 * spread, -1.0)))
        if not is_new.any():
            return None
        spread = SPREAD_WEIGHT * np.minimum(self._away / self._half_gap, 1.0)
        return int(np.argmax(np.where(is_new, self._nearest + spread, -1.0)))

    def _long_gaps(self) -> tuple[Booleans, int]:
        """Return which candidates lie in gaps that are too long, and how many frames those need."""
        inside = np.zeros(len(self._times), dtype=np.bool_)
        needed = 0
        ends = [float(self._times[0]), *(float(self._times[row]) for row in sorted(self._rows))]
        for start, end in zip(ends, [*ends[1:], float(self._times[-1])], strict=True):
            if end - start > self._max_gap:
                within = (self._times > start) & (self._times < end) & self._fit
                if (within & (self._nearest >= self._filling)).any():
                    inside |= within
                    needed += int(np.ceil((end - start) / self._max_gap)) - 1
        return inside, needed


def _blends(grids: Matrix, greys: Matrix) -> Booleans:
    """Return which frames are a mixture of the one before and the one after, as in a fade."""
    mixed = np.zeros(len(grids), dtype=np.bool_)
    for row in range(1, len(grids) - 1):
        length, part, residue = _between(grids, row)
        if length < SAME_SHOT or not BLEND_MARGIN < part < 1 - BLEND_MARGIN:
            continue
        mixed[row] = residue < BLEND_RESIDUE and _between(greys, row)[2] < BLEND_DETAIL
    return mixed


def _between(pictures: Matrix, row: int) -> tuple[float, float, float]:
    """Return how long the way past a picture is, and where it lies along that and beside it, as parts of it."""
    before, after = pictures[row - 1], pictures[row + 1]
    way = after - before
    length = max(float(np.sqrt(way @ way)), 1e-9)
    part = float((pictures[row] - before) @ way) / length**2
    residue = pictures[row] - before - part * way
    return length, part, float(np.sqrt(residue @ residue)) / length
