"""Chooses the moments of an animation that show the most of it; runs in a sandbox child."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from services.media._appearance import prepare

MOMENT_LONG_SIDE = 768
MAX_FRAMES = 20_000
ANIMATION_SECONDS = 8.0
"""Frames are read in order; after this time what was read has to do."""
CANDIDATES = 24
THUMBNAIL_SIDE = 32
STRONGEST = 0.05
"""Part of a thumbnail, where it differs most, that decides how different two moments are."""
SAME_MOMENT = 6.0
"""Difference (0 to 255) below which two moments show the same."""
SAME_PICTURE = 1.0
"""Difference below which the last moment is not worth a place of its own."""
SPREAD_WEIGHT = 25.0
"""What being half the animation away from all chosen moments counts beside the difference."""
DEFAULT_DELAY_MS = 100
"""Shown for frames with a delay of 10 ms or less, as browsers do."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame at a time."""

    time: float
    """Seconds from the start."""
    picture: Image.Image
    thumbnail: np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Animation:
    """What was read of an animation: all of it, or as much as the limits allow."""

    moments: Sequence[Moment]
    frames: int
    seconds: float


def read_animation(image: Image.Image, count: int) -> Animation:
    """Choose at most `count` moments: first, last, and between them those that differ most."""
    shortlist = _Shortlist()
    last: tuple[float, Image.Image] | None = None
    frames, at = 0, 0.0
    for frame, delay in _frames(image):
        shortlist.offer(at, frame)
        last = (at, frame)
        frames += 1
        at += delay
    if last is not None:
        shortlist.end_with(*last)
    return Animation(_most_telling(shortlist.moments, count), frames, round(at, 3))


def frame_at(image: Image.Image, seconds: float) -> tuple[float, Image.Image]:
    """Return the frame that is seen at a time, or the last one that can be read, and when it begins (s)."""
    at = 0.0
    found: tuple[float, Image.Image] | None = None
    for frame, delay in _frames(image):
        # Times are rounded to milliseconds where people and jobs hold them.
        if found is not None and round(at, 3) > seconds:
            break
        found = (round(at, 3), frame)
        at += delay
    if found is None:
        raise ValueError("the animation has no frame")
    return found


class _Shortlist:
    """Moments spread over the time that was seen so far, never more than `CANDIDATES`."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self._gap = 0.0

    def offer(self, at: float, frame: Image.Image) -> None:
        if not self.moments or at - self.moments[-1].time >= self._gap:
            self.moments.append(_moment(at, frame))
        if len(self.moments) == CANDIDATES:
            self._thin_out()

    def end_with(self, at: float, frame: Image.Image) -> None:
        if self.moments[-1].time < at:
            self.moments.append(_moment(at, frame))

    def _thin_out(self) -> None:
        self._gap = (self.moments[-1].time - self.moments[0].time) / (CANDIDATES // 2)
        kept = self.moments[:1]
        for moment in self.moments[1:]:
            if moment.time - kept[-1].time >= self._gap:
                kept.append(moment)
        self.moments = kept


def _frames(image: Image.Image) -> Iterator[tuple[Image.Image, float]]:
    """Yield each frame and how long it is shown (s); ends early at damage or at the limits."""
    processor_seconds, _ = resource.getrlimit(resource.RLIMIT_CPU)
    patience = ANIMATION_SECONDS
    if processor_seconds != resource.RLIM_INFINITY:
        patience = min(patience, processor_seconds / 2)
    deadline = time.monotonic() + patience
    # An APNG may begin with a picture for programs that cannot show animations.
    first = 1 if getattr(image, "default_image", False) else 0
    for index in range(first, MAX_FRAMES + first):
        try:
            image.seek(index)
            # Seeking on changes the picture in place. Copying also loads it, and with it its delay.
            frame = image.copy()
        except EOFError:
            return
        except Exception:  # decoders raise anything on broken files
            if index == first:
                raise
            return
        delay = float(image.info.get("duration") or 0)
        yield frame, (delay if delay > 10 else DEFAULT_DELAY_MS) / 1000
        if time.monotonic() > deadline:
            return


def _moment(at: float, frame: Image.Image) -> Moment:
    picture = prepare(frame.copy(), MOMENT_LONG_SIDE)
    small = picture.resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BOX)
    return Moment(round(at, 3), picture, np.asarray(small, dtype=np.float32).ravel())


def _most_telling(moments: Sequence[Moment], count: int) -> list[Moment]:
    """Choose first and last, then again and again what differs most from all that is chosen."""
    views = np.stack([moment.thumbnail for moment in moments])
    times = np.array([moment.time for moment in moments])
    half = max(float(times[-1]) / 2, 1e-6)
    last = len(moments) - 1
    chosen = [0, last] if _unlike(views, 0)[last] >= SAME_PICTURE else [0]
    while len(chosen) < count:
        unlike = np.min([_unlike(views, each) for each in chosen], axis=0)
        away = np.min([np.abs(times - times[each]) / half for each in chosen], axis=0)
        best = int(np.argmax(np.where(unlike >= SAME_MOMENT, unlike + SPREAD_WEIGHT * away, 0.0)))
        if unlike[best] < SAME_MOMENT:
            break
        chosen.append(best)
    return [moments[each] for each in sorted(chosen)]


def _unlike(views: np.ndarray[Any, np.dtype[np.float32]], one: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return how much each view differs from one: the mean over the places that differ most."""
    differences = np.abs(views - views[one])
    strongest = round(differences.shape[1] * STRONGEST)
    return np.partition(differences, -strongest, axis=1)[:, -strongest:].mean(axis=1)
