"""What people do with a job of theirs: stop it, ask again, take its answer back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.delivery import Delivery
from services.domain import StoppedOutcome
from services.engine import Engine
from services.errors import UserError
from services.store.conversations import ConversationRepository
from services.store.jobs import Job, JobRepository, JobState
from services.store.questions import QuestionRepository
from services.workflows.intake import Intake


class StopJob:
    """Stops a running job: at once for people, within about a second for the models."""

    def __init__(self, *, engine: Engine, jobs: JobRepository, delivery: Delivery) -> None:
        self._engine = engine
        self._jobs = jobs
        self._delivery = delivery

    async def run(self, job: Job, by_id: int) -> None:
        """Stop a job and say by whom.

        Raises:
            UserError: Its answer is already there, or on its way.
        """
        if not await self._jobs.stop(job.request.job_id):
            raise UserError("too-late-to-stop")
        await self._engine.cancel(job.request.job_id)
        await self._delivery.deliver(job.request, job.place, StoppedOutcome(by_id), in_place=True)


class RetryJob:
    """Does a finished job once more, as a job of its own."""

    def __init__(self, *, intake: Intake) -> None:
        self._intake = intake

    async def run(self, job: Job, by_id: int) -> None:
        """Start the job again for whoever asks; a second press of the same button starts nothing."""
        request = job.request
        root, _, round_number = request.job_id.partition("-r")
        again = replace(
            request,
            job_id=f"{root}-r{int(round_number or 0) + 1}",
            requester_id=by_id,
            origin=replace(request.origin, channel_id=job.place.channel_id, in_thread=job.place.is_thread),
            interaction_id=None,
        )
        await self._intake.accept(again)


class ConfirmJob:
    """Reads the long files of a finished job, whose estimate its asker has seen."""

    def __init__(self, *, intake: Intake) -> None:
        self._intake = intake

    async def run(self, job: Job, positions: Sequence[int]) -> None:
        """Start the reading; a second press of the same button starts nothing.

        Args:
            positions: Which of the job's attachments; what it has read already is not read again.
        """
        request = job.request
        confirmed = replace(
            request,
            job_id=f"{request.job_id}-go",
            attachments=tuple(request.attachments[at] for at in positions if at < len(request.attachments)),
            origin=replace(request.origin, channel_id=job.place.channel_id, in_thread=job.place.is_thread),
            interaction_id=None,
            options=replace(request.options, confirmed=True),
        )
        await self._intake.accept(confirmed)


class TakeBack:
    """Deletes an answer, or all that was made of a message whose author deleted it."""

    def __init__(
        self,
        *,
        engine: Engine,
        jobs: JobRepository,
        questions: QuestionRepository,
        conversations: ConversationRepository,
        delivery: Delivery,
    ) -> None:
        self._engine = engine
        self._jobs = jobs
        self._questions = questions
        self._conversations = conversations
        self._delivery = delivery

    async def answer(self, job: Job) -> None:
        """Delete the messages of a finished job.

        The card is among them: it may have become the answer a moment before the row says so.
        """
        standing = {*job.message_ids, job.place.progress_message_id}
        await self._delivery.take_back(job.place.channel_id, sorted(standing))

    async def message(self, message_id: int) -> None:
        """Cancel the jobs of a deleted message, delete what they posted and what was kept of it."""
        for job in await self._jobs.of_message(message_id):
            if job.state in {JobState.RUNNING, JobState.DELIVERING}:
                await self._jobs.stop(job.request.job_id)
                await self._engine.cancel(job.request.job_id)
            standing = {*job.message_ids, job.place.progress_message_id}
            await self._delivery.take_back(job.place.channel_id, sorted(standing))
            await self._questions.forget(job.request.job_id)
            await self._jobs.forget(job.request.job_id)
        await self._conversations.forget_message(message_id)
