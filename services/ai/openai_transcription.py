"""Transcription over the audio endpoint, which today's models serve without times."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from openai import AsyncOpenAI
from openai.types.audio import Transcription

from services.ai._filled import well_formed
from services.ai._openai_errors import translated
from services.ai._usage import tokens_spent
from services.ai.prices import PriceTable
from services.ai.protocols import Heard, Reply, Sound
from services.domain import Spend
from services.errors import ReplyError
from services.fair_slots import FairSlots
from services.settings import ModelSettings

ROLE = "transcription"


class OpenAITranscription:
    """Implements `TranscriptionModel`.

    Args:
        slots: Bounds the calls that are made at once in this process.
    """

    def __init__(
        self, *, role: ModelSettings, client: AsyncOpenAI, prices: PriceTable, slots: FairSlots
    ) -> None:
        self._role = role
        self._client = client
        self._prices = prices
        self._slots = slots

    async def transcribe(self, sound: Sound, *, context: str, language: str) -> Reply[Heard]:
        """Write down a piece of sound."""
        call: dict[str, Any] = {
            "model": self._role.model,
            "file": (sound.filename, sound.data, sound.mime),
            "response_format": "json",
        }
        if context:
            call["prompt"] = context
        if language:
            call["languages"] = [language]
        async with self._slots, translated(self._role.timeout_seconds):
            answer = cast("object", await self._client.audio.transcriptions.create(**call))
        if not isinstance(answer, Transcription) or not isinstance(getattr(answer, "text", None), str):
            raise ReplyError("model-broken-reply")
        spend = self._spend(answer, sound.seconds)
        languages = answer.languages or []
        return Reply(Heard(well_formed(answer.text).strip(), languages[0].code if languages else ""), spend)

    def _spend(self, answer: Transcription, seconds: float) -> Spend:
        by_minute = self._prices.sound(ROLE, self._role.model, seconds=seconds)
        usage = answer.usage
        if usage is None or usage.type == "duration":
            return by_minute
        by_token = tokens_spent(
            self._prices,
            ROLE,
            self._role.model,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
        )
        if by_minute.usd is None:
            return by_token
        # A model that is sold by the minute says its tokens all the same.
        return replace(by_token, usd=by_minute.usd)
