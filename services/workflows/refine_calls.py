"""The paid calls of a refinement: describe, draw, moderate, compare, point; each within the budgets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from services.ai.build import Models
from services.ai.protocols import ImageModel, Judge, Picture, Reply, Task
from services.domain import Comparison, Description, JobRequest, Outline, Refinement, StoredFile
from services.errors import BlockedError, UserError
from services.readings import as_text
from services.secret_box import SecretBox
from services.settings import Settings
from services.store.blobs import BlobRepository
from services.workflows.paid import PaidCalls
from services.workflows.refine_pictures import JUDGE_LONG_SIDE, RefinePictures

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A candidate that waits in table `blobs`."""

    picture: StoredFile
    usd: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A judge's verdict and what it cost."""

    comparison: Comparison
    usd: float | None


@dataclass(frozen=True, slots=True)
class Told:
    """A reading and what it cost."""

    reading: Description
    usd: float | None


@dataclass(frozen=True, slots=True)
class Pointed:
    """Where something is, and what asking cost."""

    shapes: tuple[Outline, ...]
    usd: float | None


@dataclass(frozen=True, slots=True)
class Softened:
    """A milder prompt and what it cost."""

    prompt: str
    usd: float | None


class RefineCalls:
    """Makes the calls of refinements."""

    def __init__(
        self,
        *,
        settings: Settings,
        models: Models,
        pictures: RefinePictures,
        blobs: BlobRepository,
        paid: PaidCalls,
        secrets: SecretBox,
    ) -> None:
        self._settings = settings
        self._models = models
        self._pictures = pictures
        self._blobs = blobs
        self._paid = paid
        self._secrets = secrets

    @property
    def image(self) -> ImageModel:
        """The model that draws.

        Raises:
            UserError: None is configured; says which setting is missing.
        """
        if self._models.image is None:
            raise UserError("refine-no-image-model")
        return self._models.image

    @property
    def judge(self) -> Judge:
        """The model that compares.

        Raises:
            UserError: None is configured; says which setting is missing.
        """
        if self._models.judge is None:
            raise UserError("refine-no-judge")
        return self._models.judge

    async def describe(self, request: JobRequest, refinement: Refinement) -> Told:
        """Read the original."""
        picture = await self._pictures.original(refinement)
        reply = await self._call(
            request,
            "vision",
            self._settings.models.vision.model,
            self._models.prices.estimate(
                self._settings.models.vision.model,
                characters=0,
                pictures=[picture],
                max_output_tokens=self._settings.limits.description_tokens,
            ),
            lambda: self._models.vision.describe(
                [picture], question="", language=request.locale, person=self._person(request)
            ),
        )
        return Told(reply.value, reply.spend.usd)

    async def draw(self, request: JobRequest, refinement: Refinement, prompt: str, number: int) -> Drawn:
        """Draw a candidate and keep it.

        Raises:
            BlockedError: The image model refuses the prompt.
            BudgetError: A limit would be passed.
        """
        original = await self._pictures.original(refinement)
        fitted = self._pictures.fit(original)
        mask: bytes | None = None
        if refinement.wish.start == "edit":
            pictures, mask = await self._pictures.for_edit(refinement)
        else:
            pictures = await self._pictures.references(refinement)
        image, (width, height), person = self.image, fitted.request, self._person(request)

        async def make() -> Reply[bytes]:
            if pictures:
                return await image.edit(pictures, prompt, mask=mask, width=width, height=height, person=person)
            return await image.draw(prompt, width=width, height=height, person=person)

        settings = self._settings.models.image
        reply = await self._call(
            request, "image", settings.model, self._drawing_usd(pictures, width * height, len(prompt)), make
        )
        stored, _ = await self._pictures.clean(reply.value, fitted, number)
        return Drawn(stored, reply.spend.usd)

    async def moderate(self, request: JobRequest, picture: StoredFile) -> None:
        """Make sure that a candidate may be posted.

        Raises:
            BlockedError: It may not.
        """
        if (moderator := self._models.moderator) is None:
            return
        shown = await self._pictures.for_judge(await self._waiting(picture))
        reply = await self._call(
            request,
            "moderation",
            self._settings.models.moderation.model,
            0.0,
            lambda: moderator.judge_picture(shown),
        )
        if reply.value.flagged:
            raise BlockedError("refine-picture-flagged")

    async def compare(
        self, request: JobRequest, refinement: Refinement, picture: StoredFile, prompt: str, *, swapped: bool
    ) -> Compared:
        """Have a candidate judged beside the original."""
        original = await self._pictures.original(refinement)
        candidate = await self._pictures.for_judge(await self._waiting(picture))
        task = Task(
            goal=refinement.wish.goal,
            keep=refinement.wish.keep,
            corrections=refinement.corrections,
            reading=as_text(refinement.reading) if refinement.reading else "",
            prompt=prompt,
        )
        judge = self.judge
        reply = await self._call(
            request,
            "judge",
            self._settings.models.judge.model,
            self._judging_usd([original, candidate], len(task.reading) + len(prompt)),
            lambda: judge.compare(
                original,
                candidate,
                task,
                swapped=swapped,
                language=request.locale,
                person=self._person(request),
            ),
        )
        return Compared(reply.value, reply.spend.usd)

    async def point(self, request: JobRequest, refinement: Refinement, words: str) -> Pointed:
        """Find what words name in the original."""
        original = await self._pictures.original(refinement)
        judge = self.judge
        reply = await self._call(
            request,
            "judge",
            self._settings.models.judge.model,
            self._judging_usd([original], len(words)),
            lambda: judge.point_at(original, words, person=self._person(request)),
        )
        return Pointed(reply.value, reply.spend.usd)

    async def soften(self, request: JobRequest, prompt: str) -> Softened:
        """Reword a refused prompt."""
        judge = self.judge
        reply = await self._call(
            request,
            "judge",
            self._settings.models.judge.model,
            self._judging_usd([], len(prompt)),
            lambda: judge.soften(prompt, person=self._person(request)),
        )
        return Softened(reply.value, reply.spend.usd)

    async def round_usd(self, refinement: Refinement) -> float | None:
        """Return what one round may cost, in USD; None when a price is unknown."""
        original = await self._pictures.original(refinement)
        width, height = self._pictures.fit(original).request
        given = [Picture(b"", "image/png", width, height)] * 2 if refinement.wish.start == "edit" else []
        judged = Picture(b"", "image/png", JUDGE_LONG_SIDE, JUDGE_LONG_SIDE)
        drawing = self._drawing_usd(given, width * height, 2_000)
        judging = self._judging_usd([judged, judged], 4_000)
        return None if drawing is None or judging is None else drawing + judging

    def _drawing_usd(self, given: Sequence[Picture], drawn_pixels: int, characters: int) -> float | None:
        settings = self._settings.models.image
        return self._models.prices.estimate_drawing(
            settings.model,
            characters=characters,
            given_pixels=sum(each.width * each.height for each in given),
            drawn_pixels=drawn_pixels,
            quality=settings.quality,
        )

    def _judging_usd(self, pictures: Sequence[Picture], characters: int) -> float | None:
        return self._models.prices.estimate(
            self._settings.models.judge.model,
            characters=characters,
            pictures=pictures,
            max_output_tokens=self._settings.refine.verdict_tokens,
        )

    async def _waiting(self, picture: StoredFile) -> bytes:
        data = await self._blobs.get(picture.sha256)
        if data is None:
            raise UserError("refine-picture-lost")
        return data

    async def _call(
        self,
        request: JobRequest,
        role: str,
        model: str,
        estimate: float | None,
        make: Callable[[], Awaitable[Reply[T]]],
    ) -> Reply[T]:
        return await self._paid.call(request, role=role, model=model, estimate=estimate, make=make)

    def _person(self, request: JobRequest) -> str:
        return self._secrets.person_id(request.requester_id)
