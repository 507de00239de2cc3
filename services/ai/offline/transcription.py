"""Transcription without a server: English speech by Whisper tiny.en, with doubts marked."""

from __future__ import annotations

import io
import wave

from services.ai.offline.answers import Hearing, Segment, validated
from services.ai.offline.model_children import ModelChildren
from services.ai.protocols import Heard, Reply, Sound
from services.catalogue import Catalogue
from services.domain import Spend
from services.errors import ServiceError, UserError
from services.settings import LOCAL_MODELS

MODEL = LOCAL_MODELS["transcription"]
TRANSCRIBE = "services.ai.offline.child.hearing:transcribe"
LANGUAGE = "en"
RATE = 16_000
UNSURE_BELOW = 0.55
"""Mean probability of a segment's words; clean speech lies between 0.7 and 1."""


class OfflineTranscription:
    """Implements `TranscriptionModel`; takes plain samples only, in a WAV file of 16 kHz, mono, 16 bit.

    Args:
        children: Where the model runs.
        seconds: Wall clock for a piece, beside as much again as it is long.
    """

    def __init__(self, children: ModelChildren, *, seconds: float) -> None:
        self._children = children
        self._seconds = seconds

    async def transcribe(self, sound: Sound, *, context: str, language: str) -> Reply[Heard]:
        """Write down a piece of English speech; a segment that is mostly guessed carries a mark.

        Raises:
            UserError: Another language was asked for; this model would answer with wrong English.
            ServiceError: It is no plain sound, or the model is not installed.
            BotError: As `ModelChildren.ask` raises.
        """
        del context  # With it, this model rather repeats itself.
        if language and language.split("-", maxsplit=1)[0].lower() != LANGUAGE:
            raise UserError("offline-english-only")
        seconds = self._seconds + sound.seconds
        result = await self._children.ask(TRANSCRIBE, {}, [_samples(sound.data)], seconds=seconds)
        segments = validated(Hearing, result).segments
        text = " ".join(map(_marked, segments))
        return Reply(Heard(text, LANGUAGE if text else ""), Spend("transcription", MODEL, 0, 0, 0, 0.0))


def _samples(data: bytes) -> bytes:
    """Return the samples of a WAV file of our own making."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
                raise ServiceError("offline-needs-samples")
            return file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        raise ServiceError("offline-needs-samples") from None


def _marked(segment: Segment) -> str:
    if segment.confidence >= UNSURE_BELOW:
        return segment.text
    return Catalogue.load(LANGUAGE).text("offline-unsure", text=segment.text)
