"""What happens to a question whose writer changes it."""

from __future__ import annotations

from dataclasses import replace

from services.delivery import Delivery
from services.domain import Place
from services.engine import Engine
from services.store.jobs import Job, JobRepository, JobState
from services.store.questions import QuestionRepository, root_of
from services.workflows.intake import Intake


class RewordQuestion:
    """Asks a question anew whose writer changed it before its answer stood.

    An answer that stands is left alone: people have read it. Regenerate then answers the new words.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        jobs: JobRepository,
        questions: QuestionRepository,
        intake: Intake,
        delivery: Delivery,
    ) -> None:
        self._engine = engine
        self._jobs = jobs
        self._questions = questions
        self._intake = intake
        self._delivery = delivery

    async def run(self, message_id: int, text: str) -> None:
        """Take a message's new text on; nothing happens when it asked nothing, or says the same.

        Raises:
            BudgetError: The requests of the day are used up.
            CreditError: Paid work is paused.
        """
        asked = await self._asked(message_id)
        if asked:
            if asked[-1].request.text == text:
                return
        elif (root := await self._questions.reword(message_id, text)) is not None:
            # It had joined the question of another message, whose own text stays.
            first = await self._jobs.get(root)
            asked = await self._asked(first.request.origin.message_id or 0) if first else []
            text = asked[-1].request.text if asked else text
        if not asked:
            return
        if asked[-1].state is JobState.RUNNING:
            await self._ask_anew(asked[-1], text)
        else:
            await self._jobs.reword(asked[-1].request.job_id, text)

    async def _asked(self, message_id: int) -> list[Job]:
        """Return the jobs that a message's question became, without those that others took the place of."""
        return [
            job
            for job in await self._jobs.of_message(message_id)
            if job.request.workflow == "answer_question" and job.state is not JobState.STOPPED
        ]

    async def _ask_anew(self, before: Job, text: str) -> None:
        """Put a new job in the place of a running one; first the new, so that the question is never lost."""
        made = len(await self._jobs.of_message(before.request.origin.message_id or 0))
        job_id = f"{root_of(before.request.job_id)}-e{made}"
        anew = replace(before.request, job_id=job_id, text=text, missed=False)
        place = await self._intake.accept(anew)  # None: the job opens its place itself.
        dropped: str = before.request.job_id
        dropped_place: Place | None = before.place
        if not await self._jobs.stop(dropped):  # Its answer is on its way: that one stands.
            await self._jobs.stop(job_id)
            await self._jobs.reword(dropped, text)
            dropped, dropped_place = job_id, place
        await self._engine.cancel(dropped)
        if dropped_place is not None:
            await self._delivery.take_back(dropped_place.channel_id, [dropped_place.progress_message_id])
