"""Speech for the samples: spoken by espeak-ng, or a recording that a package ships."""

from __future__ import annotations

import importlib.util
import io
import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

RATE = 48_000
TEXT = (
    "Hello! This is the harbour office of Two Islands. Today the water is low from a quarter past six. "
    "You can cross the sand on foot in about twenty-five minutes. The lighthouse is open from nine o'clock "
    "until half past six in the evening. Please come back before the tide does."
)
SPEAKING_SECONDS = 30
Samples = NDArray[np.float32]


def is_available() -> bool:
    """Tell whether there is anything here that speaks."""
    return shutil.which("espeak-ng") is not None or _recording() is not None


def speech(*, most: float) -> Samples:
    """Return speech of at most so many seconds: mono, 48 kHz, -1 to 1.

    Raises:
        LookupError: Neither espeak-ng nor a recording is installed.
    """
    if (program := shutil.which("espeak-ng")) is not None:
        arguments = [program, "-v", "en-gb", "-s", "150", "--stdout", TEXT]
        done = subprocess.run(arguments, stdout=subprocess.PIPE, check=True, timeout=SPEAKING_SECONDS)  # noqa: S603 - our own text
        source = done.stdout
    elif (path := _recording()) is not None:
        source = path.read_bytes()
    else:
        raise LookupError("there is no speech here: install espeak-ng")
    return _faded(_read(source)[: int(most * RATE)])


def _recording() -> Path | None:
    found = importlib.util.find_spec("moonshine_voice")
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(found.submodule_search_locations[0]) / "assets" / "two_cities.wav"
    return path if path.is_file() else None


def _read(wav: bytes) -> Samples:
    with av.open(io.BytesIO(wav), "r", format="wav") as container:
        resampler = AudioResampler(format="flt", layout="mono", rate=RATE)
        frames = [*container.decode(audio=0), None]
        blocks = [block.to_ndarray()[0] for frame in frames for block in resampler.resample(frame)]
    return np.concatenate(blocks).astype(np.float32)


def _faded(samples: Samples) -> Samples:
    """Bring speech to a good level; cut off words end softly."""
    peak = float(np.abs(samples).max(initial=0.0))
    levelled = samples * (0.8 / peak if peak else 1.0)
    tail = min(len(levelled), RATE // 3)
    levelled[len(levelled) - tail :] *= np.linspace(1, 0, tail, dtype=np.float32)
    return levelled
