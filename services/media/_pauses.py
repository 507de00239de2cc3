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
    held = np.zeros(0, np.int16)
    start, overlap = 0.0, 0.0
    for block in blocks:
        if len(held) and abs(start + len(held) / RATE - block.start) > 1 / RATE:
            yield Cut(start, held, overlap)
            held, overlap = np.zeros(0, np.int16), 0.0
        if not len(held):
            start = block.start
        held = np.concatenate([held, block.samples])
        while len(held) > LONGEST_SECONDS * RATE:
            at, is_pause = find_cut(held[: LONGEST_SECONDS * RATE])
            yield Cut(start, held[:at], overlap)
            overlap = 0.0 if is_pause else OVERLAP_SECONDS
            kept = at - round(overlap * RATE)
            held = held[kept:]
            start += kept / RATE
    if len(held):
        yield Cut(start, held, overlap)


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
