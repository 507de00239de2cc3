"""Plans which frames of a video are decoded at all; runs in sandbox children.

Keyframes cost the least a view. Between them is decoded where something is likely to hide: where the
two ends differ, where packets are large, where the way is long. How much is decoded depends on the
size of a frame and the number of pictures wanted, not on the length of the video or the machine's speed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from services.media._decoding import Sighting, Visit
from services.media._features import distance
from services.media._packets import Integers, PacketTable, peaks

KEYFRAME_PIXELS = 100e6
"""Of all keyframes that are decoded together (48 of 1920 x 1080)."""
LEAST_KEYFRAMES = 1.5
"""Decoded for each picture wanted, however large."""
MOST_KEYFRAMES = 12
"""Decoded for each picture wanted, however small."""
INNER_PIXELS = 420e6
"""Of all frames between keyframes that are decoded together (200 of 1920 x 1080)."""
SCREEN_FACTOR = 6
"""A screen is cheap to decode between keyframes, and shows little news in them."""
SAMPLE_SECONDS = 0.4
"""Between samples within a group: what is seen for a second is met twice."""
AFTER_CHANGE = 1.0
"""Seconds after a change of the screen when it is looked at."""


class Plan:
    """Which visits to make.

    Args:
        table: Of the video.
        window: From and to, in seconds.
        count: Pictures wanted.
        pixels: Of a frame.
        max_gap: Seconds without a picture.
        is_screen: Whether it is a recorded screen.
    """

    def __init__(
        self,
        table: PacketTable,
        window: tuple[float, float],
        count: int,
        pixels: int,
        *,
        max_gap: float,
        is_screen: bool,
    ) -> None:
        self._table = table
        self._start, self._end = window
        self._is_screen = is_screen
        self._pixels = max(pixels, 1)
        self._max_gap = max_gap
        self._count = count
        self._peaks = peaks(table)
        self._groups = range(table.group_at(self._start), table.group_at(self._end - 1e-3) + 1)
        self._few = self._choose_keyframes()

    def first_visits(self) -> list[Visit]:
        """Return the visits to keyframes, and to both ends of the window; the longest come first."""
        last = self._groups[-1]
        is_whole = self._end >= self._table.end - 1e-6
        ends = [Visit(last, [*self._samples(last), math.inf if is_whole else self._end], is_exact=False)]
        if self._start > self._table.start_of_group(self._groups[0]) + 1e-3:
            ends.append(Visit(self._groups[0], [self._start], is_exact=True))
        inside = [each for each in self._few if self._is_inside(self._table.start_of_group(each))]
        return ends + [Visit(each) for each in inside]

    def second_visits(self, seen: Sequence[Sighting]) -> list[Visit]:
        """Return the visits between keyframes that promise most, within the budget."""
        if len(self._few) < len(self._groups):
            return []  # Even of the keyframes not all could be seen: those were the better use.
        budget = INNER_PIXELS / self._pixels * (SCREEN_FACTOR if self._is_screen else 1)
        by_time = {
            self._table.group_at(each.time + 1e-3): each for each in sorted(seen, key=lambda one: -one.time)
        }
        visits: list[Visit] = []
        for group in sorted(self._groups[:-1], key=lambda one: -self._promise(one, by_time)):
            times = self._samples(group)
            if not times or self._promise(group, by_time) <= 0:
                continue
            cost = self._cost(group, times[-1])
            if cost <= budget:
                budget -= cost
                visits.append(Visit(group, times))
        return visits

    def _is_inside(self, at: float) -> bool:
        return self._start - 1e-3 <= at <= self._end + 1e-3

    def _choose_keyframes(self) -> list[int]:
        """Choose evenly over the keyframes, which are dense where much happens, and over the time."""
        most = KEYFRAME_PIXELS / self._pixels
        limit = int(min(max(most, LEAST_KEYFRAMES * self._count), MOST_KEYFRAMES * self._count))
        groups = np.array(self._groups)
        if len(groups) <= limit:
            return [int(each) for each in groups]
        marks = np.arange(self._start, self._end, max(self._max_gap / 2, (self._end - self._start) / limit * 3))
        over_time = [self._table.group_at(float(mark)) for mark in marks]
        rest = max(limit - len(set(over_time)), 1)
        evenly = groups[np.unique(np.linspace(0, len(groups) - 1, rest).round().astype(int))]
        return sorted({int(each) for each in evenly} | set(over_time))

    def _samples(self, group: int) -> list[float]:
        """Return the times within a group that are worth a look."""
        start = max(self._table.start_of_group(group), self._start)
        end = min(self._table.end_of_group(group), self._end)
        if not self._is_screen:
            return [
                float(at) for at in np.arange(start + SAMPLE_SECONDS, end - SAMPLE_SECONDS / 4, SAMPLE_SECONDS)
            ]
        changes = self._table.times[self._peaks_of(group)]
        if not len(changes):
            return []
        # The keyframe shows what stood before the first change, the next keyframe what stood after the last.
        before = [float(at) - 2 * self._table.frame_seconds for at in changes[1:]]
        # What moves with a change has come to rest, unless the next change is sooner.
        after = [float(at) + AFTER_CHANGE for at in changes]
        rests = [min(pair) for pair in zip(after, [*before, math.inf], strict=True)]
        return sorted(at for at in {*before, *rests} if start < at < end)

    def _peaks_of(self, group: int) -> Integers:
        first, behind = self._table.rows_of_group(group)
        return self._peaks[(self._peaks >= first) & (self._peaks < behind)]

    def _promise(self, group: int, seen: Mapping[int, Sighting]) -> float:
        """Guess how much a visit will find."""
        first, behind = self._table.rows_of_group(group)
        if behind - first < 3:
            return 0.0
        changes = len(self._peaks_of(group))
        length = self._table.end_of_group(group) - self._table.start_of_group(group)
        promise = float(changes) + length / max(self._max_gap, 1e-3)
        before, after = seen.get(group), seen.get(group + 1)
        if before is not None and after is not None:
            promise += min(distance(before.look, after.look, is_screen=self._is_screen), 4.0)
        if self._is_screen and not changes:
            return 0.0
        inner = self._table.sizes[first + 1 : behind]
        return promise + math.log2(max(float(inner.max()) / max(float(np.percentile(inner, 75)), 1.0), 1.0))

    def _cost(self, group: int, until: float) -> float:
        """Return how many frames are decoded to get to a time."""
        first, behind = self._table.rows_of_group(group)
        length = self._table.end_of_group(group) - self._table.start_of_group(group)
        part = (until - self._table.start_of_group(group)) / max(length, 1e-6)
        return (behind - first) * min(max(part, 0.0), 1.0)


def exact_visits(table: PacketTable, times: Sequence[float]) -> list[Visit]:
    """Return the visits that show what is on the screen at these times."""
    grouped: dict[int, list[float]] = {}
    for at in sorted(times):
        grouped.setdefault(table.group_at(at + table.slack), []).append(at)
    return [Visit(group, within, is_exact=True) for group, within in grouped.items()]
