"""Jobs: what a person asked for, where it is answered, how far it is and what it cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from services.domain.media import Attachment
from services.domain.refinement import RefineTurn


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
