"""What the bot asks of language models: the tasks, the same over every API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from pydantic import BaseModel

from services.ai import _prompting, prompts
from services.ai._filled import bounded, filled
from services.ai._openai_errors import paid
from services.ai._picture_parts import caption
from services.ai.protocols import (
    Context,
    Exchange,
    LabelledReading,
    ModelTurn,
    Observation,
    Picture,
    Reply,
    SummaryKind,
    Tool,
)
from services.ai.schemas import DescriptionFields, MomentsFields, ObservationFields, SummaryFields
from services.domain import Description, Length, Moment, Spend, Summary, Turn
from services.errors import ReplyError

Fields = TypeVar("Fields", bound=BaseModel)

TOKENS_PER_FRAME = 120
"""What a frame of a video adds to the limit of a description."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One call, whatever the API."""

    instructions: str
    content: Sequence[str | Picture]
    """Texts and pictures of the one user message, in order."""
    person: str
    """Keyed hash of the asker's id, sent as the safety identifier."""
    max_output_tokens: int
    schema: type[BaseModel] | None = None
    """What the answer has to be; None for plain text."""
    tools: Sequence[Tool] = ()
    exchanges: Sequence[Exchange] = ()
    """Calls of tools and their results, after the user message."""
    may_call: bool = True
    cache_key: str = ""
    """The same for prompts that begin alike."""


class CompletionApi(Protocol):
    """One way to speak to a language model."""

    async def complete(
        self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None
    ) -> tuple[str, Spend]:
        """Make one call; return the whole text and what it cost.

        Args:
            on_text: Called with the whole text so far whenever more of it has arrived.

        Raises:
            BotError: One of its leaves; with its spend, when the call was paid for.
        """
        ...

    async def converse(
        self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None
    ) -> tuple[ModelTurn, Spend]:
        """Make one call that may end in calls of tools; otherwise as `complete`."""
        ...


@dataclass(frozen=True, slots=True)
class OutputLimits:
    """Tokens of each kind of answer."""

    description: int
    answer: int
    summary: int


class LanguageModel:
    """Implements `VisionModel`, `Looker`, `TextModel` and `ToolModel` over an API."""

    def __init__(self, api: CompletionApi, limits: OutputLimits) -> None:
        self._api = api
        self._limits = limits

    async def describe(
        self, pictures: Sequence[Picture], *, question: str, language: str, person: str
    ) -> Reply[Description]:
        """Describe one picture, or the moments of one animation."""
        prompt = Prompt(
            instructions=_prompting.describe_instructions(pictures),
            content=[_prompting.describe_input(question, language), *_captioned("Moment", pictures)],
            person=person,
            max_output_tokens=self._limits.description,
            schema=DescriptionFields,
        )
        fields, spend = await self._fill(prompt, DescriptionFields)
        if not (fields.text.strip() or fields.visible_text.strip() or fields.answer.strip()):
            raise paid(ReplyError("model-empty"), spend)
        return Reply(fields.to_domain(), spend)

    async def describe_frames(
        self, frames: Sequence[Picture], *, question: str, earlier: str, language: str, person: str
    ) -> Reply[tuple[Moment, ...]]:
        """Say what each frame of a video shows."""
        prompt = Prompt(
            instructions=prompts.load("describe_frames"),
            content=[
                _prompting.frames_input(question, earlier, language),
                *_captioned("Frame", frames),
            ],
            person=person,
            max_output_tokens=self._limits.description + len(frames) * TOKENS_PER_FRAME,
            schema=MomentsFields,
        )
        fields, spend = await self._fill(prompt, MomentsFields)
        return Reply(fields.to_domain([frame.time or 0.0 for frame in frames]), spend)

    async def summarize(
        self,
        material: str,
        *,
        kind: SummaryKind,
        question: str,
        length: Length,
        language: str,
        person: str,
    ) -> Reply[Summary]:
        """Sum up a transcript, a video's timeline or a thread."""
        prompt = Prompt(
            instructions=prompts.load(f"summarize_{kind}"),
            content=[_prompting.summary_input(material, question, length, language)],
            person=person,
            max_output_tokens=self._limits.summary,
            schema=SummaryFields,
        )
        fields, spend = await self._fill(prompt, SummaryFields)
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
        prompt = Prompt(
            instructions=prompts.load("answer_question"),
            content=[_prompting.answer_input(question, readings, turns, language)],
            person=person,
            max_output_tokens=self._limits.answer,
        )
        text, spend = await self._api.complete(prompt, on_text=on_text)
        return Reply(bounded(text), spend)

    async def look(
        self, pictures: Sequence[Picture], *, captions: Sequence[str], question: str, language: str, person: str
    ) -> Reply[Observation]:
        """Answer a question from pictures alone."""
        content: list[str | Picture] = [_prompting.describe_input(question, language)]
        for caption_, each in zip(captions, pictures, strict=True):
            content += [_prompting.picture_caption(caption_), each]
        prompt = Prompt(
            instructions=prompts.load("look_again"),
            content=content,
            person=person,
            max_output_tokens=self._limits.description,
            schema=ObservationFields,
        )
        fields, spend = await self._fill(prompt, ObservationFields)
        return Reply(fields.to_domain(), spend)

    async def next(
        self,
        context: Context,
        *,
        exchanges: Sequence[Exchange],
        tools: Sequence[Tool],
        may_call: bool,
        language: str,
        person: str,
        conversation: str,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply[ModelTurn]:
        """Return an answer, or calls of tools."""
        prompt = Prompt(
            instructions=prompts.load("answer_with_tools"),
            content=[_prompting.agent_input(context, language, mark=conversation)],
            person=person,
            max_output_tokens=self._limits.answer,
            tools=tools,
            exchanges=exchanges,
            may_call=may_call,
            cache_key=conversation,
        )
        turn, spend = await self._api.converse(prompt, on_text=on_text)
        return Reply(replace(turn, text=bounded(turn.text)), spend)

    async def _fill(self, prompt: Prompt, schema: type[Fields]) -> tuple[Fields, Spend]:
        text, spend = await self._api.complete(prompt)
        try:
            return filled(text, schema), spend
        except ValueError:
            raise paid(ReplyError("model-broken-reply"), spend) from None


def _captioned(noun: str, pictures: Sequence[Picture]) -> list[str | Picture]:
    """Return pictures, each behind the line that introduces it."""
    content: list[str | Picture] = []
    for number, picture in enumerate(pictures, 1):
        if (line := caption(picture, number, len(pictures), noun)) is not None:
            content.append(line)
        content.append(picture)
    return content
