"""Language models over Chat Completions: the common ground of OpenAI-compatible servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from openai import AsyncOpenAI
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion

from services.ai._openai_errors import paid, translated
from services.ai._picture_parts import data_url
from services.ai.language_model import Prompt
from services.ai.prices import PriceTable
from services.ai.protocols import Picture
from services.domain import Spend
from services.errors import BlockedError, ReplyError
from services.settings import ModelSettings


class OpenAIChat:
    """Implements `CompletionApi`; arguments as those of `OpenAIResponses`."""

    def __init__(
        self,
        *,
        role_name: str,
        role: ModelSettings,
        client: AsyncOpenAI,
        prices: PriceTable,
        slots: asyncio.Semaphore,
    ) -> None:
        self._role_name = role_name
        self._role = role
        self._client = client
        self._prices = prices
        self._slots = slots

    async def complete(
        self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None
    ) -> tuple[str, Spend]:
        """Make one call; streamed when somebody looks on."""
        call = self._call(prompt)
        async with self._slots, translated(self._role.timeout_seconds):
            if on_text is None:
                completion = cast("object", await self._client.chat.completions.create(**call))
                return self._finished(completion)
            return await self._stream(call, on_text)

    def _call(self, prompt: Prompt) -> dict[str, Any]:
        call: dict[str, Any] = {
            "model": self._role.model,
            "messages": [
                {"role": "system", "content": prompt.instructions},
                {"role": "user", "content": [_part(each) for each in prompt.content]},
            ],
            self._role.max_tokens_field: prompt.max_output_tokens,
        }
        if self._role.reasoning_effort:
            call["reasoning_effort"] = self._role.reasoning_effort
        if prompt.schema is not None:
            schema = {
                "name": prompt.schema.__name__,
                "schema": prompt.schema.model_json_schema(),
                "strict": True,
            }
            call["response_format"] = {"type": "json_schema", "json_schema": schema}
        if not self._role.base_url:  # OpenAI's own; other servers may refuse what they do not know
            call |= {"safety_identifier": prompt.person, "store": False}
        return call

    async def _stream(self, call: dict[str, Any], on_text: Callable[[str], None]) -> tuple[str, Spend]:
        text, refusal, reason = "", "", None
        usage: CompletionUsage | None = None
        chunks = await self._client.chat.completions.create(
            **call, stream=True, stream_options={"include_usage": True}
        )
        async with chunks:
            async for chunk in chunks:
                usage = chunk.usage or usage
                for choice in chunk.choices or ():
                    reason = choice.finish_reason or reason
                    refusal += choice.delta.refusal or ""
                    if choice.delta.content:
                        text += choice.delta.content
                        on_text(text)
        spend = self._spend(usage)
        self._check(reason, refusal, text.strip(), spend)
        return text.strip(), spend

    def _finished(self, completion: object) -> tuple[str, Spend]:
        """Return a completion's text and price, or raise what stands in its place."""
        if not isinstance(completion, ChatCompletion) or not getattr(completion, "choices", None):
            raise ReplyError("model-broken-reply")
        spend = self._spend(completion.usage)
        choice = completion.choices[0]
        text = (choice.message.content or "").strip()
        self._check(choice.finish_reason, choice.message.refusal or "", text, spend)
        return text, spend

    def _check(self, reason: str | None, refusal: str, text: str, spend: Spend) -> None:
        if refusal:
            raise paid(BlockedError("model-refused"), spend)
        if reason == "content_filter":
            raise paid(BlockedError("model-blocked"), spend)
        if reason == "length" or reason is None:
            raise paid(ReplyError("model-cut-short"), spend)
        if not text:
            raise paid(ReplyError("model-empty"), spend)

    def _spend(self, usage: CompletionUsage | None) -> Spend:
        if usage is None:
            return Spend(self._role_name, self._role.model, 0, 0, 0, None)
        details = usage.prompt_tokens_details
        return self._prices.spend(
            self._role_name,
            self._role.model,
            input_tokens=usage.prompt_tokens,
            cached_tokens=(details.cached_tokens if details else 0) or 0,
            output_tokens=usage.completion_tokens,
        )


def _part(content: str | Picture) -> dict[str, Any]:
    if isinstance(content, str):
        return {"type": "text", "text": content}
    return {"type": "image_url", "image_url": {"url": data_url(content), "detail": "high"}}
