"""Outcomes: how jobs end, as their presenters show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.domain.jobs import Estimate, Failure
from services.domain.media import MediaItem, StoredFile
from services.domain.readings import EarlierReading, Note, Reading, Summary
from services.domain.refinement import Refinement, RefineQuestionKind, RefineRound, RefineStop


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """The end of one attachment: exactly one of `reading`, `failure`, `estimate` and `earlier` is set."""

    filename: str
    spoiler: bool = False
    item: MediaItem | None = None
    reading: Reading | None = None
    failure: Failure | None = None
    estimate: Estimate | None = None
    """It is long: nothing was paid yet, and the asker decides."""
    earlier: EarlierReading | None = None
    """It was transcribed before in this server."""
    files: tuple[StoredFile, ...] = ()
    """Made for this reading, such as a contact sheet."""


@dataclass(frozen=True, slots=True)
class AlbumOutcome:
    """The end of a `read_post` job."""

    question: str
    items: tuple[ItemOutcome, ...]
    answer: str = ""
    """The common answer when several items and a question were posted."""
    answer_failure: Failure | None = None
    type: Literal["album"] = "album"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A picture that was looked at for an answer, small."""

    file: StoredFile
    label: str
    """The item, and the time or part."""


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """The end of an `answer_question` job."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[Note, ...] = ()
    spoiler: bool = False
    """Something that it was made from is hidden behind a spoiler."""
    refine: str = ""
    """The item (its attachment's id) that the asker wants to have drawn; empty for none."""
    type: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True)
class SummaryOutcome:
    """The end of a `summarize_thread` job."""

    summary: Summary
    type: Literal["summary"] = "summary"


@dataclass(frozen=True, slots=True)
class FailedOutcome:
    """A job that could not be done at all."""

    failure: Failure
    type: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True)
class StoppedOutcome:
    """A job that a person stopped."""

    by_id: int
    type: Literal["stopped"] = "stopped"


@dataclass(frozen=True, slots=True)
class RoundOutcome:
    """One round, as it is posted while the stretch goes on."""

    refinement: Refinement
    round: RefineRound
    previous_prompt: str
    type: Literal["round"] = "round"


@dataclass(frozen=True, slots=True)
class RefineOutcome:
    """Where a refinement stands, with what can be done next."""

    refinement: Refinement
    next_stretch: int
    best: int | None
    """Number of the best round."""
    stop: RefineStop | None = None
    """None while it goes on."""
    failure: Failure | None = None
    by_id: int | None = None
    """Who stopped it."""
    type: Literal["refine"] = "refine"


@dataclass(frozen=True, slots=True)
class RefineQuestion:
    """What a person has to decide before money is spent."""

    refinement: Refinement
    kind: RefineQuestionKind
    next_stretch: int
    pictures: tuple[StoredFile, ...] = ()
    """The sheet of frames, or what the mask lets change."""
    files: tuple[StoredFile, ...] = ()
    """The mask itself."""
    choices: int = 0
    """How many frames there are to choose from."""
    estimate_usd: float | None = None
    notes: tuple[str, ...] = ()
    """What had to be guessed about an uploaded mask."""
    type: Literal["refine-question"] = "refine-question"


@dataclass(frozen=True, slots=True)
class RefineFiles:
    """The original pictures of a refinement as files, or the one that its person took."""

    refinement: Refinement
    files: tuple[StoredFile, ...]
    taken: int | None = None
    """Number of the round that was taken."""
    type: Literal["refine-files"] = "refine-files"


Outcome = (
    AlbumOutcome
    | AnswerOutcome
    | SummaryOutcome
    | RoundOutcome
    | RefineOutcome
    | RefineQuestion
    | RefineFiles
    | FailedOutcome
    | StoppedOutcome
)
