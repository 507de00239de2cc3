"""The vocabulary every part of Isthmus shares: frozen values, no behaviour beyond reading themselves.

All values here survive a round trip through JSON (see `services/codec.py`), because workflow
inputs and step results are stored that way. Ids are Discord snowflakes (`int`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Kind(StrEnum):
    """What a media item is, decided by its bytes alone."""

    IMAGE = "image"
    ANIMATION = "animation"
    VOICE = "voice"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class MessageSource:
    """An attachment that belongs to a message; the message is fetched again for a fresh URL."""

    channel_id: int
    message_id: int
    attachment_id: int
    type: Literal["message"] = "message"


@dataclass(frozen=True, slots=True)
class InteractionSource:
    """An attachment that came with a slash command and belongs to no message (yet).

    Its signed URL lives encrypted in table `interactions` until it expires.
    """

    interaction_id: int
    attachment_id: int
    type: Literal["interaction"] = "interaction"


@dataclass(frozen=True, slots=True)
class Attachment:
    """What Discord claims about one attached file; only `source` is to be trusted."""

    source: MessageSource | InteractionSource
    filename: str
    size: int
    """Declared bytes."""
    content_type: str | None = None
    """Declared type, derived from the file name by Discord: a hint, never a decision."""
    spoiler: bool = False
    voice: bool = False
    """The message carries the voice-note flag."""
    author_alt: str | None = None
    """The alt text that the poster wrote, if any."""


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One attachment whose bytes were seen: the key to its readings."""

    source: MessageSource | InteractionSource
    filename: str
    kind: Kind
    size: int
    """Bytes really received."""
    sha256: str
    """Hex digest of the file as received."""
    spoiler: bool = False


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
class StoredFile:
    """A file that a step made; its bytes wait in table `blobs` until the job's messages stand."""

    name: str
    sha256: str
    alt_text: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What reading a long recording or video would take, before anything is paid."""

    media_seconds: float
    work_seconds: float
    usd: float | None
    """None when a model has no known price."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be done, told in one sentence.

    `code` names an entry of the string catalogue, `params` fills it, `reference` is the short id
    that stands beside the details in the log.
    """

    code: str
    params: dict[str, str] = field(default_factory=dict[str, str])
    reference: str = ""
    retryable: bool = False
    """Whether trying again later may help."""


@dataclass(frozen=True, slots=True)
class EarlierReading:
    """Where the same file was read before, in a place that the asker may see."""

    guild_id: int
    channel_id: int
    message_id: int
    reading: Reading


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


Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares (0 to 1) of a picture."""
Outline = tuple[tuple[float, float], ...]
"""Corners of a closed shape, as shares of a picture; three or more."""
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

Task = Literal["describe", "transcribe", "summarize"]
Length = Literal["short", "normal", "long"]


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How the asker wants media to be read."""

    task: Task = "describe"
    """`transcribe` listens only; `summarize` sums up also what is short."""
    length: Length = "normal"
    language: str = ""
    """BCP 47 tag to write in; empty: the asker's."""
    start: float | None = None
    """Seconds; only what comes from then on is read."""
    end: float | None = None
    confirmed: bool = False
    """The asker has seen the estimate of a long file and wants it read."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from and where its answer belongs.

    `thread_allowed` is what the gateway saw: whether a thread may be opened on that message.
    """

    guild_id: int | None
    channel_id: int
    message_id: int | None
    """The message to answer; None for a slash command, whose own response takes its place."""
    thread_allowed: bool
    in_thread: bool = False
    """`channel_id` is itself a thread (answers stay in it, as replies)."""
    own_thread: bool = False
    """That thread was opened by the bot: its messages are a conversation."""


@dataclass(frozen=True, slots=True)
class JobRequest:
    """The input of a workflow: one request of one person."""

    job_id: str
    workflow: str
    requester_id: int
    origin: Origin
    text: str = ""
    """What the person wrote: a question, an instruction, or nothing."""
    attachments: tuple[Attachment, ...] = ()
    locale: str = "en"
    interaction_id: int | None = None
    """The command or menu it came from; its token waits in table `interactions`."""
    conversation_id: int | None = None
    """The conversation a follow-up belongs to; None when this job begins one."""
    options: ReadingOptions = ReadingOptions()
    refine: RefineTurn | None = None
    """Set for `refine_image`."""
    replies_to: int | None = None
    """The message that the request replies to."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job speaks: a thread (or, where there can be none, the channel) and its progress card."""

    channel_id: int
    progress_message_id: int
    reply_to: int | None = None
    """Set where there is no thread of our own: every message replies to this one."""
    is_thread: bool = False

    @property
    def conversation_id(self) -> int:
        """The thread; without one, the message that began the reply chain."""
        return self.channel_id if self.is_thread or self.reply_to is None else self.reply_to


class ItemState(StrEnum):
    """Where one attachment of a running job stands."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ItemProgress:
    filename: str
    state: ItemState
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A snapshot of a running job for its progress card."""

    phase: str
    """Catalogue key of the phase, without its `phase-` prefix."""
    done: int
    total: int
    items: tuple[ItemProgress, ...] = ()
    spent_usd: float | None = 0.0
    """None when a call had no known price."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation."""

    message_id: int
    author: Literal["person", "bot"]
    author_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Spend:
    """What one model call really cost, from the API's own usage figures and the dated price table."""

    role: str
    model: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    usd: float | None
    """None: the table has no price for this model. Never 0 by ignorance."""
