"""Keeps the frames that may be chosen, in bounded memory; runs in sandbox children."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.media._decoding import Sighting
from services.media._features import distance

MOST_PIXELS = 80e6
"""Of all kept frames together; one and a half bytes each, three for deep colours."""
THINNED_TO = 0.7
NEARLY_EQUAL = 0.4
"""Distance below which a sample is no news after the one before."""


class Shortlist:
    """Sightings; when there are too many, those that are most like others go.

    Args:
        is_screen: Whether single lines of text count as a change.
        spacing: Seconds after which a sample is kept though it is no news.
    """

    def __init__(self, *, is_screen: bool, spacing: float) -> None:
        self._is_screen = is_screen
        self._spacing = spacing
        self._seen: dict[float, Sighting] = {}

    def add(self, group: Sequence[Sighting]) -> None:
        """Take the sightings of one visit, in order of time."""
        kept: list[Sighting] = []
        since = 0
        for number, each in enumerate(group):
            # The last is the end of its group, maybe of the video.
            is_last = number == len(group) - 1
            if kept and self._is_news(kept[-1], each):
                # The middle of what stood till now: it may have begun and ended within fades.
                if number - since > 1:
                    kept.append(group[(since + number) // 2])
                kept.append(each)
                since = number
            elif is_last or not kept:
                kept.append(each)
        self._seen |= {round(each.time, 4): each for each in kept}
        if self._pixels() > MOST_PIXELS:
            self._thin_out()

    def sightings(self) -> list[Sighting]:
        """Return what is kept, in order of time."""
        return [self._seen[at] for at in sorted(self._seen)]

    def _is_news(self, before: Sighting, now: Sighting) -> bool:
        if now.time - before.time >= self._spacing:
            return True
        return distance(before.look, now.look, is_screen=self._is_screen) >= NEARLY_EQUAL

    def _pixels(self) -> int:
        return sum(each.frame.width * each.frame.height for each in self._seen.values())

    def _thin_out(self) -> None:
        """Drop, again and again, one of the two that are most alike; the ends stay."""
        times = sorted(self._seen)
        grids = np.stack([self._seen[at].look.grid for at in times])
        squares = (grids * grids).sum(axis=1)
        gaps = squares[:, None] + squares[None, :] - 2 * grids @ grids.T
        np.fill_diagonal(gaps, np.inf)
        gone: set[int] = set()
        while self._pixels() > MOST_PIXELS * THINNED_TO and len(gone) < len(times) - 2:
            inner = gaps[1:-1].min(axis=1)
            row = int(np.argmin(inner)) + 1
            gaps[row, :] = np.inf
            gaps[:, row] = np.inf
            gone.add(row)
            del self._seen[times[row]]
