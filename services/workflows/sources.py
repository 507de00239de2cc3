"""From an attachment, wherever it came from, to its decoded pictures."""

from __future__ import annotations

from services.delivery import Delivery
from services.domain import Attachment, InteractionSource
from services.errors import MediaError
from services.media.reader import MODEL_LONG_SIDE, PictureReader, PreparedPictures
from services.store.interactions import InteractionRepository


class PictureSources:
    """Finds the URL of an attachment and reads it."""

    def __init__(
        self, *, delivery: Delivery, interactions: InteractionRepository, reader: PictureReader
    ) -> None:
        self._delivery = delivery
        self._interactions = interactions
        self._reader = reader

    async def read(self, attachment: Attachment, *, long_side: int = MODEL_LONG_SIDE) -> PreparedPictures:
        """Fetch and decode an attachment.

        Raises:
            MediaError: It is gone, or cannot be read.
            BusyError: Discord does not answer.
        """
        source = attachment.source
        if isinstance(source, InteractionSource):
            kept = await self._interactions.get(source.interaction_id)
            if kept is None or source.attachment_id not in kept.urls:
                raise MediaError("media-expired")
            return await self._reader.read(kept.urls[source.attachment_id], long_side=long_side)
        url = await self._delivery.attachment_url(source)
        return await self._reader.read(
            url, refresh=lambda: self._delivery.attachment_url(source, anew=True), long_side=long_side
        )
