"""What the bot asks of models, named by capability. Adapters implement these; workflows know nothing else.

Every method may raise the leaves of `services.errors`: `BlockedError`, `BusyError`, `DeadlineError`,
`CreditError`, `ReplyError`. An error that was paid for carries its `Spend` in `error.spend`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from services.domain import Description, Spend, Turn

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
    """JPEG or PNG."""
    mime: Literal["image/jpeg", "image/png"]
    width: int
    height: int
    time: float | None = None
    """Seconds from the start, for a moment of an animation or a video."""


@dataclass(frozen=True, slots=True)
class LabelledReading:
    """A reading with the name by which people know its media item (`photo.png`, or `2. photo.png`)."""

    label: str
    reading: Description


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


class TextModel(Protocol):
    """Answers from text: readings, earlier turns and a question."""

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


class Moderator(Protocol):
    """Says whether something may be posted."""

    async def judge_picture(self, picture: Picture) -> Reply[Verdict]:
        """Judge a picture before the bot posts it."""
        ...

    async def judge_text(self, text: str) -> Reply[Verdict]:
        """Judge a text."""
        ...
