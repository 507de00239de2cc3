"""Moderation over the moderations endpoint."""

from __future__ import annotations

from typing import Any, cast

from openai import AsyncOpenAI
from openai.types import ModerationCreateResponse

from services.ai._openai_errors import translated
from services.ai._picture_parts import data_url
from services.ai.prices import PriceTable
from services.ai.protocols import Picture, Reply, Verdict
from services.errors import ReplyError
from services.fair_slots import FairSlots
from services.settings import ModelSettings


class OpenAIModerator:
    """Implements `Moderator`."""

    def __init__(
        self,
        *,
        role: ModelSettings,
        client: AsyncOpenAI,
        prices: PriceTable,
        slots: FairSlots,
    ) -> None:
        self._role = role
        self._client = client
        self._prices = prices
        self._slots = slots

    async def judge_picture(self, picture: Picture) -> Reply[Verdict]:
        """Judge a picture before the bot posts it."""
        return await self._judge({"type": "image_url", "image_url": {"url": data_url(picture)}})

    async def judge_text(self, text: str) -> Reply[Verdict]:
        """Judge a text."""
        return await self._judge({"type": "text", "text": text})

    async def _judge(self, part: Any) -> Reply[Verdict]:
        async with self._slots, translated(self._role.timeout_seconds):
            answer = cast("object", await self._client.moderations.create(model=self._role.model, input=[part]))
            if not isinstance(answer, ModerationCreateResponse) or not getattr(answer, "results", None):
                raise ReplyError("model-broken-reply")
            result = answer.results[0]
        flagged = result.categories.model_dump(by_alias=True)
        spend = self._prices.spend(
            "moderation", self._role.model, input_tokens=0, cached_tokens=0, output_tokens=0
        )
        names = tuple(name for name, hit in flagged.items() if hit)
        return Reply(Verdict(result.flagged, names), spend)
