"""The frame that every workflow runs in: place, outcome, delivery, end."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Awaitable, Callable

from services import failures
from services.delivery import Delivery
from services.domain import (
    AlbumOutcome,
    AnswerOutcome,
    FailedOutcome,
    Failure,
    JobRequest,
    MessageSource,
    Outcome,
    Place,
    RefineFiles,
    RefineOutcome,
    RefineQuestion,
    StoppedOutcome,
    StoredFile,
)
from services.engine import Engine
from services.errors import UserError
from services.fault_kill import kill_if_asked
from services.operating.metrics import Metrics
from services.store.database import through_outages
from services.store.jobs import JobRepository, JobResult, JobState
from services.workflows.opening import PlaceOpener

CARD_LIFETIME_SECONDS = 60
"""A job that took longer posts a new message, which notifies; a quicker one turns its card."""
DELIVERY_ATTEMPTS = 100
"""With the engine's pauses, longer than a job may take: what is paid for waits until Discord is back."""

Body = Callable[[JobRequest, Place], Awaitable[Outcome]]
Remember = Callable[[JobRequest, Place, Outcome, list[int]], Awaitable[None]]


class JobFrame:
    """Gives every job exactly one outcome.

    1. open the place (step)
    2. run the body, whose own steps make the outcome; an error in it becomes a failed outcome
    3. deliver (step): post it, if nobody stopped the job meanwhile; remember what the conversation needs, and
       mark the end
    """

    def __init__(
        self,
        *,
        engine: Engine,
        jobs: JobRepository,
        opener: PlaceOpener,
        delivery: Delivery,
        metrics: Metrics,
    ) -> None:
        self._engine = engine
        self._jobs = jobs
        self._opener = opener
        self._delivery = delivery
        self._started = time.time()
        self._metrics = metrics

    async def run(self, request: JobRequest, body: Body, remember: Remember) -> None:
        """Run one job to its end; it is a quiet one where nothing may be posted."""
        try:
            place = await self._engine.step(
                "open_place",
                self._opener.await_or_open,
                request,
                result_type=Place,
                attempts=DELIVERY_ATTEMPTS,
            )
        except UserError as error:
            failures.note(error, request.job_id)
            return
        try:
            outcome = await body(request, place)
        except Exception as error:  # whatever it is, the person gets one sentence
            outcome = FailedOutcome(failures.note(error, request.job_id))
        with contextlib.suppress(UserError):  # It was refused, and there is nowhere to say so.
            await self._engine.step(
                "deliver",
                self._deliver,
                request,
                place,
                outcome,
                remember,
                result_type=list[int],
                attempts=DELIVERY_ATTEMPTS,
            )

    async def _deliver(
        self, request: JobRequest, place: Place, outcome: Outcome, remember: Remember
    ) -> list[int]:
        """Post the outcome, unless the job was stopped or its message deleted, and mark the end.

        Until that is marked, all of it may be done again: the files of the outcome are kept so long.
        """
        try:
            messages = await self._post(request, place, outcome)
        except UserError as error:
            refused = failures.note(error, request.job_id)
            await self._jobs.finish(request.job_id, [], JobResult.FAILED, [refused])
            raise
        kill_if_asked("deliver", "posted")
        if messages:  # Where the database is away now, what stands is not posted again.
            await through_outages(functools.partial(self._finish, request, place, outcome, remember, messages))
        return messages

    async def _finish(
        self, request: JobRequest, place: Place, outcome: Outcome, remember: Remember, messages: list[int]
    ) -> None:
        await remember(request, place, outcome, messages)
        result = result_of(outcome)
        files = [file.sha256 for file in files_of(outcome)]
        seconds = await self._jobs.finish(
            request.job_id, messages, result, failures_of(outcome), spare_files=files
        )
        if seconds is not None:
            self._metrics.job_ended(request.workflow, result, seconds)

    async def _post(self, request: JobRequest, place: Place, outcome: Outcome) -> list[int]:
        """Post the outcome; return no ids when the job was stopped, or its message deleted, first."""
        job = await self._jobs.get(request.job_id)
        is_older = job is not None and job.created < self._started
        if is_older and await is_taken_back(request, self._delivery):
            await self._delivery.take_back(place.channel_id, [place.progress_message_id])
            await self._jobs.forget(request.job_id)
            return []
        # Whoever settled what is asked has begun it already; while Discord was asked that may have changed.
        has_begun = job is not None and job.state is JobState.DELIVERING and not is_older
        if not has_begun and not await self._jobs.begin_delivery(request.job_id):
            return []
        age = time.time() - job.created if job else 0.0
        in_place = age < CARD_LIFETIME_SECONDS and not stands_last(outcome)
        return await self._delivery.deliver(request, place, outcome, in_place=in_place)


async def is_taken_back(request: JobRequest, delivery: Delivery) -> bool:
    """Tell whether the message that asked was deleted: a process that was away heard of no deletion."""
    message_id = request.origin.message_id
    if message_id is None:
        return False
    # What goes on in a thread has the thread for its origin; the message stands where its files are.
    sources = (each.source for each in request.attachments)
    here = [s for s in sources if isinstance(s, MessageSource) and s.message_id == message_id]
    channel_id = here[0].channel_id if here else request.origin.channel_id
    if channel_id == message_id:
        return False  # The thread that was opened on it: the message itself stands outside.
    return await delivery.is_deleted(channel_id, message_id)


def stands_last(outcome: Outcome) -> bool:
    """Tell whether an outcome belongs below messages that its job has posted meanwhile."""
    return isinstance(outcome, RefineOutcome)


def failures_of(outcome: Outcome) -> list[Failure]:
    """Return what went wrong in a job, its single files included."""
    if isinstance(outcome, FailedOutcome):
        return [outcome.failure]
    if isinstance(outcome, AlbumOutcome):
        failures = [*(item.failure for item in outcome.items), outcome.answer_failure]
        return [each for each in failures if each is not None]
    if isinstance(outcome, RefineOutcome) and outcome.failure is not None:
        return [outcome.failure]
    return []


def result_of(outcome: Outcome) -> JobResult:
    """Return what an operator calls the end of a job."""
    if isinstance(outcome, StoppedOutcome) or (isinstance(outcome, RefineOutcome) and outcome.stop == "person"):
        return JobResult.STOPPED
    failures = failures_of(outcome)
    if not failures:
        return JobResult.ANSWERED
    answered = isinstance(outcome, AlbumOutcome) and any(item.failure is None for item in outcome.items)
    return JobResult.PARTLY if answered else JobResult.FAILED


def files_of(outcome: Outcome) -> list[StoredFile]:
    """Return the files that wait for the messages of an outcome."""
    if isinstance(outcome, AnswerOutcome):
        return [each.file for each in outcome.evidence]
    if isinstance(outcome, AlbumOutcome):
        files = [file for item in outcome.items for file in item.files]
        return files + ([each.file for each in outcome.answer.evidence] if outcome.answer else [])
    if isinstance(outcome, RefineOutcome):
        return list(outcome.refinement.board)
    if isinstance(outcome, RefineQuestion):
        return [*outcome.pictures, *outcome.files]
    if isinstance(outcome, RefineFiles):
        return list(outcome.files)
    return []
