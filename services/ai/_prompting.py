"""The words of each task, the same for both APIs: instructions and input."""

from __future__ import annotations

from collections.abc import Sequence

from services.ai import prompts
from services.ai._blocks import Blocks
from services.ai.protocols import Context, LabelledReading, Picture
from services.domain import Length, Turn
from services.readings import as_text

_LENGTHS: dict[Length, str] = {
    "short": "Length: short. Two or three sentences; at most three entries in any list.",
    "normal": "Length: normal. One paragraph; at most eight entries in any list.",
    "long": "Length: long. Several paragraphs; as many entries as the material holds.",
}


def describe_instructions(pictures: Sequence[Picture]) -> str:
    """Return the instructions for one picture, or for the moments of an animation."""
    moving = len(pictures) > 1 or pictures[0].time is not None
    return prompts.load("describe_animation" if moving else "describe_picture")


def describe_input(question: str, language: str) -> str:
    """Return what stands before the pictures."""
    blocks = Blocks()
    if question:
        blocks.request(question)
    else:
        blocks.note("There is no request: leave answer empty.")
    blocks.note(f"Language where the request shows none: {language}")
    return str(blocks)


def frames_input(question: str, earlier: str, language: str) -> str:
    """Return what stands before the frames of a video."""
    blocks = Blocks()
    if earlier:
        blocks.data("earlier frames", earlier)
    if question:
        blocks.request(question)
    blocks.note(f"Language where the request shows none: {language}")
    return str(blocks)


def summary_input(material: str, question: str, length: Length, language: str) -> str:
    """Return the material as data, then what the asker wants of it."""
    blocks = Blocks()
    blocks.data("material", material)
    blocks.note(_LENGTHS[length])
    blocks.note(f"Language to write in: {language}")
    if question:
        blocks.request(question)
    else:
        blocks.note("There is no request: leave answer empty.")
    return str(blocks)


def answer_input(
    question: str, readings: Sequence[LabelledReading], turns: Sequence[Turn], language: str
) -> str:
    """Return readings and earlier turns as data, then the question."""
    blocks = Blocks()
    for labelled in readings:
        _reading(blocks, labelled)
    _turns(blocks, turns)
    blocks.note(f"Language where the question shows none: {language}")
    blocks.request(question)
    return str(blocks)


def agent_input(context: Context, language: str, *, mark: str) -> str:
    """Return what a conversation holds as data, what changes least first, then the question."""
    blocks = Blocks(mark)
    for labelled in context.readings:
        _reading(blocks, labelled)
    if context.summary:
        blocks.data("earlier messages, summed up", context.summary)
    _turns(blocks, context.turns)
    if context.about:
        blocks.note(f"The question came with, or replies to, item {' and item '.join(context.about)}.")
    blocks.note(f"Language where the question shows none: {language}")
    blocks.request(context.question)
    return str(blocks)


def picture_caption(name: str) -> str:
    """Return the line that introduces a picture; file names are data like all that people post."""
    return f"{' '.join(name.split())}:"


def _reading(blocks: Blocks, labelled: LabelledReading) -> None:
    text = as_text(labelled.reading, labelled.corrections)
    blocks.data("reading", f"Item: {labelled.label}\n{text}")


def _turns(blocks: Blocks, turns: Sequence[Turn]) -> None:
    for turn in turns:
        blocks.data(f"message by {'a person' if turn.author == 'person' else 'you'}", turn.text)
