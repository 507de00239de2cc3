"""What a language model says, before it is put into the words of an API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playground.models import answers, tokens, tools
from playground.models.calls import ModelCall, ToolCall
from playground.models.faults import SPOKEN, Action

REFUSAL = "I can't help with that."
PIECE = 24
"""Characters of a streamed piece."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """An answer with its price.

    Attributes:
        text: Empty where nothing was said.
        oddity: The fault that stands in the answer's place, or "truncated" when it is longer than allowed.
        code: The API's code of the oddity "failed".
        tool_calls: What it asks of tools instead of saying anything.
        reasoning_tokens: Part of `output_tokens`.
    """

    text: str
    oddity: Action | None
    code: str
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int = 0
    tool_calls: tuple[ToolCall, ...] = ()

    @property
    def pieces(self) -> list[str]:
        """The text as it is streamed."""
        return pieces_of(self.text)


def pieces_of(text: str) -> list[str]:
    """Return a text in the pieces in which it is streamed."""
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]


def utter(call: ModelCall, schema: dict[str, Any] | None, *, limit: int | None) -> Utterance:
    """Answer a language model's call.

    Args:
        call: With its fault.
        schema: Of the structured answer that is asked for.
        limit: Most output tokens.
    """
    oddity = call.fault.action if call.fault is not None and call.fault.action in SPOKEN else None
    if oddity is None and (asked := tools.wanted(call)):
        call.tokens = (tokens.of_prompt(call, schema), sum(tokens.of_text(e.name + e.arguments) for e in asked))
        return Utterance("", None, "", *call.tokens, tool_calls=tuple(asked))
    text = answers.answer(call, schema)
    input_tokens = tokens.of_prompt(call, schema)
    output_tokens, reasoning_tokens = tokens.of_text(text), 0
    if oddity is None and limit is not None and output_tokens > limit:
        oddity, output_tokens = "truncated", limit
        text = text[: limit * tokens.CHARACTERS_PER_TOKEN]
    elif oddity == "truncated":
        text = text[: len(text) // 2]
    elif oddity == "refusal":
        text = REFUSAL
    elif oddity is not None:
        text = ""
    if oddity == "reasoning_only":
        output_tokens = reasoning_tokens = limit or output_tokens
    elif oddity != "truncated":
        output_tokens = tokens.of_text(text)
    call.tokens = (input_tokens, output_tokens)
    code = call.fault.code if call.fault is not None else ""
    return Utterance(text, oddity, code, input_tokens, output_tokens, reasoning_tokens)
