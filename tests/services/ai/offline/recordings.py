"""Real speech and sounds that are none, as the WAV files that the bot makes of them."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import av
import moonshine_voice
import numpy as np
from numpy.typing import NDArray

from services.ai.protocols import Sound

RATE = 16_000
SPEECH = {
    "beckett": "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better.",
    "two_cities": (
        "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of "
        "foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of "
        "light, it was the season of darkness, it was the spring of hope, it was the winter of despair, we "
        "had everything before us, we had nothing before us, we were all going direct to heaven, we were all "
        "going direct the other way. In short, the period was so far like the present period that some of "
        "its noisiest authorities insisted on its being received for good or for evil in the superlative "
        "degree of comparison only."
    ),
}
"""What is said in two recordings of the moonshine-voice wheel."""


def speech(name: str) -> NDArray[np.int16]:
    """Return a recording as samples at 16 kHz, mono."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    pieces: list[NDArray[np.int16]] = []
    with av.open(str(Path(moonshine_voice.__file__).parent / "assets" / f"{name}.wav")) as container:
        for frame in (*container.decode(audio=0), None):
            pieces += [each.to_ndarray()[0] for each in resampler.resample(frame)]
    return np.concatenate(pieces)


def not_speech(name: str, seconds: float = 15.0) -> NDArray[np.int16]:
    """Return silence, noise or music."""
    time = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(1).normal(size=len(time))
    melody = np.repeat([262, 330, 392, 523, 440, 349, 294, 494] * 8, RATE // 2)[: len(time)]
    match name:
        case "silence":
            wave_form = np.zeros(len(time))
        case "white noise":
            wave_form = 3_000 * noise
        case "hum":
            wave_form = 2_000 * np.sin(2 * np.pi * 50 * time) + 30 * noise
        case "tune":
            wave_form = sum(6_000 / k * np.sin(2 * np.pi * melody * k * time) for k in (1, 2, 3))
        case "chord":
            beat = 0.5 + 0.5 * np.sin(4 * np.pi * time)
            wave_form = sum(4_000 * beat * np.sin(2 * np.pi * pitch * time) for pitch in (220, 277, 330))
        case _:
            raise ValueError(name)
    return np.asarray(wave_form).astype(np.int16)


def wav(samples: NDArray[np.int16], *, rate: int = RATE, channels: int = 1) -> Sound:
    """Return samples as a piece of sound."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    return Sound(buffer.getvalue(), "piece.wav", "audio/wav", len(samples) / rate / channels)
