"""Language models over the Responses API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from openai import AsyncOpenAI
from openai.types.responses import Response

from services.ai._filled import bounded, check_stream, well_formed
from services.ai._json_schemas import json_schema
from services.ai._openai_errors import by_code, paid, translated
from services.ai._picture_parts import data_url
from services.ai._usage import tokens_spent
from services.ai.language_model import Prompt
from services.ai.prices import PriceTable
from services.ai.protocols import Exchange, ModelTurn, Picture, Tool, ToolCall
from services.domain import Spend
from services.errors import BlockedError, BusyError, ReplyError
from services.fair_slots import FairSlots
from services.settings import ModelSettings


class OpenAIResponses:
    """Implements `CompletionApi`.

    Args:
        role_name: `vision` or `text`, for the account of what was spent.
        slots: Bounds the calls that are made at once in this process.
    """

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
                # As a body of its own: the client would look through every part of it for what to rename, which
                # costs as much as sending it, and nothing here is to be renamed.
                response = cast("object", await self._client.responses.create(extra_body=call))
            else:
                response = await self._stream(call, on_text)
            return self._finished(response)

    def _call(self, prompt: Prompt) -> dict[str, Any]:
        call: dict[str, Any] = {
            "model": self._role.model,
            "instructions": prompt.instructions,
            "input": [
                {"role": "user", "content": [_part(each) for each in prompt.content]},
                *(item for each in prompt.exchanges for item in _exchanged(each)),
            ],
            "max_output_tokens": prompt.max_output_tokens,
            "safety_identifier": prompt.person,
            "store": False,
        }
        if self._role.reasoning_effort:
            call["reasoning"] = {"effort": self._role.reasoning_effort}
        if prompt.schema is not None:
            call["text"] = {
                "format": {
                    "type": "json_schema",
                    "name": prompt.schema.__name__,
                    "schema": json_schema(prompt.schema),
                    "strict": True,
                }
            }
        if prompt.cache_key:
            call["prompt_cache_key"] = prompt.cache_key
        if prompt.tools:
            call["tools"] = [_tool(each) for each in prompt.tools]
            call["tool_choice"] = "auto" if prompt.may_call else "none"
            if self._role.reasoning_effort:
                # Nothing is stored there, so thoughts that lead to calls come along, sealed.
                call["include"] = ["reasoning.encrypted_content"]
        return call

    async def _stream(self, call: dict[str, Any], on_text: Callable[[str], None]) -> Any:
        """Pass on the text as it grows; return the finished response."""
        commentary: set[int] = set()
        text = ""
        async with await self._client.responses.create(**call, stream=True) as events:
            async for event in events:
                match event.type:
                    case "response.output_item.added":
                        if getattr(event.item, "phase", None) == "commentary":
                            commentary.add(event.output_index)
                    case "response.output_text.delta":
                        if event.delta and event.output_index not in commentary:
                            text += event.delta
                            check_stream(text)
                            on_text(bounded(text))
                    case "response.completed" | "response.incomplete" | "response.failed":
                        return event.response
                    case "error":
                        raise by_code(event.code or "") or BusyError("model-busy")
                    case _:
                        pass
        raise ReplyError("model-cut-short")

    def _finished(self, response: object) -> tuple[ModelTurn, Spend]:
        """Return a response's text, calls and price, or raise what stands in its place."""
        if not isinstance(response, Response) or not getattr(response, "status", None):
            # A proxy's page, or an error object under a good status.
            raise ReplyError("model-broken-reply")
        spend = self._spend(response)
        if response.status == "failed":
            code = response.error.code if response.error else ""
            raise paid(by_code(code) or BusyError("model-busy"), spend)
        texts: list[str] = []
        calls: list[ToolCall] = []
        reasoning: list[str] = []
        for item in response.output or ():
            if item.type == "function_call":
                calls.append(ToolCall(item.call_id, item.name, item.arguments))
            elif item.type == "reasoning" and item.encrypted_content:
                reasoning.append(json.dumps(item.to_dict(exclude_none=True)))
            if item.type != "message":
                continue
            for part in item.content or ():
                if part.type == "refusal":
                    raise paid(BlockedError("model-refused"), spend)
                # Parts of other kinds, which a newer server may send, have no text.
                if part.text and getattr(item, "phase", None) != "commentary":
                    texts.append(part.text)
        reason = response.incomplete_details.reason if response.incomplete_details else None
        if reason == "content_filter":
            raise paid(BlockedError("model-blocked"), spend)
        text = well_formed("".join(texts)).strip()
        if response.status == "incomplete":
            raise paid(ReplyError("model-cut-short"), spend)
        if not text and not calls:
            raise paid(ReplyError("model-empty"), spend)
        return ModelTurn(text, tuple(calls), tuple(reasoning)), spend

    def _spend(self, response: Response) -> Spend:
        usage = response.usage
        details = usage.input_tokens_details if usage else None
        return tokens_spent(
            self._prices,
            self._role_name,
            self._role.model,
            input_tokens=usage and usage.input_tokens,
            cached_tokens=details and details.cached_tokens,
            output_tokens=usage and usage.output_tokens,
        )


def _part(content: str | Picture) -> dict[str, Any]:
    if isinstance(content, str):
        return {"type": "input_text", "text": content}
    return {"type": "input_image", "image_url": data_url(content), "detail": "high"}


def _tool(tool: Tool) -> dict[str, Any]:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": json_schema(tool.arguments),
        "strict": True,
    }


def _exchanged(exchange: Exchange) -> list[dict[str, Any]]:
    """Return calls and their results as items, without ids: nothing is stored under them."""
    items: list[dict[str, Any]] = [json.loads(each) for each in exchange.turn.reasoning]
    items += [
        {"type": "function_call", "call_id": each.id, "name": each.name, "arguments": each.arguments}
        for each in exchange.turn.calls
    ]
    items += [
        {"type": "function_call_output", "call_id": each.id, "output": result}
        for each, result in zip(exchange.turn.calls, exchange.results, strict=True)
    ]
    return items
