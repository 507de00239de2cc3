"""From an attachment, wherever it came from, to its bytes and its decoded pictures."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from services.delivery import Delivery
from services.domain import Attachment, InteractionSource
from services.errors import MediaError
from services.media.fetch import Fetched, Fetcher
from services.media.reader import MODEL_LONG_SIDE, PictureReader, PreparedPictures
from services.media.sniff import Format, sniff
from services.settings import LimitSettings
from services.store.interactions import InteractionRepository


class MediaSources:
    """Finds the URL of an attachment, fetches it and reads pictures."""

    def __init__(
        self,
        *,
        delivery: Delivery,
        interactions: InteractionRepository,
        fetcher: Fetcher,
        pictures: PictureReader,
        limits: LimitSettings,
    ) -> None:
        self._delivery = delivery
        self._interactions = interactions
        self._fetcher = fetcher
        self._pictures = pictures
        self._limits = limits

    @asynccontextmanager
    async def fetch(self, attachment: Attachment) -> AsyncGenerator[tuple[Fetched, Format]]:
        """Fetch an attachment and tell what it is; the file is deleted when the block is left.

        Raises:
            MediaError: It is gone, too big for what it is, or of no kind that can be read.
            BusyError: Discord does not answer.
        """
        source = attachment.source
        if isinstance(source, InteractionSource):
            kept = await self._interactions.get(source.interaction_id)
            if kept is None or source.attachment_id not in kept.urls:
                raise MediaError("media-expired")
            url = kept.urls[source.attachment_id]
            async with self._fetcher.fetch(url, max_bytes=self._most_bytes, refresh=None) as file:
                yield file, recognized(file.head)
            return
        url = await self._delivery.attachment_url(source)
        async with self._fetcher.fetch(
            url,
            max_bytes=self._most_bytes,
            refresh=lambda: self._delivery.attachment_url(source, anew=True),
        ) as file:
            yield file, recognized(file.head)

    async def pictures(
        self, attachment: Attachment, *, long_side: int = MODEL_LONG_SIDE
    ) -> PreparedPictures | None:
        """Fetch and decode a picture or an animation; None when the file is a recording.

        Raises:
            MediaError: It is gone, or cannot be read.
            BusyError: Discord does not answer.
        """
        async with self.fetch(attachment) as (file, found):
            if found.family != "picture":
                return None
            return await self._pictures.decode(file, found, long_side=long_side)

    def _most_bytes(self, head: bytes) -> int:
        """Return how large a file that begins so may be; what cannot be read is not downloaded whole."""
        limits = self._limits
        found = sniff(head)
        sizes = {"picture": limits.image_bytes, "sound": limits.sound_bytes, "video": limits.video_bytes}
        return limits.image_bytes if found is None else sizes.get(found.family, limits.image_bytes)


def recognized(head: bytes) -> Format:
    """Tell what a file is by its first bytes.

    Raises:
        MediaError: Nothing that can be read.
    """
    found = sniff(head)
    if found is None:
        raise MediaError("media-unknown")
    if found.family == "other" or not (found.decoder or found.demuxer):
        raise MediaError("media-unsupported", what=found.name)
    return found
