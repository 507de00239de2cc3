"""Writes a piece of sound as a file that transcription models take, with pydub."""

# pydub has no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from services.media._hearing import is_worth_hearing
from services.media._pauses import Cut
from services.media._waveform import RATE

with warnings.catch_warnings():
    # It looks for FFmpeg's programs, which nothing here uses.
    warnings.simplefilter("ignore", RuntimeWarning)
    from pydub import AudioSegment

QUIET_DB = -40.0
"""Pieces below this level are made louder: models miss what is very quiet."""
WANTED_DB = -26.0
HEADROOM_DB = -1.0
SILENT_DB = -100.0
"""Stands for no sound at all, whose level has no number."""


def write_piece(piece: Cut, folder: Path, index: int) -> dict[str, Any]:
    """Write a piece if it is worth hearing, as 16-bit mono WAV at 16 kHz; return its facts."""
    sound = AudioSegment(data=piece.samples.tobytes(), sample_width=2, frame_rate=RATE, channels=1)
    level = max(float(sound.dBFS), SILENT_DB)
    is_heard = is_worth_hearing(piece.samples)
    gain, name = 0.0, ""
    if is_heard:
        if level < QUIET_DB:
            gain = round(max(min(WANTED_DB - level, HEADROOM_DB - float(sound.max_dBFS)), 0.0), 1)
            sound = sound.apply_gain(gain)
        name = f"piece-{index:04d}.wav"
        with (folder / name).open("xb") as file:
            sound.export(file, format="wav")
    return {
        "index": index,
        "start": round(piece.start, 3),
        "end": round(piece.end, 3),
        "speech": is_heard,
        "overlap": piece.overlap,
        "rms_db": round(level, 1),
        "gain_db": gain,
        "file": name,
    }
