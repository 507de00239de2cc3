"""What model children answer, as types: read as a stranger's words, because a child may be taken over."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, ValidationError

from services.errors import ReplyError

log = logging.getLogger(__name__)

Share = Annotated[float, Field(ge=0, le=1)]
Level = Annotated[float, Field(ge=0, le=255)]
Box = Annotated[list[int], Field(min_length=4, max_length=4)]
ColourName = Literal[
    "beige",
    "black",
    "blue",
    "brown",
    "green",
    "grey",
    "orange",
    "pink",
    "purple",
    "red",
    "turquoise",
    "white",
    "yellow",
]


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Line(_Answer):
    """One line of text in a picture."""

    text: Annotated[str, Field(min_length=1, max_length=1_000)]
    score: Share
    box: Box


class Sight(_Answer):
    """What was measured, read and counted in one picture."""

    brightness: Level
    contrast: Level
    sharpness: NonNegativeFloat
    evenness: Share
    colours: dict[ColourName, Share]
    change: Share
    lines: Annotated[list[Line], Field(max_length=1_000)]
    faces: Annotated[list[Box], Field(max_length=1_000)]


class Sights(_Answer):
    """What was seen in the pictures of one call."""

    pictures: Annotated[list[Sight], Field(max_length=100)]
    missing: list[Literal["reading", "faces"]]


class Word(_Answer):
    """One word; times as those of its segment."""

    start: float
    end: float
    text: Annotated[str, Field(max_length=1_000)]
    probability: Share


class Segment(_Answer):
    """A stretch of speech; times in seconds from the start of its piece."""

    start: NonNegativeFloat
    end: NonNegativeFloat
    text: Annotated[str, Field(max_length=5_000)]
    confidence: Share
    words: list[Word]


class Hearing(_Answer):
    """What was heard in one piece of sound."""

    seconds: NonNegativeFloat
    speech_seconds: NonNegativeFloat
    segments: Annotated[list[Segment], Field(max_length=2_000)]


class Judgement(_Answer):
    """How likely a picture shows nudity."""

    score: Share


T = TypeVar("T", bound=_Answer)


def validated(kind: type[T], result: Mapping[str, Any]) -> T:
    """Read an answer.

    Raises:
        ReplyError: It makes no sense.
    """
    try:
        return kind.model_validate(result)
    except ValidationError:
        log.warning("A model child answered nonsense")
        raise ReplyError("offline-model-failed") from None
