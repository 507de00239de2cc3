"""Files that came with a slash command belong to no message: the bot posts them in its thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from services import failures
from services.ai.protocols import Moderator
from services.delivery import Delivery, OutgoingFile
from services.domain import Attachment, Failure, InteractionSource, JobRequest, Kind, Place
from services.engine import Engine
from services.errors import BlockedError, BotError, MediaError, UserError
from services.settings import ModelSettings
from services.workflows.paid import PaidCalls
from services.workflows.sources import MediaSources

POST_ATTEMPTS = 6
"""As for what else is posted: a moment without Discord ends no job."""
POSTED_LONG_SIDE = 4096
"""What is posted keeps enough pixels to be looked at again closely."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """A file as it goes on: in a message of its own where that was possible."""

    attachment: Attachment
    failure: Failure | None = None


class Adoption:
    """Gives files without a message one, without their metadata, if they may be posted."""

    def __init__(
        self,
        *,
        engine: Engine,
        delivery: Delivery,
        sources: MediaSources,
        moderator: Moderator | None,
        moderation: ModelSettings,
        paid: PaidCalls,
    ) -> None:
        self._engine = engine
        self._delivery = delivery
        self._sources = sources
        self._moderator = moderator
        self._moderation = moderation
        self._paid = paid

    async def adopt(
        self, request: JobRequest, place: Place, attachments: Sequence[Attachment]
    ) -> list[Adopted]:
        """Return each attachment as it goes on; those that have a message are left alone.

        1. judge (step): may the bot post it?
        2. post (step): without metadata; a file that cannot be read or is too big stays where it is
        """
        adopted: list[Adopted] = []
        for part, attachment in enumerate(attachments):
            if not isinstance(attachment.source, InteractionSource):
                adopted.append(Adopted(attachment))
                continue
            failure = await self._engine.step(
                f"judge#{part}", self._judge, request, attachment, result_type=Failure | None
            )
            if failure is not None:
                adopted.append(Adopted(attachment, failure))
                continue
            posted = await self._engine.step(
                f"post_file#{part}",
                self._post,
                request,
                place,
                attachment,
                part,
                result_type=Attachment,
                attempts=POST_ATTEMPTS,
            )
            adopted.append(Adopted(posted))
        return adopted

    async def _judge(self, request: JobRequest, attachment: Attachment) -> Failure | None:
        """Return why a file may not be posted, or None."""
        if self._moderator is None:
            return None
        moderator = self._moderator
        try:
            prepared = await self._sources.pictures(attachment)
            for picture in prepared.pictures if prepared else ():
                reply = await self._paid.call(
                    request,
                    role="moderation",
                    model=self._moderation.model,
                    estimate=0.0,
                    make=lambda picture=picture: moderator.judge_picture(picture),
                )
                if reply.value.flagged:
                    raise BlockedError("picture-flagged")
        except BotError as error:
            return failures.note(error, request.job_id)
        return None

    async def _post(self, request: JobRequest, place: Place, attachment: Attachment, part: int) -> Attachment:
        prepared = await self._sources.pictures(attachment, long_side=POSTED_LONG_SIDE)
        if prepared is None or prepared.kind is not Kind.IMAGE:
            return attachment  # Moments of an animation would be no replacement for it, nor frames of a video.
        picture = prepared.pictures[0]
        suffix = ".png" if picture.mime == "image/png" else ".jpg"
        name = PurePath(attachment.filename).stem + suffix
        file = OutgoingFile(
            name=name,
            data=picture.data,
            alt_text=attachment.author_alt or attachment.filename,
            spoiler=attachment.spoiler,
        )
        try:
            return await self._delivery.post_file(request, place, file, part=part)
        except (MediaError, UserError):  # too big, or no right to attach files: it is read where it is
            return attachment
