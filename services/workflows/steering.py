"""What people do with a job of theirs: stop it, ask again, take its answer back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from services.delivery import Delivery
from services.domain import JobRequest, Origin, Outcome, RefineOutcome, StoppedOutcome
from services.engine import Engine
from services.errors import BotError, UserError
from services.media.cache import MediaCache
from services.operating.metrics import Metrics
from services.refining import best_round
from services.store.conversations import ConversationRepository
from services.store.deletions import DeletionRepository
from services.store.jobs import ENDED, Job, JobRepository, JobResult, JobState
from services.store.questions import QuestionRepository
from services.store.refinements import RefinementRepository
from services.workflows.intake import Intake
from services.workflows.job import is_taken_back, stands_last

log = logging.getLogger(__name__)

OVERDUE_SECONDS = 30.0
"""Longer than it takes to take a message back."""


class StopJob:
    """Stops a running job: at once for people, within about a second for the models."""

    def __init__(
        self,
        *,
        engine: Engine,
        jobs: JobRepository,
        refinements: RefinementRepository,
        delivery: Delivery,
        metrics: Metrics,
    ) -> None:
        self._metrics = metrics
        self._engine = engine
        self._jobs = jobs
        self._refinements = refinements
        self._delivery = delivery

    async def run(self, job: Job, by_id: int) -> None:
        """Stop a job and say by whom.

        Raises:
            UserError: Its answer is already there, or on its way.
        """
        if not await self._jobs.stop(job.request.job_id):
            raise UserError("too-late-to-stop")
        await self._engine.cancel(job.request.job_id)
        self._metrics.job_ended(job.request.workflow, JobResult.STOPPED, time.time() - job.created)
        outcome = await self._outcome(job, by_id)
        messages = await self._delivery.deliver(
            job.request, job.place, outcome, in_place=not stands_last(outcome)
        )
        if isinstance(outcome, RefineOutcome):
            state = outcome.refinement
            old = [each for each in state.board_messages if each not in messages]
            await self._refinements.save(replace(state, board_messages=tuple(messages)))
            await self._delivery.take_back(job.place.channel_id, old)

    async def _outcome(self, job: Job, by_id: int) -> Outcome:
        """A stopped refinement keeps its rounds, and can go on from them."""
        turn = job.request.refine
        state = await self._refinements.get(turn.refinement_id) if turn else None
        if turn is None or state is None or not state.rounds:
            return StoppedOutcome(by_id)
        best = best_round(state.rounds)
        number = best.number if best else None
        return RefineOutcome(state, turn.stretch + 1, number, "person", by_id=by_id)


class RetryJob:
    """Does a finished job once more, as a job of its own."""

    def __init__(self, *, intake: Intake, jobs: JobRepository) -> None:
        self._intake = intake
        self._jobs = jobs

    async def run(self, job: Job, by_id: int) -> Job | None:
        """Start the job again for whoever asks.

        A second press of the same button starts and pays nothing: the job that the first one started is
        returned, so that the presser can be led there.
        """
        request = job.request
        root, _, round_number = request.job_id.partition("-r")
        job_id = f"{root}-r{int(round_number or 0) + 1}"
        if (started := await self._jobs.get(job_id)) is not None:
            return started
        again = replace(
            request,
            job_id=job_id,
            requester_id=by_id,
            origin=_origin_in_place(job),
            interaction_id=None,
            missed=False,
        )
        await self._intake.accept(again)
        return None


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
            origin=_origin_in_place(job),
            interaction_id=None,
            missed=False,
            options=replace(request.options, confirmed=True),
        )
        await self._intake.accept(confirmed)


def _origin_in_place(job: Job) -> Origin:
    """Return where the next job of a job's card is answered: in the same place.

    A command's own response cannot be filled twice, so its card takes that place.
    """
    return replace(
        job.request.origin,
        channel_id=job.place.channel_id,
        # An outcome may have been posted anew, and its card deleted.
        message_id=job.request.origin.message_id or next(iter(job.message_ids), job.place.progress_message_id),
        in_thread=job.place.is_thread,
    )


class TakeBack:
    """Deletes an answer, or all that was made of a message whose author deleted it."""

    def __init__(
        self,
        *,
        engine: Engine,
        jobs: JobRepository,
        questions: QuestionRepository,
        conversations: ConversationRepository,
        refinements: RefinementRepository,
        deletions: DeletionRepository,
        delivery: Delivery,
        cache: MediaCache,
    ) -> None:
        self._engine = engine
        self._jobs = jobs
        self._deletions = deletions
        self._questions = questions
        self._conversations = conversations
        self._refinements = refinements
        self._delivery = delivery
        self._cache = cache

    async def answer(self, job: Job) -> None:
        """Delete the messages of a finished job.

        The card is among them: it may have become the answer a moment before the row says so.
        """
        standing = {*job.message_ids, job.place.progress_message_id}
        await self._delivery.take_back(job.place.channel_id, sorted(standing))

    async def message(self, message_id: int) -> None:
        """Cancel the jobs of a deleted message, delete what they posted and what was kept of it.

        It is noted first: what the end of the process, or an outage, leaves undone is done by `resume`.
        """
        if await self._is_known(message_id):
            await self._deletions.note(message_id)
            try:
                await self._take_back(message_id)
            except BotError as error:  # Others may be deleted with it.
                log.warning("Message %s is not taken back yet (%s)", message_id, error)

    async def resume(self) -> None:
        """Do what was begun and not done: the process has ended, or something was away."""
        for message_id in await self._deletions.overdue(OVERDUE_SECONDS):
            try:
                await self._take_back(message_id)
            except Exception as error:  # whatever is away: others may not be
                log.warning("Message %s is not taken back yet (%s)", message_id, type(error).__name__)

    async def missed(self, concerns: Callable[[JobRequest], bool]) -> None:
        """Take back what was deleted while nobody listened; Discord tells of deletions only once.

        Args:
            concerns: Whether a job's deletion may have been missed; only what still runs is looked at.
        """
        for job in await self._jobs.unfinished():
            request = job.request
            if not concerns(request):
                continue
            try:
                is_gone = await is_taken_back(request, self._delivery)
            except BotError as error:
                log.warning("Whether job %s is still wanted is not known (%s)", request.job_id, error)
                continue
            if is_gone:
                await self.message(request.origin.message_id or 0)

    async def _is_known(self, message_id: int) -> bool:
        return bool(
            await self._jobs.of_message(message_id)
            or await self._conversations.has_message(message_id)
            or await self._questions.has(message_id)
            or await self._refinements.of_message(message_id)
        )

    async def _take_back(self, message_id: int) -> None:
        for refinement in await self._refinements.of_message(message_id):
            await self._forget_refinement(refinement.id)
        for job in await self._jobs.of_message(message_id):
            await self._forget(job)
        if (root := await self._questions.root(message_id)) is not None:
            await self._unsay(root, message_id)
            await self._questions.leave(message_id)
        for sha256 in await self._conversations.forget_message(message_id):
            await self._cache.forget(sha256)
        await self._deletions.done(message_id)

    async def _unsay(self, root: str, left: int) -> None:
        """Take what leaves a question out of what was kept of it; its answer stays: others have read it.

        Args:
            root: The question's first job.
            left: The message that leaves.
        """
        first = await self._jobs.get(root)
        message_id = first.request.origin.message_id if first else None
        if message_id is None:
            return
        asked = [
            job
            for job in await self._jobs.of_message(message_id)
            if job.request.workflow == "answer_question" and job.state is not JobState.STOPPED
        ]
        if asked:
            parts = await self._questions.parts(root, without=left)
            await self._conversations.reword_turn(message_id, parts.after(asked[-1].request.text))
        await self._engine.forget([job.request.job_id for job in asked if job.state in ENDED])

    async def _forget_refinement(self, refinement_id: str) -> None:
        """Cancel its stretches and delete what they posted, also the rounds."""
        channels: set[int] = set()
        for job in await self._jobs.of_refinement(refinement_id):
            channels.add(job.place.channel_id)
            await self._forget(job)
        # Read last: a stretch may have posted a round a moment before it was cancelled.
        state = await self._refinements.get(refinement_id)
        if state is not None:
            for channel_id in channels:
                standing = {*state.messages, *state.board_messages}
                await self._delivery.take_back(channel_id, sorted(standing))
        await self._refinements.forget(refinement_id)  # Last, so that what was not done is found again.

    async def _forget(self, job: Job) -> None:
        if job.state in {JobState.RUNNING, JobState.DELIVERING}:
            await self._jobs.stop(job.request.job_id)
            await self._engine.cancel(job.request.job_id)
        standing = {*job.message_ids, job.place.progress_message_id}
        await self._delivery.take_back(job.place.channel_id, sorted(standing))
        await self._questions.forget(job.request.job_id)
        await self._engine.forget([job.request.job_id])
        await self._jobs.forget(job.request.job_id)
