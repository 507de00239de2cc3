"""Comparing pictures, and pointing at things in them, with any language model that sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from services.ai import prompts
from services.ai._blocks import Blocks
from services.ai._filled import filled
from services.ai._openai_errors import paid
from services.ai.language_model import CompletionApi, Prompt
from services.ai.protocols import Picture, Reply, Task
from services.ai.refine_schemas import ComparisonFields, PromptFields, ShapesFields
from services.domain import Comparison, Outline, Spend
from services.errors import ReplyError

Fields = TypeVar("Fields", bound=BaseModel)


class ModelJudge:
    """Implements `Judge` over an API."""

    def __init__(self, api: CompletionApi, *, verdict_tokens: int) -> None:
        self._api = api
        self._verdict_tokens = verdict_tokens

    async def compare(
        self, original: Picture, candidate: Picture, task: Task, *, swapped: bool, language: str, person: str
    ) -> Reply[Comparison]:
        """Judge a candidate."""
        shown: list[str | Picture] = ["Original:", original, "Candidate:", candidate]
        if swapped:
            shown = [*shown[2:], *shown[:2]]
        fields, spend = await self._fill(
            "compare_pictures", [_comparison_input(task, language), *shown], person, ComparisonFields
        )
        return Reply(fields.to_domain(), spend)

    async def point_at(self, picture: Picture, words: str, *, person: str) -> Reply[tuple[Outline, ...]]:
        """Say where something is."""
        blocks = Blocks()
        blocks.request(words)
        fields, spend = await self._fill("point_at", [str(blocks), picture], person, ShapesFields)
        return Reply(fields.to_domain(), spend)

    async def soften(self, prompt: str, *, person: str) -> Reply[str]:
        """Reword a prompt that an image model refused."""
        blocks = Blocks()
        blocks.data("prompt", prompt)
        fields, spend = await self._fill("soften_prompt", [str(blocks)], person, PromptFields)
        return Reply(fields.rewritten_prompt.strip(), spend)

    async def _fill(
        self, instructions: str, content: Sequence[str | Picture], person: str, schema: type[Fields]
    ) -> tuple[Fields, Spend]:
        text, spend = await self._api.complete(
            Prompt(
                instructions=prompts.load(instructions),
                content=content,
                person=person,
                max_output_tokens=self._verdict_tokens,
                schema=schema,
            )
        )
        try:
            return filled(text, schema), spend
        except ValueError:
            raise paid(ReplyError("model-broken-reply"), spend) from None


def _comparison_input(task: Task, language: str) -> str:
    blocks = Blocks()
    if task.reading:
        blocks.data("reading of the original", task.reading)
    blocks.data("prompt of the candidate", task.prompt)
    if task.goal:
        blocks.data("goal", task.goal)
    else:
        blocks.note("There is no goal: the candidate should match the original.")
    if task.keep:
        blocks.data("keep", task.keep)
    if task.corrections:
        blocks.data("corrections, newest first", "\n".join(task.corrections))
    blocks.note(f"Language to write in: {language}")
    return str(blocks)
