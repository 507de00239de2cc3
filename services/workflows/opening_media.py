"""Open one attachment: fetch it, tell what it is, describe a picture, cut up a recording."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services import failures
from services.delivery import Delivery
from services.domain import (
    EarlierReading,
    Estimate,
    ItemOutcome,
    JobRequest,
    MessageSource,
    Transcript,
)
from services.errors import BotError, MediaError
from services.store.conversations import ConversationRepository
from services.workflows.adoption import Adopted
from services.workflows.describe_image import DescribeImage
from services.workflows.estimates import Estimator
from services.workflows.recordings import Recording, Recordings
from services.workflows.sources import MediaSources


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of opening an attachment: its end, or a recording that is to be perceived."""

    outcome: ItemOutcome | None = None
    recording: Recording | None = None
    usd: float | None = 0.0


class MediaOpener:
    """Opens attachments of every kind."""

    def __init__(
        self,
        *,
        sources: MediaSources,
        pictures: DescribeImage,
        recordings: Recordings,
        estimator: Estimator,
        conversations: ConversationRepository,
        delivery: Delivery,
    ) -> None:
        self._sources = sources
        self._pictures = pictures
        self._recordings = recordings
        self._estimator = estimator
        self._conversations = conversations
        self._delivery = delivery

    async def open(self, request: JobRequest, taken: Adopted) -> Opened:
        """Open one attachment; its failure is its own outcome and leaves the others alone."""
        attachment = taken.attachment
        end = ItemOutcome(filename=attachment.filename, spoiler=attachment.spoiler)
        if taken.failure is not None:
            return Opened(replace(end, failure=taken.failure))
        try:
            return await self._open(request, taken, end)
        except Exception as error:  # one broken file must not end the album
            usd = error.spend.usd if isinstance(error, BotError) and error.spend else 0.0
            return Opened(replace(end, failure=failures.note(error, request.job_id)), usd=usd)

    async def _open(self, request: JobRequest, taken: Adopted, end: ItemOutcome) -> Opened:
        attachment = taken.attachment
        async with self._sources.fetch(attachment) as (file, found):
            if found.family == "picture":
                if request.options.task == "transcribe":
                    raise MediaError("media-nothing-to-hear")
                described = await self._pictures.read(request, attachment, file, found)
                if request.interaction_id is not None and isinstance(attachment.source, MessageSource):
                    await self._delivery.set_alt_text(attachment.source, described.reading.alt_text)
                outcome = replace(end, item=described.item, reading=described.reading)
                return Opened(outcome, usd=described.usd)
            if (estimate := await self._estimator.of_file(request, file, found)) is not None:
                return Opened(replace(end, estimate=estimate))
            recording = await self._recordings.open(file, found, attachment, request.options)
        if (earlier := await self._earlier(request, recording)) is not None:
            return Opened(replace(end, item=recording.item, earlier=earlier))
        estimate: Estimate | None = self._estimator.of_recording(request, recording)
        if estimate is not None:
            return Opened(replace(end, estimate=estimate))
        return Opened(recording=recording)

    async def _earlier(self, request: JobRequest, recording: Recording) -> EarlierReading | None:
        """Return the transcript that was made of the same file in this server, if the asker may see it.

        Whoever asks for something else than a plain transcript gets what he asks for.
        """
        options, guild_id = request.options, request.origin.guild_id
        wants_other = request.text or options.language or options.task == "summarize" or options.confirmed
        is_again = "-r" in request.job_id
        if guild_id is None or wants_other or is_again or recording.video is not None:
            return None
        earlier = await self._conversations.earlier_reading(guild_id, recording.item.sha256)
        if earlier is None or not isinstance(earlier.reading, Transcript):
            return None
        if earlier.channel_id == request.origin.channel_id:
            readable = await self._delivery.stands(earlier.channel_id, earlier.message_id)
        else:
            readable = await self._delivery.may_read(
                guild_id, earlier.channel_id, earlier.message_id, request.requester_id
            )
        return earlier if readable else None
