"""What the scripted server hears in a recording: facts that can be computed."""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import dataclass, replace

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from playground.models import tones
from playground.models.abilities import Listener
from playground.models.errors import ApiError

SILENT_DECIBELS = -55.0


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording as it arrived."""

    data: bytes
    container: str
    """FFmpeg's name of its format, e.g. `ogg`, or `mov,mp4,m4a,3gp,3g2,mj2`."""
    codec: str
    rate: int
    channels: int
    seconds: float
    level: float
    """Mean loudness in dBFS; -120 for digital silence."""
    bursts: tuple[tones.Burst, ...]
    """The digits in it, each with its time."""
    speech: str = ""
    """What is said in it, where the server was given ears for speech."""

    @property
    def digest(self) -> str:
        """Hash of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def digits(self) -> str:
        """The digits in order, e.g. `471`."""
        return "".join(str(each.digit) for each in self.bursts)

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to hear."""
        return self.level < SILENT_DECIBELS

    def __str__(self) -> str:
        if self.speech:
            heard = f'speech "{self.speech}"'
        elif self.is_silent:
            heard = "silence"
        else:
            heard = f"digits {' '.join(self.digits)}" if self.bursts else "no digits"
        return f"{self.seconds:.1f} seconds of {self.codec} at {self.level:.0f} dB, {heard}"


def listen(data: bytes, hearing: Listener | None = None) -> Sound:
    """Decode a recording (or a video's sound) and listen to it.

    Args:
        data: The bytes of its file.
        hearing: Hears speech; None hears digits alone.

    Raises:
        ApiError: As the real API answers what it cannot read.
    """
    try:
        with av.open(io.BytesIO(data), "r") as container:
            stream = container.streams.audio[0]
            resampler = AudioResampler(format="flt", layout="mono", rate=tones.RATE)
            blocks = [
                block.to_ndarray()[0]
                for frame in container.decode(stream)
                for block in resampler.resample(frame)
            ]
            blocks += [block.to_ndarray()[0] for block in resampler.resample(None)]
            form = container.format.name
            codec, rate, channels = stream.codec_context.name, stream.rate or 0, stream.channels
    except (FFmpegError, IndexError, ValueError) as error:
        message = "Audio file might be corrupted or unsupported"
        raise ApiError(400, "invalid_value", message, param="file") from error
    samples = np.concatenate(blocks).astype(np.float32) if blocks else tones.silence(0)
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    level = max(10 * math.log10(power), -120.0) if power else -120.0
    sound = Sound(data, form, codec, rate, channels, len(samples) / tones.RATE, level, tones.read(samples))
    if hearing is None or sound.is_silent:
        return sound
    return replace(sound, speech=hearing(data).strip())
