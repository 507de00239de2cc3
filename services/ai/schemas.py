"""What models are asked to fill in; strict schemas know no defaults and no free dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pydantic import BaseModel, ConfigDict, model_validator

from services.ai._filled import bounded
from services.ai.protocols import Observation
from services.domain import Chapter, Description, Moment, Summary

TITLE_LIMIT = 100
ALT_TEXT_LIMIT = 1000
LANGUAGE_TAG_LIMIT = 35
"""Longest tag that BCP 47 asks programs to be ready for."""


class StrictFields(BaseModel):
    """Fields of a strict schema, which must say that there are no others.

    What a server adds all the same is ignored, not refused.
    """

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})


class DescriptionFields(StrictFields):
    """The structured answer to `describe_picture` and `describe_animation`."""

    title: str
    text: str
    visible_text: str
    alt_text: str
    answer: str

    @model_validator(mode="before")
    @classmethod
    def _empty_where_null(cls, fields: object) -> object:
        """Servers that take no schema leave out, or fill with null, what is empty."""
        if not isinstance(fields, dict):
            return fields
        given = {name: value for name, value in cast("dict[str, object]", fields).items() if value is not None}
        return {"title": "", "visible_text": "", "alt_text": "", "answer": "", **given}

    def to_domain(self) -> Description:
        """Return the reading, trimmed to what can be shown."""
        text = bounded(self.text.strip())
        return Description(
            title=shortened(self.title.strip() or text, TITLE_LIMIT),
            text=text,
            visible_text=bounded(self.visible_text.strip()),
            alt_text=shortened(self.alt_text.strip() or text, ALT_TEXT_LIMIT),
            answer=bounded(self.answer.strip()),
        )


class ObservationFields(StrictFields):
    """The structured answer to `look_again`."""

    answer: str
    visible_text: str
    unsure: bool

    def to_domain(self) -> Observation:
        """Return the observation."""
        return Observation(self.answer.strip(), self.visible_text.strip(), self.unsure)


class MomentFields(StrictFields):
    """One frame of a video."""

    time_seconds: float
    text: str
    visible_text: str


class MomentsFields(StrictFields):
    """The structured answer to `describe_frames`."""

    moments: list[MomentFields]

    def to_domain(self, times: Sequence[float]) -> tuple[Moment, ...]:
        """Return one moment for each frame that was sent.

        Models leave frames out and change times; each frame gets the answer whose time is nearest,
        and a frame without an answer of its own says nothing.
        """
        nearest: dict[int, MomentFields] = {}
        for each in self.moments:
            index = min(range(len(times)), key=lambda at: abs(times[at] - each.time_seconds))
            nearest.setdefault(index, each)
        return tuple(
            Moment(times[index], " ".join(each.text.split()), each.visible_text.strip())
            for index, each in sorted(nearest.items())
        )


class ChapterFields(StrictFields):
    """A part of a recording or a video."""

    start_seconds: float
    title: str
    text: str


class SummaryFields(StrictFields):
    """The structured answer to `summarize_recording`, `summarize_video` and `summarize_thread`."""

    title: str
    text: str
    key_points: list[str]
    decisions: list[str]
    todos: list[str]
    chapters: list[ChapterFields]
    people: list[str]
    only_heard: list[str]
    only_seen: list[str]
    open_questions: list[str]
    language: str
    answer: str

    def to_domain(self) -> Summary:
        """Return the summary, trimmed to what can be shown."""
        text = self.text.strip()
        return Summary(
            title=shortened(self.title.strip() or text, TITLE_LIMIT),
            text=text,
            key_points=_lines(self.key_points),
            decisions=_lines(self.decisions),
            todos=_lines(self.todos),
            chapters=tuple(
                Chapter(max(each.start_seconds, 0.0), shortened(each.title, TITLE_LIMIT), each.text.strip())
                for each in sorted(self.chapters, key=lambda each: each.start_seconds)
            ),
            people=_lines(self.people),
            only_heard=_lines(self.only_heard),
            only_seen=_lines(self.only_seen),
            open_questions=_lines(self.open_questions),
            language=self.language.strip()[:LANGUAGE_TAG_LIMIT],
            answer=self.answer.strip(),
        )


def _lines(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(line for each in texts if (line := " ".join(each.split())))


def shortened(text: str, limit: int) -> str:
    """Cut a text at a word's end to at most `limit` characters, with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rsplit(" ", 1)[0] or head).rstrip(" ,.;:") + "…"
