"""Language models over Chat Completions: the common ground of OpenAI-compatible servers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from openai import AsyncOpenAI
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

from services.ai._filled import bounded, check_stream, well_formed
from services.ai._json_schemas import json_schema
from services.ai._openai_errors import paid, translated
from services.ai._picture_parts import data_url
from services.ai._usage import tokens_spent
from services.ai.language_model import Prompt
from services.ai.prices import PriceTable
from services.ai.protocols import Exchange, ModelTurn, Picture, Tool, ToolCall
from services.domain import Spend
from services.errors import BlockedError, ReplyError
from services.fair_slots import FairSlots
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
        slots: FairSlots,
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
        turn, spend = await self.converse(prompt, on_text=on_text)
        return turn.text, spend

    async def converse(
        self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None
    ) -> tuple[ModelTurn, Spend]:
        """Make one call that may end in calls of tools."""
        call = self._call(prompt)
        async with self._slots, translated(self._role.timeout_seconds):
            if on_text is None:
                completion = cast("object", await self._client.chat.completions.create(**call))
                return self._finished(completion)
            return await self._stream(call, on_text)

    def _call(self, prompt: Prompt) -> dict[str, Any]:
        instructions = prompt.instructions
        if prompt.schema is not None and self._role.structured == "json_object":
            # Such a server takes no schema, so the model is told.
            schema = json.dumps(json_schema(prompt.schema))
            instructions = (
                f"{instructions}\n\nAnswer with one JSON object of this schema, and nothing else:\n{schema}"
            )
        call: dict[str, Any] = {
            "model": self._role.model,
            "messages": [
                {"role": "system", "content": instructions},
                {"role": "user", "content": [_part(each) for each in prompt.content]},
                *(message for each in prompt.exchanges for message in _exchanged(each)),
            ],
            self._role.max_tokens_field: prompt.max_output_tokens,
        }
        if self._role.reasoning_effort:
            call["reasoning_effort"] = self._role.reasoning_effort
        if prompt.schema is not None:
            call |= self._structured(prompt.schema)
        if prompt.tools:
            call["tools"] = [self._tool(each) for each in prompt.tools]
            call["tool_choice"] = "auto" if prompt.may_call else "none"
        if not self._role.base_url:  # OpenAI's own; other servers may refuse what they do not know
            call |= {"safety_identifier": prompt.person, "store": False}
            if prompt.cache_key:
                call["prompt_cache_key"] = prompt.cache_key
        return call

    def _tool(self, tool: Tool) -> dict[str, Any]:
        function: dict[str, Any] = {
            "name": tool.name,
            "description": tool.description,
            "parameters": json_schema(tool.arguments),
        }
        if self._role.structured == "json_schema":
            function["strict"] = True
        return {"type": "function", "function": function}

    def _structured(self, schema: type[BaseModel]) -> dict[str, Any]:
        if self._role.structured == "json_object":
            return {"response_format": {"type": "json_object"}}
        described = {"name": schema.__name__, "schema": json_schema(schema), "strict": True}
        return {"response_format": {"type": "json_schema", "json_schema": described}}

    async def _stream(self, call: dict[str, Any], on_text: Callable[[str], None]) -> tuple[ModelTurn, Spend]:
        text, refusal, reason = "", "", None
        pieces: dict[int, list[str]] = {}
        usage: CompletionUsage | None = None
        chunks = await self._client.chat.completions.create(
            **call, stream=True, stream_options={"include_usage": True}
        )
        async with chunks:
            async for chunk in chunks:
                usage = chunk.usage or usage
                for choice in chunk.choices or ():
                    reason = choice.finish_reason or reason
                    if not choice.delta:
                        continue  # As some servers' last chunk.
                    refusal += choice.delta.refusal or ""
                    if choice.delta.content:
                        text += choice.delta.content
                        check_stream(text)
                        on_text(bounded(text))
                    for each in choice.delta.tool_calls or ():
                        function = each.function
                        piece = pieces.setdefault(each.index, ["", "", ""])
                        piece[0] = each.id or piece[0]
                        piece[1] += (function.name if function else "") or ""
                        piece[2] += (function.arguments if function else "") or ""
        spend = self._spend(usage)
        calls = tuple(ToolCall(*pieces[index]) for index in sorted(pieces))
        text = well_formed(text).strip()
        self._check(reason, refusal, text, spend, calls)
        return ModelTurn(text, calls), spend

    def _finished(self, completion: object) -> tuple[ModelTurn, Spend]:
        """Return a completion's text, calls and price, or raise what stands in its place."""
        if not isinstance(completion, ChatCompletion) or not getattr(completion, "choices", None):
            raise ReplyError("model-broken-reply")
        spend = self._spend(completion.usage)
        choice = completion.choices[0]
        text = well_formed(choice.message.content or "").strip()
        calls = tuple(
            ToolCall(each.id, each.function.name, each.function.arguments)
            for each in choice.message.tool_calls or ()
            if each.type == "function" and each.function
        )
        self._check(choice.finish_reason, choice.message.refusal or "", text, spend, calls)
        return ModelTurn(text, calls), spend

    def _check(
        self, reason: str | None, refusal: str, text: str, spend: Spend, calls: tuple[ToolCall, ...]
    ) -> None:
        if refusal:
            raise paid(BlockedError("model-refused"), spend)
        if reason == "content_filter":
            raise paid(BlockedError("model-blocked"), spend)
        if reason == "length" or reason is None:
            raise paid(ReplyError("model-cut-short"), spend)
        if not text and not calls:
            raise paid(ReplyError("model-empty"), spend)

    def _spend(self, usage: CompletionUsage | None) -> Spend:
        details = usage.prompt_tokens_details if usage else None
        return tokens_spent(
            self._prices,
            self._role_name,
            self._role.model,
            input_tokens=usage and usage.prompt_tokens,
            cached_tokens=details and details.cached_tokens,
            output_tokens=usage and usage.completion_tokens,
        )


def _part(content: str | Picture) -> dict[str, Any]:
    if isinstance(content, str):
        return {"type": "text", "text": content}
    return {"type": "image_url", "image_url": {"url": data_url(content), "detail": "high"}}


def _exchanged(exchange: Exchange) -> list[dict[str, Any]]:
    asked = [
        {"id": each.id, "type": "function", "function": {"name": each.name, "arguments": each.arguments}}
        for each in exchange.turn.calls
    ]
    return [
        {"role": "assistant", "content": exchange.turn.text or None, "tool_calls": asked},
        *(
            {"role": "tool", "tool_call_id": each.id, "content": result}
            for each, result in zip(exchange.turn.calls, exchange.results, strict=True)
        ),
    ]
