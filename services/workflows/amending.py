"""What its author changes in a post while it is still being read.

The event changes the job's row; the workflow looks at the row once everything is read, in a step. So
an edit counts up to that moment, also when it came while the job was waiting in the queue.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from services.domain import (
    Attachment,
    Description,
    ItemOutcome,
    JobRequest,
    MessageSource,
    Reading,
    Timeline,
    Transcript,
)
from services.engine import Engine
from services.store.jobs import JobRepository, JobState
from services.workflows.steering import TakeBack


class AmendPost:
    """Writes an edit of a post into the jobs that read it."""

    def __init__(self, *, jobs: JobRepository, take_back: TakeBack, most_chars: int) -> None:
        self._jobs = jobs
        self._take_back = take_back
        self._most_chars = most_chars

    async def run(self, message_id: int, *, text: str, attachment_ids: Collection[int]) -> bool:
        """Take the new text, and leave out files that were removed; tell whether the post is being read.

        A post without any of its files left asks for nothing any more: its job ends.

        Args:
            attachment_ids: The files that the message still has.
        """
        is_read = False
        for job in await self._jobs.of_message(message_id):
            request = job.request
            if (
                request.workflow != "read_post"
                or request.interaction_id is not None
                or job.state is not JobState.RUNNING
            ):
                continue
            is_read = True
            kept = tuple(
                each for each in request.attachments if not _is_removed(each, message_id, attachment_ids)
            )
            if not kept:
                await self._take_back.message(message_id)
            elif len(text) <= self._most_chars:
                await self._jobs.amend(replace(request, text=text, attachments=kept))
        return is_read


@dataclass(frozen=True, slots=True)
class Amended:
    """A post and what was read of it, as its author wants it by now."""

    request: JobRequest
    items: list[ItemOutcome]
    asks_anew: bool
    """What is asked now was not asked when the files were read."""


class Amendments:
    """Takes edits over into a job that has read its files."""

    def __init__(self, *, engine: Engine, jobs: JobRepository) -> None:
        self._engine = engine
        self._jobs = jobs

    async def apply(
        self, request: JobRequest, taken: Sequence[Attachment], items: Sequence[ItemOutcome]
    ) -> Amended:
        """Return the newest text, and the items without those whose files were removed.

        Args:
            taken: The attachment of each item.
        """
        newest = await self._engine.step("reread", self._newest, request, result_type=JobRequest)
        removed = set(request.attachments) - set(newest.attachments)
        kept = [item for item, each in zip(items, taken, strict=True) if each not in removed]
        asks_anew = newest.text != request.text
        if asks_anew:
            kept = [replace(item, reading=_unanswered(item.reading)) for item in kept]
        return Amended(replace(request, text=newest.text), kept, asks_anew)

    async def _newest(self, request: JobRequest) -> JobRequest:
        job = await self._jobs.get(request.job_id)
        return job.request if job is not None else request


def _is_removed(attachment: Attachment, message_id: int, attachment_ids: Collection[int]) -> bool:
    source = attachment.source
    of_post = isinstance(source, MessageSource) and source.message_id == message_id
    return of_post and source.attachment_id not in attachment_ids


def _unanswered(reading: Reading | None) -> Reading | None:
    """Return a reading without the answer to a question that nobody asks any more."""
    match reading:
        case Description():
            return replace(reading, answer="")
        case Transcript() | Timeline() if reading.summary is not None:
            return replace(reading, summary=replace(reading.summary, answer=""))
        case _:
            return reading
