"""The words of each task, the same for both APIs: instructions and input."""

from __future__ import annotations

from collections.abc import Sequence

from services.ai import prompts
from services.ai._blocks import Blocks
from services.ai.protocols import LabelledReading, Picture
from services.domain import Turn


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


def answer_input(
    question: str, readings: Sequence[LabelledReading], turns: Sequence[Turn], language: str
) -> str:
    """Return readings and earlier turns as data, then the question."""
    blocks = Blocks()
    for labelled in readings:
        reading = labelled.reading
        lines = [f"Item: {labelled.label}", f"Title: {reading.title}", reading.text]
        if reading.visible_text:
            lines.append(f"Written in it:\n{reading.visible_text}")
        if reading.answer:
            lines.append(f"Said about it when it was posted: {reading.answer}")
        blocks.data("reading", "\n".join(lines))
    for turn in turns:
        blocks.data(f"message by {'a person' if turn.author == 'person' else 'you'}", turn.text)
    blocks.note(f"Language where the question shows none: {language}")
    blocks.request(question)
    return str(blocks)
