"""Transcription: `POST /v1/audio/transcriptions`, plain and streamed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from playground.models import tokens
from playground.models.answers import SIGNATURE
from playground.models.calls import ModelCall
from playground.models.errors import ApiError
from playground.models.languages import language_of
from playground.models.replies import Reply, as_events, as_json, as_text, event
from playground.models.sound import Sound, listen
from playground.models.utterance import PIECE

MAX_BYTES = 25 * 1024 * 1024
MAX_SECONDS = 1400
ENDINGS = frozenset({".flac", ".mp3", ".mp4", ".mpeg", ".mpga", ".m4a", ".ogg", ".wav", ".webm"})
FORMATS = {
    "gpt-transcribe": ("json",),
    "whisper-1": ("json", "text", "srt", "verbose_json", "vtt"),
    "gpt-4o-transcribe-diarize": ("json", "text", "diarized_json"),
}
"""Formats of the answer; other models know `json` and `text`."""
_OTHER_FORMATS = ("json", "text")
ALIKE = 0.8
"""Words are taken for a keyword from this likeness on (difflib's ratio)."""
_WORD = re.compile(r"[^\W\d_]{5,}")


def read(call: ModelCall) -> None:
    """Take a form apart and listen to its file.

    Raises:
        ApiError: As the real API answers it.
    """
    files = [each for each in call.uploads if each.field == "file"]
    if len(files) != 1:
        raise ApiError(400, "missing_required_parameter", "Missing required parameter: 'file'.", param="file")
    [file] = files
    if PurePath(file.name).suffix.lower() not in ENDINGS:
        endings = sorted(each[1:] for each in ENDINGS)
        raise ApiError(400, "unsupported_value", f"Unsupported file format. Supported: {endings}", param="file")
    if len(file.data) > MAX_BYTES:
        raise ApiError(
            413, "", f"Maximum content size limit ({MAX_BYTES}) exceeded ({len(file.data)} bytes read)"
        )
    form = call.body.get("response_format", "json")
    if form not in FORMATS.get(call.model, _OTHER_FORMATS):
        message = f"response_format '{form}' is not compatible with model '{call.model}'"
        raise ApiError(400, "unsupported_value", message, param="response_format")
    _check_guides(call)
    sound = listen(file.data)
    if sound.seconds > MAX_SECONDS:
        message = f"audio duration {sound.seconds:.1f} seconds is longer than {MAX_SECONDS} seconds"
        raise ApiError(400, "invalid_value", message, param="file")
    if call.abilities.hearing is not None:
        sound = listen(file.data, call.abilities.hearing)
    call.sounds.append(sound)


def answer(call: ModelCall) -> Reply:
    """Write down what was heard: silence is an empty text."""
    [sound] = call.sounds
    text = spelled(transcript(sound), call.body.get("keywords[]", []))
    call.tokens = (tokens.of_sound(sound), tokens.of_text(text))
    if call.body.get("stream") == "true" and call.model != "whisper-1":
        failure = event({"type": "error", "code": call.fault.code if call.fault else "", "message": "injected"})
        return as_events(_events(call, text), error_event=failure)
    match call.body.get("response_format", "json"):
        case "text":
            return as_text(f"{text}\n")
        case "srt":
            return as_text(f"1\n{_clock(0, ',')} --> {_clock(sound.seconds, ',')}\n{text}\n\n")
        case "vtt":
            return as_text(f"WEBVTT\n\n{_clock(0, '.')} --> {_clock(sound.seconds, '.')}\n{text}\n\n")
        case "verbose_json":
            return as_json(_verbose(sound, text))
        case "diarized_json":
            return as_json(_diarized(sound, text))
        case _:
            return as_json({"text": text, **_languages(call, text), "usage": _usage(call)})


def transcript(sound: Sound) -> str:
    """Return what the scripted server takes a recording to say."""
    if sound.speech:
        return sound.speech
    if sound.is_silent:
        return ""
    heard = " ".join(sound.digits) or "no digits"
    return f"{SIGNATURE} heard {sound.seconds:.1f} seconds: {heard}."


def spelled(text: str, keywords: Sequence[str]) -> str:
    """Return a transcript in which words that sound much like a keyword are spelled as it is."""
    by_sound = {each.lower(): each for each in keywords}

    def corrected(found: re.Match[str]) -> str:
        close = difflib.get_close_matches(found[0].lower(), by_sound, n=1, cutoff=ALIKE)
        return by_sound[close[0]] if close else found[0]

    return _WORD.sub(corrected, text)


def _check_guides(call: ModelCall) -> None:
    """Refuse what guides other models."""
    for name in ("languages[]", "keywords[]"):
        if name in call.body and call.model in FORMATS and call.model != "gpt-transcribe":
            message = f"'{name[:-2]}' is not supported by model '{call.model}'"
            raise ApiError(400, "unsupported_parameter", message, param=name[:-2])
    if call.prompt and call.model == "gpt-4o-transcribe-diarize":
        message = f"'prompt' is not supported by model '{call.model}'"
        raise ApiError(400, "unsupported_parameter", message, param="prompt")


def _languages(call: ModelCall, text: str) -> dict[str, Any]:
    """Return the detected languages, which newer models tell; digits are in none."""
    if call.model != "gpt-transcribe":
        return {}
    detected = language_of(text) if call.sounds[0].speech else None
    return {"languages": [{"code": detected}] if detected else []}


def _events(call: ModelCall, text: str) -> Iterator[bytes]:
    for at in range(0, len(text), PIECE):
        yield event({"type": "transcript.text.delta", "delta": text[at : at + PIECE]})
    yield event({"type": "transcript.text.done", "text": text, "usage": _usage(call)})


def _usage(call: ModelCall) -> dict[str, Any]:
    heard, written = call.tokens
    return {
        "type": "tokens",
        "input_tokens": heard,
        "input_token_details": {"audio_tokens": heard, "text_tokens": 0},
        "output_tokens": written,
        "total_tokens": heard + written,
    }


def _verbose(sound: Sound, text: str) -> dict[str, Any]:
    """Return the answer with times: each digit is a word, the whole is a segment."""
    words = [
        {"word": str(each.digit), "start": each.start, "end": min(each.start + 0.25, sound.seconds)}
        for each in sound.bursts
    ]
    segment = {
        "id": 0,
        "seek": 0,
        "start": 0.0,
        "end": sound.seconds,
        "text": text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": -0.1,
        "compression_ratio": 1.0,
        "no_speech_prob": 1.0 if sound.is_silent else 0.0,
    }
    return {
        "task": "transcribe",
        "language": "english",
        "duration": sound.seconds,
        "text": text,
        "segments": [segment],
        "words": words,
        "usage": {"type": "duration", "seconds": sound.seconds},
    }


def _diarized(sound: Sound, text: str) -> dict[str, Any]:
    segment = {
        "type": "transcript.text.segment",
        "id": "seg_0",
        "start": 0.0,
        "end": sound.seconds,
        "speaker": "A",
        "text": text,
    }
    usage = {"type": "duration", "seconds": sound.seconds}
    return {
        "task": "transcribe",
        "duration": sound.seconds,
        "text": text,
        "segments": [segment],
        "usage": usage,
    }


def _clock(seconds: float, point: str) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{milliseconds:03}"
