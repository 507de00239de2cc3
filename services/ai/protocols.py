"""What the bot asks of models, named by capability. Adapters implement these; workflows know nothing else.

Every method may raise the leaves of `services.errors`: `BlockedError`, `BusyError`, `DeadlineError`,
`CreditError`, `AccessError`, `ReplyError`. An error that was paid for carries its `Spend` in `error.spend`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from services.domain import (
    Comparison,
    Correction,
    Description,
    Length,
    Moment,
    Outline,
    Reading,
    Spend,
    Summary,
    Turn,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """A model's answer and its price."""

    value: T
    spend: Spend


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded, upright, metadata-free picture made ready for a model."""

    data: bytes
    """JPEG or PNG; WebP where an image model drew something transparent."""
    mime: Literal["image/jpeg", "image/png", "image/webp"]
    width: int
    height: int
    time: float | None = None
    """Seconds from the start, for a moment of an animation or a video."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of sound as a transcription model gets it."""

    data: bytes
    """A whole file: 16-bit mono WAV at 16 kHz, or a short voice note as it was posted."""
    filename: str
    """Ends in the suffix of its format; never the posted name."""
    mime: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said in a piece of sound."""

    text: str
    """Empty when nothing was said."""
    language: str
    """BCP 47 tag; empty when the model does not tell."""


@dataclass(frozen=True, slots=True)
class LabelledReading:
    """A reading with the name by which people know its media item (`photo.png`, or `2. photo.png`)."""

    label: str
    reading: Reading
    corrections: tuple[Correction, ...] = ()
    """What people said against it, in order."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen when somebody looked again with a question."""

    answer: str
    visible_text: str
    """What is written there, line by line; empty when nothing is."""
    unsure: bool
    """It cannot be seen well enough, or not at all."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that a model may call."""

    name: str
    description: str
    arguments: type[BaseModel]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that a model calls."""

    id: str
    name: str
    arguments: str
    """JSON as the model wrote it: not checked yet."""


@dataclass(frozen=True, slots=True)
class ModelTurn:
    """What a model says next: an answer, or calls whose results it waits for."""

    text: str
    calls: tuple[ToolCall, ...] = ()
    reasoning: tuple[str, ...] = ()
    """Sealed thoughts that belong to the calls (JSON), to be sent back with their results."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Calls of a model, and what they brought."""

    turn: ModelTurn
    results: tuple[str, ...]
    """One a call, in their order."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a question in a conversation is answered from."""

    question: str
    readings: Sequence[LabelledReading]
    turns: Sequence[Turn]
    summary: str = ""
    """What the turns before these came down to."""
    about: Sequence[str] = ()
    """Labels of the items that came with the question, or in the message that it replies to."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A moderator's answer about one text or picture."""

    flagged: bool
    categories: tuple[str, ...]
    """API names of the flagged categories, e.g. `violence/graphic`."""


class VisionModel(Protocol):
    """Reads pictures."""

    async def describe(
        self, pictures: Sequence[Picture], *, question: str, language: str, person: str
    ) -> Reply[Description]:
        """Describe one picture, or one animation given as several moments in order.

        Args:
            pictures: One picture, or the chosen moments of one animation (each with its `time`).
            question: The post's question or instruction; empty when there is none.
            language: BCP 47 tag of the language to answer in when the question shows none.
            person: Keyed hash of the asker's id, sent as the safety identifier.
        """
        ...

    async def describe_frames(
        self, frames: Sequence[Picture], *, question: str, earlier: str, language: str, person: str
    ) -> Reply[tuple[Moment, ...]]:
        """Say what each frame of a video shows: one moment a frame, in their order.

        Args:
            frames: Frames of one video in order, each with its `time`.
            question: What the asker wants to know of the video; empty when nothing.
            earlier: What the frames before these showed; empty when that is not known.
            language: BCP 47 tag of the language to write in when the question shows none.
            person: Keyed hash of the asker's id.
        """
        ...


class TranscriptionModel(Protocol):
    """Writes down what is said."""

    async def transcribe(self, sound: Sound, *, context: str, language: str) -> Reply[Heard]:
        """Write down a piece of sound, word for word, in its own language.

        Args:
            context: The end of what was said before this piece; empty when that is not known.
            language: BCP 47 tag, when the asker or an earlier piece has told it; empty otherwise.
        """
        ...


SummaryKind = Literal["recording", "video", "thread"]


class TextModel(Protocol):
    """Works on text: readings, transcripts, earlier turns and a question."""

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
        """Sum up a transcript, a video's timeline or a thread.

        Args:
            material: Lines that begin with their time (`[1:23]`) where there is a clock.
            kind: What the material is made of.
            question: The asker's focus or question; empty when there is none.
            length: How much to say.
            language: BCP 47 tag of the language to write in.
            person: Keyed hash of the asker's id.
        """
        ...

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
        """Answer a question from readings and earlier turns.

        `on_text` is called with the whole text so far whenever more of it has arrived; pass None
        to get the answer in one piece.
        """
        ...


class Looker(Protocol):
    """Looks at pictures again, with a question."""

    async def look(
        self, pictures: Sequence[Picture], *, captions: Sequence[str], question: str, language: str, person: str
    ) -> Reply[Observation]:
        """Answer a question from pictures alone.

        Args:
            captions: What each picture is, e.g. `photo.png, part`.
        """
        ...


class ToolModel(Protocol):
    """Answers questions, going back to the media where it has to."""

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
        """Return the model's next turn.

        Args:
            exchanges: What it has called so far for this question.
            tools: What it may call.
            may_call: False: it has to answer now.
            conversation: Keyed hash of the conversation: marks its material, and finds its cached prompt.
            on_text: Called with the whole text so far whenever more of it has arrived.
        """
        ...


class Moderator(Protocol):
    """Says whether something may be posted."""

    async def judge_picture(self, picture: Picture) -> Reply[Verdict]:
        """Judge a picture before the bot posts it."""
        ...

    async def judge_text(self, text: str) -> Reply[Verdict]:
        """Judge a text."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """What a comparison is made for."""

    goal: str
    """What is to be different from the original; empty: nothing."""
    keep: str
    corrections: Sequence[str]
    """What the person said about earlier candidates, newest first."""
    reading: str
    """What the original shows, in words."""
    prompt: str
    """From which the candidate was drawn."""


class Judge(Protocol):
    """Compares a drawn picture with its original, both seen in one call."""

    async def compare(
        self, original: Picture, candidate: Picture, task: Task, *, swapped: bool, language: str, person: str
    ) -> Reply[Comparison]:
        """Judge a candidate.

        Args:
            swapped: Show the candidate first: judges favour places.
            language: BCP 47 tag to write in.
            person: Keyed hash of the asker's id.
        """
        ...

    async def point_at(self, picture: Picture, words: str, *, person: str) -> Reply[tuple[Outline, ...]]:
        """Say where something is; nothing when it is not there."""
        ...

    async def soften(self, prompt: str, *, person: str) -> Reply[str]:
        """Reword a prompt that an image model refused, so that it keeps to the rules."""
        ...


class ImageModel(Protocol):
    """Draws pictures. What comes back is as the model made it: clean it before anything else."""

    async def draw(self, prompt: str, *, width: int, height: int, person: str) -> Reply[bytes]:
        """Draw a picture from words alone, in px that the model takes."""
        ...

    async def edit(
        self,
        pictures: Sequence[Picture],
        prompt: str,
        *,
        mask: bytes | None,
        width: int,
        height: int,
        person: str,
    ) -> Reply[bytes]:
        """Draw the first of some pictures anew, as the words say.

        Args:
            pictures: The first is edited; the others are to be gone by.
            mask: PNG of the first picture's size, transparent where it may change; None: anywhere.
        """
        ...
