"""Describe one picture or animation: fetch, decode, one model call."""

from __future__ import annotations

from dataclasses import dataclass

from services.ai.prices import PriceTable
from services.ai.protocols import VisionModel
from services.domain import Attachment, Description, JobRequest, MediaItem
from services.media.fetch import Fetched
from services.media.reader import PictureReader
from services.media.sniff import Format
from services.secret_box import SecretBox
from services.settings import Settings
from services.workflows.paid import PaidCalls


@dataclass(frozen=True, slots=True)
class Described:
    """A picture that was read, and what that cost in USD."""

    item: MediaItem
    reading: Description
    usd: float | None


class DescribeImage:
    """Reads pictures."""

    def __init__(
        self,
        *,
        settings: Settings,
        pictures: PictureReader,
        vision: VisionModel,
        prices: PriceTable,
        paid: PaidCalls,
        secrets: SecretBox,
    ) -> None:
        self._settings = settings
        self._pictures = pictures
        self._vision = vision
        self._prices = prices
        self._paid = paid
        self._secrets = secrets

    async def read(
        self, request: JobRequest, attachment: Attachment, file: Fetched, found: Format
    ) -> Described:
        """Describe a fetched picture.

        Raises:
            BotError: It cannot be read, or the model does not answer.
        """
        prepared = await self._pictures.decode(file, found)
        model = self._settings.models.vision.model
        reply = await self._paid.call(
            request,
            role="vision",
            model=model,
            estimate=self._prices.estimate(
                model,
                characters=len(request.text),
                pictures=prepared.pictures,
                max_output_tokens=self._settings.limits.description_tokens,
            ),
            make=lambda: self._vision.describe(
                prepared.pictures,
                question=request.text,
                language=request.options.language or request.locale,
                person=self._secrets.person_id(request.requester_id),
            ),
        )
        item = MediaItem(
            source=attachment.source,
            filename=attachment.filename,
            kind=prepared.kind,
            size=prepared.size,
            sha256=prepared.sha256,
            spoiler=attachment.spoiler,
            author_id=attachment.author_id,
        )
        return Described(item, reply.value, reply.spend.usd)
