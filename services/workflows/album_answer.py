"""One answer to a question that was posted with several pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services import failures
from services.ai.prices import PriceTable
from services.ai.protocols import LabelledReading, TextModel
from services.domain import Failure, ItemOutcome, JobRequest
from services.readings import as_text
from services.secret_box import SecretBox
from services.settings import Settings
from services.workflows.paid import PaidCalls


@dataclass(frozen=True, slots=True)
class AlbumAnswer:
    """The common answer, or why there is none; both empty when nobody asked."""

    text: str = ""
    failure: Failure | None = None


class AlbumAnswerer:
    """Answers from the readings of all pictures, each made with the question in view."""

    def __init__(
        self, *, settings: Settings, text: TextModel, prices: PriceTable, paid: PaidCalls, secrets: SecretBox
    ) -> None:
        self._settings = settings
        self._text = text
        self._prices = prices
        self._paid = paid
        self._secrets = secrets

    async def answer(self, request: JobRequest, items: Sequence[ItemOutcome]) -> AlbumAnswer:
        """Make the common answer; its failure leaves the pictures' readings standing."""
        readings = [
            LabelledReading(f"{number}. {item.filename}", item.reading)
            for number, item in enumerate(items, 1)
            if item.reading is not None
        ]
        model = self._settings.models.text.model
        length = sum(len(as_text(each.reading)) for each in readings)
        try:
            reply = await self._paid.call(
                request,
                role="text",
                model=model,
                estimate=self._prices.estimate(
                    model,
                    characters=length + len(request.text),
                    pictures=(),
                    max_output_tokens=self._settings.limits.answer_tokens,
                ),
                make=lambda: self._text.answer(
                    request.text,
                    readings=readings,
                    turns=(),
                    language=request.locale,
                    person=self._secrets.person_id(request.requester_id),
                ),
            )
        except Exception as error:  # the readings are worth posting without it
            return AlbumAnswer(failure=failures.note(error, request.job_id))
        return AlbumAnswer(reply.value)
