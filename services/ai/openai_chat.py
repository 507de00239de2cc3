"""Vision and text over Chat Completions: the common ground of OpenAI-compatible servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

from openai import AsyncOpenAI
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion

from services.ai import prompts
from services.ai._openai_errors import paid, translated
from services.ai._picture_parts import caption, data_url
from services.ai._prompting import answer_input, describe_input, describe_instructions
from services.ai.prices import PriceTable
from services.ai.protocols import LabelledReading, Picture, Reply
from services.ai.schemas import DescriptionFields
from services.domain import Description, Spend, Turn
from services.errors import BlockedError, ReplyError
from services.settings import ModelSettings


class OpenAIChat:
    """Implements `VisionModel` and `TextModel`; arguments as those of `OpenAIResponses`."""

    def __init__(
        self,
        *,
        role_name: str,
        role: ModelSettings,
        client: AsyncOpenAI,
        prices: PriceTable,
        slots: asyncio.Semaphore,
        max_output_tokens: int,
    ) -> None:
        self._role_name = role_name
        self._role = role
        self._client = client
        self._prices = prices
        self._slots = slots
        self._max_output_tokens = max_output_tokens

    async def describe(
        self, pictures: Sequence[Picture], *, question: str, language: str, person: str
    ) -> Reply[Description]:
        """Describe one picture, or the moments of one animation."""
        content: list[dict[str, Any]] = [{"type": "text", "text": describe_input(question, language)}]
        for number, picture in enumerate(pictures, 1):
            if (line := caption(picture, number, len(pictures))) is not None:
                content.append({"type": "text", "text": line})
            image = {"url": data_url(picture), "detail": "high"}
            content.append({"type": "image_url", "image_url": image})
        schema = {
            "name": "description",
            "schema": DescriptionFields.model_json_schema(),
            "strict": True,
        }
        async with self._slots, translated(self._role.timeout_seconds):
            call = self._common(describe_instructions(pictures), content, person)
            call["response_format"] = {"type": "json_schema", "json_schema": schema}
            completion = cast("object", await self._client.chat.completions.create(**call))
            text, spend = self._finished(completion)
            try:
                fields = DescriptionFields.model_validate_json(_unfenced(text))
            except ValueError:
                raise paid(ReplyError("model-broken-reply"), spend) from None
        return Reply(fields.to_domain(), spend)

    async def answer(
        self,
        question: str,
        *,
        readings: Sequence[LabelledReading],
        turns: Sequence[Turn],
        language: str,
        person: str,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply[str]:
        """Answer from readings and turns; streamed when somebody looks on."""
        content = [{"type": "text", "text": answer_input(question, readings, turns, language)}]
        call = self._common(prompts.load("answer_question"), content, person)
        async with self._slots, translated(self._role.timeout_seconds):
            if on_text is None:
                completion = cast("object", await self._client.chat.completions.create(**call))
                return Reply(*self._finished(completion))
            return await self._stream(call, on_text)

    def _common(self, instructions: str, content: Sequence[dict[str, Any]], person: str) -> dict[str, Any]:
        call: dict[str, Any] = {
            "model": self._role.model,
            "messages": [
                {"role": "system", "content": instructions},
                {"role": "user", "content": list(content)},
            ],
            self._role.max_tokens_field: self._max_output_tokens,
        }
        if self._role.reasoning_effort:
            call["reasoning_effort"] = self._role.reasoning_effort
        if not self._role.base_url:  # OpenAI's own; other servers may refuse what they do not know
            call |= {"safety_identifier": person, "store": False}
        return call

    async def _stream(self, call: dict[str, Any], on_text: Callable[[str], None]) -> Reply[str]:
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
        return Reply(text.strip(), spend)

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


def _unfenced(text: str) -> str:
    """Return the JSON object in a text: servers that ignore the schema wrap it in words or fences."""
    return text[text.find("{") : text.rfind("}") + 1]
