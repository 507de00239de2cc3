"""Readings: the durable bridge text of a media item."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Description:
    """The reading of a picture or an animation: what later answers and drawings are built on."""

    title: str
    text: str
    """What is to be seen, in prose."""
    visible_text: str
    """What is written in the picture, line by line; empty when nothing is."""
    alt_text: str
    """At most 1000 characters, for people who cannot see the picture."""
    answer: str = ""
    """The reply to the post's own question or instruction; empty when it had none."""
    type: Literal["description"] = "description"


@dataclass(frozen=True, slots=True)
class Segment:
    """Some words of a recording, on the file's own clock."""

    start: float
    """Seconds; exact for the first segment of a piece of sound, otherwise interpolated."""
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """What one frame of a video shows."""

    time: float
    """Seconds, on the file's own clock."""
    text: str
    visible_text: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a recording or a video that is about one thing."""

    start: float
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a long recording, a video or a thread comes down to. Lists are empty where there is nothing."""

    title: str
    text: str
    key_points: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    todos: tuple[str, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    people: tuple[str, ...] = ()
    """Who speaks or appears, as far as the material says."""
    only_heard: tuple[str, ...] = ()
    only_seen: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    language: str = ""
    """BCP 47 tag of the material's language; empty when nobody can tell."""
    answer: str = ""
    """The reply to what the asker wanted to know; empty when nothing was asked."""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark beside a result, e.g. up to where a damaged file could be read.

    `code` names an entry of the string catalogue, `params` fills it.
    """

    code: str
    params: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Transcript:
    """The reading of a recording."""

    seconds: float
    segments: tuple[Segment, ...]
    language: str
    """BCP 47 tag; empty when nobody can tell."""
    summary: Summary | None = None
    """Of longer recordings, and where something was asked."""
    notes: tuple[Note, ...] = ()
    type: Literal["transcript"] = "transcript"


@dataclass(frozen=True, slots=True)
class Timeline:
    """The reading of a video: frames and sound on one clock, and what they come down to."""

    seconds: float
    moments: tuple[Moment, ...]
    """In order; empty when the video has no picture that can be shown."""
    segments: tuple[Segment, ...]
    """In order; empty when nothing is said."""
    language: str
    summary: Summary
    notes: tuple[Note, ...] = ()
    type: Literal["timeline"] = "timeline"


Reading = Description | Transcript | Timeline


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person set right in a reading."""

    text: str
    by_id: int
    replaces: bool = False
    """The text stands for all that was read, instead of being added to it."""


@dataclass(frozen=True, slots=True)
class EarlierReading:
    """Where the same file was read before, in a place that the asker may see."""

    guild_id: int
    channel_id: int
    message_id: int
    reading: Reading
