"""Cuts a stream of sound into pieces at its pauses, and holds no more of it than one piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.media._waveform import RATE, Block, Samples

Levels = np.ndarray[Any, np.dtype[np.float32]]

SHORTEST_SECONDS = 15
LONGEST_SECONDS = 30
OVERLAP_SECONDS = 0.5
STEP_SECONDS = 0.01
STEP = round(RATE * STEP_SECONDS)
PAUSE_SECONDS = 0.2
"""Shorter gaps stand inside words, before p, t and k."""
ENOUGH_SECONDS = 1.0
"""A pause that is longer than this is no better."""
LATENESS_SECONDS = 0.2
"""How much shorter a pause may be at the end of the range than at its beginning to be as good."""
QUIETEST_SECONDS = 0.2
FLOOR_DB = 5.0
SILENCE_DB = -100.0


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of sound to be heard as one."""

    start: float
    """Seconds on the file's clock."""
    samples: Samples
    overlap: float
    """Seconds at its beginning that the piece before has, too; 0 where it begins in a pause."""

    @property
    def end(self) -> float:
        return self.start + len(self.samples) / RATE


def cut_at_pauses(blocks: Iterable[Block]) -> Iterator[Cut]:
    """Cut into pieces of 15 to 30 s; what stands before a gap, and the last one, may be shorter.

    Where there is no pause within 30 s, the cut is made at the quietest place, and the next piece
    begins up to half a second before it.
    """
    held = _Held()
    for block in blocks:
        if held.count and abs(held.end - block.start) > 1 / RATE:
            yield held.take(held.count)
        held.add(block)
        while held.count > LONGEST_SECONDS * RATE:
            at, is_pause = find_cut(held.samples()[: LONGEST_SECONDS * RATE])
            yield held.take(at, kept=0.0 if is_pause else OVERLAP_SECONDS)
    if held.count:
        yield held.take(held.count)


class _Held:
    """The sound that is not yet in a piece."""

    def __init__(self) -> None:
        self._parts: list[Samples] = []
        self._start = 0.0
        self.count = 0
        self.overlap = 0.0

    @property
    def end(self) -> float:
        return self._start + self.count / RATE

    def add(self, block: Block) -> None:
        if not self.count:
            self._start = block.start
        self._parts.append(block.samples)
        self.count += len(block.samples)

    def samples(self) -> Samples:
        self._parts = [np.concatenate(self._parts)]
        return self._parts[0]

    def take(self, count: int, *, kept: float = 0.0) -> Cut:
        """Return the first samples; keep the last seconds of them for the next piece, too."""
        samples = self.samples()
        cut = Cut(self._start, samples[:count], self.overlap)
        begin = count - round(kept * RATE)
        # A copy, so that no view keeps what was given away.
        self._parts, self.count = [samples[begin:].copy()], len(samples) - begin
        self._start += begin / RATE
        self.overlap = kept
        return cut


def find_cut(samples: Samples) -> tuple[int, bool]:
    """Return the sample at which to cut, at least 15 s in, and whether there is a pause."""
    levels = smooth(levels_db(samples), 5)
    first = round(SHORTEST_SECONDS / STEP_SECONDS)
    # Noise floors differ and drift, so what is quiet is told from what is around.
    floor, loud = np.percentile(levels[first:], (8, 90))
    is_quiet = levels <= min(floor + FLOOR_DB, (floor + loud) / 2)
    is_quiet[:first] = False
    edges = np.diff(np.concatenate([[False], is_quiet, [False]]).astype(np.int8))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    lengths = (ends - begins) * STEP_SECONDS
    if len(lengths) and lengths.max() >= PAUSE_SECONDS:
        lateness = (begins - first) / (len(levels) - first)
        worth = np.minimum(lengths, ENOUGH_SECONDS) + LATENESS_SECONDS * lateness
        best = int(np.argmax(np.where(lengths >= PAUSE_SECONDS, worth, 0.0)))
        return int(begins[best] + ends[best]) // 2 * STEP, True
    means = smooth(levels, round(QUIETEST_SECONDS / STEP_SECONDS))
    return (first + int(np.argmin(means[first:]))) * STEP, False


def levels_db(samples: Samples) -> Levels:
    """Return the level of each 10 ms, in dB below full scale."""
    steps = samples[: len(samples) // STEP * STEP].reshape(-1, STEP).astype(np.float32) / 32768
    return (10 * np.log10(np.mean(steps**2, axis=1) + 10 ** (SILENCE_DB / 10))).astype(np.float32)


def smooth(levels: Levels, count: int) -> Levels:
    """Return the running mean over so many steps, as long as what came in."""
    before = count // 2
    padded = np.pad(levels, (before, count - 1 - before), mode="edge")
    return np.convolve(padded, np.full(count, 1 / count, np.float32), "valid").astype(np.float32)
