"""Tells sound worth hearing (speech, music) from silence, steady noise and hum.

Transcription models invent words where nothing is said. What lives changes: in some band of
frequencies it rises above what was there in the seconds around. Noise and hum, however loud, do not,
and a floor that drifts over minutes is followed. When in doubt a piece counts as worth hearing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from services.media._waveform import RATE, Samples

Values = np.ndarray[Any, np.dtype[np.float32]]

WINDOW = 512
HOP = 256
BAND_HZ = (90, 150, 220, 280, 380, 500, 650, 840, 1100, 1400, 1800, 2350, 3050, 3900, 5000, 6400, 7800)
"""Borders, a third of an octave and more apart: narrower bands of noise waver too much."""
SMOOTHED = 6
"""Windows (0.1 s): shorter than a syllable, long enough to calm noise."""
AROUND_SECONDS = 5.0
FLOOR_PERCENTILE = 15
STANDS_OUT_DB = 8.5
"""Noise of all colours stays below 7.6 dB in 30 s; speech 5 dB below noise reaches 9.3 dB."""
SHORTEST = 6
"""Windows that must stand out: a click is none."""
OWN_NOISE = 2.0
"""Root mean square, in steps of 16 bit, below which differences are those of rounding and coding."""
SHORT_SECONDS = 0.5
SILENCE_PEAK = 30
"""Largest sample, in steps of 16 bit, of a short piece with nothing in it."""

_SHAPE = np.hanning(WINDOW).astype(np.float32)
_BORDERS = np.round(np.array(BAND_HZ) / RATE * WINDOW).astype(np.intp)
_WIDTHS = np.diff(_BORDERS).astype(np.float32)
_OWN_POWER = OWN_NOISE**2 * float(np.sum(_SHAPE**2))


def is_worth_hearing(samples: Samples) -> bool:
    """Tell whether anything in a piece (16 kHz) stands out from what is around it."""
    if len(samples) < SHORT_SECONDS * RATE:
        # Too short to know its surroundings.
        return bool(len(samples)) and int(np.abs(samples.astype(np.int32)).max()) > SILENCE_PEAK
    if not samples.any():
        return False
    # What rises as a whole rises in some band, which spares most speech the transform.
    return _stands_out(_whole_levels(samples)) or _stands_out(_band_levels(samples))


def _stands_out(levels: Values) -> bool:
    rise = np.max(levels - _floor(levels), axis=1)
    return bool(np.count_nonzero(rise > STANDS_OUT_DB) >= SHORTEST)


def _whole_levels(samples: Samples) -> Values:
    """Return the smoothed level (dB) of each step, in one column; hum and rumble count for next to nothing."""
    steps: Values = samples[: len(samples) // HOP * HOP].astype(np.float32)
    steps[1:] -= steps[:-1].copy()
    steps[0] = 0
    return _smoothed(np.mean(steps.reshape(-1, HOP) ** 2, axis=1, keepdims=True) + OWN_NOISE**2)


def _band_levels(samples: Samples) -> Values:
    """Return the smoothed level (dB) of each band in each window."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP] * _SHAPE
    powers = np.abs(np.fft.rfft(windows, axis=1)).astype(np.float32) ** 2
    bands = np.add.reduceat(powers, _BORDERS, axis=1)[:, :-1] / _WIDTHS + _OWN_POWER
    return _smoothed(bands)


def _smoothed(powers: np.ndarray[Any, np.dtype[Any]]) -> Values:
    """Return the running mean of each column in dB."""
    count = min(SMOOTHED, len(powers))
    sums = np.cumsum(np.vstack([np.zeros_like(powers[:1]), powers]), axis=0, dtype=np.float64)
    return (10 * np.log10((sums[count:] - sums[:-count]) / count)).astype(np.float32)


def _floor(levels: Values) -> Values:
    """Return the level of each band when it is quiet, in the seconds around each window."""
    total = len(levels)
    around = round(AROUND_SECONDS * RATE / HOP)
    if total <= around:
        return np.percentile(levels, FLOOR_PERCENTILE, axis=0, keepdims=True).astype(np.float32)
    half = around // 2
    centres = np.arange(half, total - half + 1, half // 2)
    floors = np.array(
        [np.percentile(levels[at - half : at + half], FLOOR_PERCENTILE, axis=0) for at in centres]
    )
    bands = [np.interp(np.arange(total), centres, floors[:, band]) for band in range(levels.shape[1])]
    return np.stack(bands, axis=1).astype(np.float32)
