"""Sounds for tests, made here: beeps at known times, noise, chords, real speech, in every container."""

from __future__ import annotations

import importlib.resources
import io
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

RATE = 48_000
BEEP_SECONDS = 0.05
Waves = np.ndarray[Any, np.dtype[np.float32]]
"""Mono, from -1 to 1."""


def silence(seconds: float, rate: int = RATE) -> Waves:
    return np.zeros(round(seconds * rate), np.float32)


def beeps(times: Sequence[float], seconds: float, rate: int = RATE) -> Waves:
    """Silence with a short 1 kHz tone at each time."""
    sound = silence(seconds, rate)
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(round(BEEP_SECONDS * rate)) / rate)
    for time in times:
        at = round(time * rate)
        part = sound[at : at + len(tone)]
        part += tone[: len(part)].astype(np.float32)
    return sound


def noise(seconds: float, db: float, *, colour: float = 0.0, rate: int = RATE, seed: int = 7) -> Waves:
    """Steady noise at a level (dB below full scale); colour 0 is white, 1 pink, 2 brown."""
    count = round(seconds * rate)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    heights = np.maximum(np.fft.rfftfreq(count, 1 / rate), 20)
    waves = np.fft.irfft(spectrum / heights ** (colour / 2), count)
    return at_level(waves.astype(np.float32), db)


def hum(seconds: float, db: float, rate: int = RATE) -> Waves:
    """Return what mains does to a cable: 50 Hz and its overtones."""
    time = np.arange(round(seconds * rate)) / rate
    waves = sum((np.sin(2 * np.pi * 50 * n * time + n) / n for n in range(1, 12)), np.zeros_like(time))
    return at_level(waves.astype(np.float32), db)


def chords(seconds: float, db: float, rate: int = RATE) -> Waves:
    """Music without words: a chord a second, each dying away."""
    sound = silence(seconds, rate)
    for number in range(int(seconds)):
        part = sound[number * rate : (number + 1) * rate]
        time = np.arange(len(part)) / rate
        for step in (1.0, 1.26, 1.5):
            pitch = (220, 262, 196, 247)[number % 4] * step
            part += (np.sin(2 * np.pi * pitch * time) * np.exp(-time)).astype(np.float32)
    return at_level(sound, db)


def speech(name: str = "two_cities", rate: int = RATE) -> Waves:
    """Return real speech: two_cities (44 s), beckett (10 s), endgame_nagg_nell (28 s)."""
    return _speech(name, rate).copy()


@cache
def _speech(name: str, rate: int) -> Waves:
    path = importlib.resources.files("moonshine_voice") / "assets" / f"{name}.wav"
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    with av.open(io.BytesIO(path.read_bytes()), "r") as file:
        frames = [each for frame in file.decode(audio=0) for each in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def loud_part(waves: Waves, rate: int = RATE) -> float:
    """Return the root mean square of the louder half: of the words, not of the pauses."""
    step = rate // 50
    powers = np.mean(waves[: len(waves) // step * step].reshape(-1, step) ** 2, axis=1)
    return float(np.sqrt(np.mean(powers[powers > np.median(powers)])))


def at_level(waves: Waves, db: float) -> Waves:
    """Return the same sound at another level (dB below full scale)."""
    factor = 10 ** (db / 20) / max(float(np.sqrt(np.mean(waves**2))), 1e-9)
    return (waves * factor).astype(np.float32)


def mixed(words: Waves, background: Waves, ratio_db: float) -> Waves:
    """Lay words over a background, so many dB above (or below) it."""
    level = float(np.sqrt(np.mean(background**2)))
    factor = level * 10 ** (ratio_db / 20) / loud_part(words)
    return (background[: len(words)] + words * factor).astype(np.float32)


def encoded(
    *tracks: Waves,
    container: str = "ogg",
    codec: str = "libopus",
    start: float = 0.0,
    gaps: Sequence[tuple[float, float]] = (),
    languages: Sequence[str] = (),
    options: dict[str, str] | None = None,
    rate: int = RATE,
) -> bytes:
    """Encode tracks into one file.

    Args:
        tracks: One mono track each.
        container: FFmpeg's name of the format.
        codec: FFmpeg's name of the encoder.
        start: Timestamps begin here (s).
        gaps: Pairs of a time and how much later (s) all timestamps after it are.
        languages: Tags of the tracks.
        options: Of the container.
        rate: Of the tracks, in Hz.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound"  # Some formats are read again while they are written.
        _write(path, tracks, container, codec, start, gaps, languages, options or {}, rate)
        return path.read_bytes()


def _write(
    path: Path,
    tracks: Sequence[Waves],
    container: str,
    codec: str,
    start: float,
    gaps: Sequence[tuple[float, float]],
    languages: Sequence[str],
    options: dict[str, str],
    rate: int,
) -> None:
    with av.open(path, "w", format=container, options=options) as output:
        streams = [_stream(output, codec, rate) for _ in tracks]
        for stream, tag in zip(streams, languages, strict=False):
            stream.metadata["language"] = tag
        pending = [_packets(stream, waves, start, gaps) for stream, waves in zip(streams, tracks, strict=True)]
        for packet in sorted((each for packets in pending for each in packets), key=_decoding_time):
            output.mux(packet)


def _stream(output: Any, codec: str, rate: int) -> av.AudioStream:
    stream = output.add_stream(codec, rate=rate)
    stream.layout = "mono"
    return stream


def _packets(
    stream: av.AudioStream, waves: Waves, start: float, gaps: Sequence[tuple[float, float]]
) -> list[av.Packet[Any]]:
    context = stream.codec_context
    size = context.frame_size or 1024
    assert context.format is not None
    stream.time_base = Fraction(1, stream.rate)
    resampler = av.AudioResampler(format=context.format.name, layout="mono", rate=stream.rate, frame_size=size)
    whole = av.AudioFrame.from_ndarray(np.ascontiguousarray(waves[None]), format="fltp", layout="mono")
    whole.rate = stream.rate
    done, packets = 0, []
    for frame in [*resampler.resample(whole), *resampler.resample(None)]:
        late = sum(length for at, length in gaps if done / stream.rate >= at)
        frame.pts = done + round((start + late) * stream.rate)
        frame.time_base = Fraction(1, stream.rate)
        done += frame.samples
        packets += stream.encode(frame)
    return packets + stream.encode(None)


def _decoding_time(packet: av.Packet[Any]) -> Fraction:
    assert packet.dts is not None
    assert packet.time_base is not None
    return packet.dts * packet.time_base
