"""Digits in sound that survive speech codecs: which part of which recording did the model hear?

A digit is a burst of one pure tone, a quarter of a second long; digit d sounds at 600 + 100 d Hz.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono, -1 to 1."""

RATE = 16_000
LOWEST_HERTZ, STEP_HERTZ = 600, 100
TONE_SECONDS, GAP_SECONDS, PAUSE_SECONDS = 0.25, 0.1, 0.5
SHORTEST_SECONDS = 0.08
"""A shorter burst (cut off by a piece's border) is none."""
LOUD = 0.02
PURE = 0.7
"""Share of a burst's energy that lies near its strongest frequency."""
_FRAME = RATE // 100


@dataclass(frozen=True, slots=True)
class Burst:
    """A digit that was heard."""

    digit: int
    start: float
    """Seconds from the start."""


def sing(pattern: str, *, level: float = 0.4) -> Samples:
    """Return sound for a pattern: a digit is a burst and a short gap, a space half a second of silence."""
    pieces: list[Samples] = []
    for sign in pattern:
        if sign == " ":
            pieces.append(silence(PAUSE_SECONDS))
            continue
        time = np.arange(int(RATE * TONE_SECONDS)) / RATE
        tone = level * np.sin(2 * np.pi * (LOWEST_HERTZ + STEP_HERTZ * int(sign)) * time)
        pieces += [tone.astype(np.float32), silence(GAP_SECONDS)]
    return np.concatenate(pieces) if pieces else silence(0)


def silence(seconds: float) -> Samples:
    """Return silence."""
    return np.zeros(int(RATE * seconds), np.float32)


def wav(samples: Samples) -> bytes:
    """Return sound as a 16-bit WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def read(samples: Samples) -> tuple[Burst, ...]:
    """Return the digits in a sound of `RATE` samples a second, in order."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    loud = np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1)) > LOUD
    found: list[Burst] = []
    at = 0
    for is_loud, group in groupby(loud.tolist()):
        length = len(list(group))
        start, at = at, at + length
        if is_loud and length * _FRAME >= SHORTEST_SECONDS * RATE:
            digit = _digit(samples[start * _FRAME : at * _FRAME])
            if digit is not None:
                found.append(Burst(digit, start * _FRAME / RATE))
    return tuple(found)


def _digit(burst: Samples) -> int | None:
    # A tone is one digit however long it lasts; two seconds tell enough.
    burst = burst[: 2 * RATE]
    spectrum = np.abs(np.fft.rfft(burst * np.hanning(len(burst)), 1 << 15)) ** 2
    hertz = np.fft.rfftfreq(1 << 15, 1 / RATE)
    peak = float(hertz[int(np.argmax(spectrum))])
    near = float(spectrum[np.abs(hertz - peak) < STEP_HERTZ / 2].sum())
    digit = round((peak - LOWEST_HERTZ) / STEP_HERTZ)
    off = abs(peak - LOWEST_HERTZ - digit * STEP_HERTZ)
    pure = near > PURE * float(spectrum.sum())
    return digit if pure and 0 <= digit <= 9 and off < STEP_HERTZ / 4 else None
