"""Pictures drawn over the images endpoints."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from openai import AsyncOpenAI
from openai.types import ImagesResponse

from services.ai._openai_errors import paid, translated
from services.ai.prices import PriceTable
from services.ai.protocols import Picture, Reply
from services.domain import Spend
from services.errors import ReplyError
from services.fair_slots import FairSlots
from services.settings import ImageSettings

ROLE = "image"
MAX_PROMPT = 32_000


class OpenAIImages:
    """Implements `ImageModel`.

    The client must not try again by itself: a call that timed out may have been paid for.

    Args:
        slots: Bounds the calls that are made at once in this process.
    """

    def __init__(
        self, *, role: ImageSettings, client: AsyncOpenAI, prices: PriceTable, slots: FairSlots
    ) -> None:
        self._role = role
        self._client = client.with_options(max_retries=0)
        self._prices = prices
        self._slots = slots

    async def draw(self, prompt: str, *, width: int, height: int, person: str) -> Reply[bytes]:
        """Draw a picture from words alone."""
        call: dict[str, Any] = {**self._call(prompt, width, height, person), "moderation": "auto"}

        async def make() -> object:
            return cast("object", await self._client.images.generate(**call))

        return await self._picture(make)

    async def edit(
        self,
        pictures: Sequence[Picture],
        prompt: str,
        *,
        mask: bytes | None,
        width: int,
        height: int,
        person: str,
    ) -> Reply[bytes]:
        """Draw the first of some pictures anew, as the words say."""
        call = self._call(prompt, width, height, person)
        call["image"] = [
            (f"{number}.{each.mime.removeprefix('image/')}", each.data, each.mime)
            for number, each in enumerate(pictures, 1)
        ]
        if mask is not None:
            call["mask"] = ("mask.png", mask, "image/png")

        async def make() -> object:
            return cast("object", await self._client.images.edit(**call))

        return await self._picture(make)

    def _call(self, prompt: str, width: int, height: int, person: str) -> dict[str, Any]:
        return {
            "model": self._role.model,
            "prompt": prompt[:MAX_PROMPT],
            "size": f"{width}x{height}",
            "quality": self._role.quality,
            "n": 1,
            "safety_identifier": person,
        }

    async def _picture(self, make: Callable[[], Awaitable[object]]) -> Reply[bytes]:
        async with self._slots, translated(self._role.timeout_seconds):
            answer = await make()
        if not isinstance(answer, ImagesResponse) or not getattr(answer, "data", None):
            raise ReplyError("model-broken-reply")
        spend = self._spend(answer)
        encoded = cast("Any", answer.data)[0].b64_json
        try:
            return Reply(base64.b64decode(encoded or "", validate=True), spend)
        except binascii.Error:
            raise paid(ReplyError("model-broken-reply"), spend) from None

    def _spend(self, answer: ImagesResponse) -> Spend:
        usage = answer.usage
        if usage is None:
            return Spend(ROLE, self._role.model, 0, 0, 0, None)
        return self._prices.drawing(
            ROLE,
            self._role.model,
            text_tokens=usage.input_tokens_details.text_tokens,
            picture_tokens=usage.input_tokens_details.image_tokens,
            output_tokens=usage.output_tokens,
        )
