"""What its author changes in a post while it is still being read.

The event changes the job's row; the workflow looks at the row once everything is read, and again once
that is answered, in steps. The last look begins the delivery, unless there was another edit. So an edit
counts up to the delivery, also when it came while the job was waiting in the queue.
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
    Place,
    Reading,
    Timeline,
    Transcript,
)
from services.engine import Engine
from services.store.conversations import ConversationRepository
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
            kept = tuple(
                each for each in request.attachments if not _is_removed(each, message_id, attachment_ids)
            )
            if not kept:
                await self._take_back.message(message_id)
                is_read = True
            elif len(text) > self._most_chars or await self._jobs.amend(
                replace(request, text=text, attachments=kept)
            ):
                is_read = True
        return is_read


@dataclass(frozen=True, slots=True)
class Amended:
    """A post and what was read of it, as its author wants it by now."""

    request: JobRequest
    items: list[ItemOutcome]
    asks_anew: bool = False
    """What is asked now was not asked when the files were read."""


class Amendments:
    """Takes edits over into a job that has read its files."""

    def __init__(self, *, engine: Engine, jobs: JobRepository, conversations: ConversationRepository) -> None:
        self._engine = engine
        self._jobs = jobs
        self._conversations = conversations

    async def newest(self, seen: JobRequest, place: Place, *, is_done: bool) -> JobRequest | None:
        """Return what a post asks by now; None once its delivery has begun.

        Args:
            seen: What it asked at the last look.
            is_done: That is answered: unless there was another edit, the delivery begins.
        """
        return await self._engine.step(
            "reread", self._look, seen, place, is_done, result_type=JobRequest | None
        )

    async def close(self, request: JobRequest) -> None:
        """Begin the delivery before the last answer: edits from now on are asked anew."""
        await self._engine.step("close", self._jobs.begin_delivery, request.job_id, result_type=bool)

    async def _look(self, seen: JobRequest, place: Place, is_done: bool) -> JobRequest | None:
        if is_done:
            newest = await self._jobs.settle(seen)
        else:
            job = await self._jobs.get(seen.job_id)
            newest = job.request if job is not None else seen
        removed = set(seen.attachments) - set(newest.attachments) if newest is not None else set[Attachment]()
        if removed:  # An answer that was made before may have needed their readings.
            conversation_id = seen.conversation_id or place.conversation_id
            ids = [each.source.attachment_id for each in removed]
            await self._conversations.leave_out(conversation_id, ids)
        return newest


def amended(
    request: JobRequest, newest: JobRequest, taken: Sequence[Attachment], items: Sequence[ItemOutcome]
) -> Amended:
    """Return the newest text, and the items without those whose files were removed.

    Args:
        request: What was asked when the files were read.
        taken: The attachment of each item.
    """
    removed = set(request.attachments) - set(newest.attachments)
    kept = [item for item, each in zip(items, taken, strict=True) if each not in removed]
    asks_anew = newest.text != request.text
    if asks_anew:
        kept = [replace(item, reading=_unanswered(item.reading)) for item in kept]
    return Amended(replace(request, text=newest.text, attachments=newest.attachments), kept, asks_anew)


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
