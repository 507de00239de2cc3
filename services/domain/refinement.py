"""Refinements: wishes, rounds, verdicts and where the loop stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.domain.media import Attachment, Box, StoredFile
from services.domain.readings import Description

RefinePreset = Literal["match", "detail", "restyle", "own"]
"""Match the original; better detail and light; another style; own words."""

RefineStart = Literal["text", "edit"]
"""Drawn anew from text alone, or the picture itself edited."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference that a judge sees between an original and a candidate."""

    what: str
    aspect: str
    box: Box


@dataclass(frozen=True, slots=True)
class Comparison:
    """A judge's structured verdict on one candidate."""

    scores: dict[str, float]
    """0 to 100 by aspect: subject, layout, colour, light, text, style."""
    summary: str
    missing: tuple[str, ...]
    differences: tuple[Difference, ...]
    prompt: str
    """The prompt rewritten so that the next candidate is better."""
    alt_text: str
    """Of the candidate."""

    @property
    def overall(self) -> float:
        """Mean of all aspects, 0 to 100."""
        return sum(self.scores.values()) / len(self.scores) if self.scores else 0.0


@dataclass(frozen=True, slots=True)
class RefineRound:
    """One generate-and-compare pass of a refinement."""

    number: int
    prompt: str
    picture: StoredFile
    comparison: Comparison
    measured: float
    """Similarity computed from the pixels, 0 to 100."""
    usd: float | None
    """What drawing and judging it cost; None when a call had no known price."""
    disagrees: bool = False
    """The judge praises what the measurement finds worse."""
    posted: Attachment | None = None
    """The candidate in its message."""
    dropped: bool = False
    """The person went back behind it: it is shown, and never the best."""

    @property
    def judged(self) -> float:
        """The judge's overall score, 0 to 100."""
        return self.comparison.overall


@dataclass(frozen=True, slots=True)
class RefineWish:
    """What a person asked a refinement for."""

    goal: str = ""
    """Empty: match the original."""
    rounds: int = 3
    start: RefineStart = "text"
    preset: RefinePreset = "match"
    keep: str = ""
    """What must stay as it is."""
    mask_words: str = ""
    """What alone may change, in words."""
    mask_file: Attachment | None = None
    reference: Attachment | None = None

    @property
    def is_match(self) -> bool:
        """Whether the candidate is to be as the original is."""
        return self.preset == "match" and not self.goal


@dataclass(frozen=True, slots=True)
class Refinement:
    """The state of a refinement between two decisions of its person."""

    id: str
    original: Attachment
    wish: RefineWish
    title: str = ""
    reading: Description | None = None
    frames: tuple[float, ...] = ()
    """Of an animation: the moments (seconds) that its person chooses from."""
    frame_seconds: float | None = None
    """The chosen one."""
    mask: Attachment | None = None
    """The confirmed mask, in its message."""
    confirmed: bool = False
    """The person has seen the estimate, or need not."""
    corrections: tuple[str, ...] = ()
    """Newest first."""
    softened: str = ""
    """The blocked prompt in milder words."""
    rounds: tuple[RefineRound, ...] = ()
    board: tuple[StoredFile, ...] = ()
    """The newest strip and chart."""
    messages: tuple[int, ...] = ()
    """Everything that was posted for it, besides the ends of its jobs."""
    board_messages: tuple[int, ...] = ()
    """The newest end of a job: the next one takes its place."""
    usd: float | None = 0.0
    """What it cost so far; None when a call had no known price."""
    ended: bool = False


RefineQuestionKind = Literal["frame", "mask", "estimate"]

RefineStop = Literal["target", "no-gain", "rounds", "money", "person", "back", "failed", "blocked", "taken"]
"""Why a stretch of a refinement ended."""

RefineAction = Literal[
    "begin", "frame", "go", "more", "correct", "back", "take", "end", "originals", "soften", "mask"
]


@dataclass(frozen=True, slots=True)
class RefineTurn:
    """What a person decided: the input of one stretch of a refinement. Its words are the job's text."""

    refinement_id: str
    stretch: int
    action: RefineAction = "begin"
    number: int = 0
    """Of the round or the frame."""
