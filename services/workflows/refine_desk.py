"""What people do with refinements: ask for one, and decide how it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.domain import (
    Attachment,
    JobRequest,
    MessageSource,
    RefineAction,
    Refinement,
    RefineTurn,
    RefineWish,
)
from services.errors import UserError
from services.settings import Settings
from services.store.jobs import Job, JobRepository, JobState
from services.store.refinements import RefinementRepository
from services.workflows.intake import Intake

WORDS_LIMIT = 1000


class RefineDesk:
    """Takes decisions on; each starts the workflow of the next stretch, at most once."""

    def __init__(
        self,
        *,
        settings: Settings,
        intake: Intake,
        jobs: JobRepository,
        refinements: RefinementRepository,
    ) -> None:
        self._settings = settings
        self._intake = intake
        self._jobs = jobs
        self._refinements = refinements

    def check(self) -> None:
        """Make sure that there are models to refine with.

        Raises:
            UserError: Says which setting is missing.
        """
        if self._settings.models.image.api == "off":
            raise UserError("refine-no-image-model")
        if self._settings.models.judge.api == "off":
            raise UserError("refine-no-judge")

    def check_rounds(self, wish: RefineWish) -> None:
        """Refuse a number of rounds that makes no sense.

        Raises:
            UserError: Says what would.
        """
        most = self._settings.refine.max_rounds
        if not 1 <= wish.rounds <= most:
            raise UserError("refine-rounds", most=str(most))

    async def draft(self, request: JobRequest) -> None:
        """Keep what a form is opened for.

        Args:
            request: Its only attachment is the picture; its id becomes the refinement's.
        """
        await self._refinements.draft(request)

    async def begin(
        self, refinement_id: str, wish: RefineWish, *, by_id: int, interaction_id: int | None
    ) -> None:
        """Start the refinement that a form asked for; sending the form twice starts one.

        Raises:
            UserError: The form is stale or somebody else's, or asks for too many rounds.
            BudgetError: The requests of the day are used up.
        """
        draft = await self._refinements.drafted(refinement_id)
        if draft is None or draft.requester_id != by_id:
            raise UserError("button-stale")
        self.check_rounds(wish)
        await self._start(replace(draft, interaction_id=interaction_id), wish)

    async def begin_with_words(self, request: JobRequest, words: str) -> None:
        """Refine a picture as plain words ask for ("make it a night scene"), without a form.

        Args:
            request: Its only attachment is the picture; its id becomes the refinement's.
        """
        self.check()
        await self._refinements.draft(request)
        wish = RefineWish(
            goal=words[:WORDS_LIMIT], rounds=self._settings.refine.rounds, start="edit", preset="own"
        )
        await self._start(request, wish)

    async def turn(
        self, job: Job, stretch: int, action: RefineAction, *, by_id: int, number: int = 0, words: str = ""
    ) -> None:
        """Go on as its person decided; a second decision on the same card starts nothing.

        Args:
            job: Whose card the decision was made on.
            stretch: The one that the decision begins.
            number: Of the round or frame that it is about.
            words: A correction.

        Raises:
            UserError: It is somebody else's, or has gone on meanwhile.
            BudgetError: The requests of the day are used up.
        """
        request, before = job.request, job.request.refine
        if before is None:
            raise UserError("button-stale")
        if by_id != request.requester_id:
            raise UserError("refine-not-yours")
        state = await self._refinements.get(before.refinement_id)
        if state is None or (state.ended and action != "originals"):
            raise UserError("button-stale")
        job_id = f"{before.refinement_id}-{stretch}"
        if action == "originals":
            job_id += "-files"
        started = await self._jobs.get(job_id)
        if started is not None and started.state in {JobState.DONE, JobState.STOPPED}:
            raise UserError("button-stale")
        source = state.original.source
        source_id = source.message_id if isinstance(source, MessageSource) else None
        origin = replace(
            request.origin,
            channel_id=job.place.channel_id,
            message_id=source_id or next(iter(job.message_ids), job.place.progress_message_id),
            thread_allowed=False,
            in_thread=job.place.is_thread,
        )
        await self._intake.accept(
            replace(
                request,
                job_id=job_id,
                origin=origin,
                text=words,
                interaction_id=None,
                refine=RefineTurn(before.refinement_id, stretch, action, number),
            )
        )

    async def _start(self, request: JobRequest, wish: RefineWish) -> None:
        [original] = request.attachments
        if wish.mask_words or wish.mask_file is not None:
            wish = replace(wish, start="edit")
        await self._refinements.begin(Refinement(id=request.job_id, original=original, wish=wish))
        await self._intake.accept(replace(request, text=wish.goal, refine=RefineTurn(request.job_id, 1)))


def split_files(files: Sequence[Attachment]) -> tuple[Attachment | None, Attachment | None]:
    """Tell the uploaded files of a form apart: the mask is the one that is called so."""
    masks = [each for each in files if "mask" in each.filename.lower()]
    others = [each for each in files if each not in masks]
    return (masks[0] if masks else None), (others[0] if others else None)
