"""Watch a video: its frames in batches, a model call each, put on one clock with what is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services import failures
from services.ai.prices import PriceTable
from services.ai.protocols import VisionModel
from services.domain import Attachment, Failure, JobRequest, Moment, Note, StoredFile
from services.errors import BotError
from services.readings import clock
from services.secret_box import SecretBox
from services.settings import Settings
from services.store.blobs import BlobRepository
from services.transcript_files import file_stem
from services.workflows.paid import PaidCalls
from services.workflows.recordings import Recording, Recordings

BATCH_FRAMES = 6
"""Frames of one call: enough to see what changes, few enough for each to get its words."""
LANES = 4
EARLIER_CHARACTERS = 1_200
SHEET_SECONDS = 2 * 24 * 3600.0
"""How long a contact sheet waits for its message."""


@dataclass(frozen=True, slots=True)
class WatchedBatch:
    """What one call has seen, or why not."""

    moments: tuple[Moment, ...] = ()
    usd: float | None = 0.0
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that is seen in a video."""

    moments: tuple[Moment, ...]
    notes: tuple[Note, ...]
    failure: Failure | None
    """Set when no frame at all could be described."""


class SummarizeVideo:
    """Watches videos."""

    def __init__(
        self,
        *,
        settings: Settings,
        recordings: Recordings,
        vision: VisionModel,
        prices: PriceTable,
        paid: PaidCalls,
        secrets: SecretBox,
        blobs: BlobRepository,
    ) -> None:
        self._settings = settings
        self._recordings = recordings
        self._vision = vision
        self._prices = prices
        self._paid = paid
        self._secrets = secrets
        self._blobs = blobs

    @staticmethod
    def batches(recording: Recording) -> list[range]:
        """Return which frames go together."""
        if recording.video is None:
            return []
        count = len(recording.video.frames)
        return [range(at, min(at + BATCH_FRAMES, count)) for at in range(0, count, BATCH_FRAMES)]

    async def watch(
        self,
        request: JobRequest,
        attachment: Attachment,
        recording: Recording,
        batch: range,
        earlier: Sequence[Moment],
    ) -> WatchedBatch:
        """Describe one batch of frames; its failure leaves the others alone.

        Args:
            earlier: What the batch before showed; empty when that is not known.
        """
        try:
            frames = await self._recordings.frames(attachment, recording, batch)
            model = self._settings.models.vision.model
            before = "\n".join(f"[{clock(each.time)}] {each.text}" for each in earlier)
            reply = await self._paid.call(
                request,
                role="vision",
                model=model,
                estimate=self._prices.estimate(
                    model,
                    characters=len(request.text) + EARLIER_CHARACTERS,
                    pictures=frames,
                    max_output_tokens=self._settings.limits.description_tokens,
                ),
                make=lambda: self._vision.describe_frames(
                    frames,
                    question=request.text,
                    earlier=before[-EARLIER_CHARACTERS:],
                    language=request.options.language or request.locale,
                    person=self._secrets.person_id(request.requester_id),
                ),
            )
        except Exception as error:  # what the other frames show is worth having
            usd = error.spend.usd if isinstance(error, BotError) and error.spend else 0.0
            return WatchedBatch(usd=usd, failure=failures.note(error, request.job_id))
        return WatchedBatch(reply.value, reply.spend.usd)

    async def keep_sheet(self, attachment: Attachment, recording: Recording, alt_text: str) -> StoredFile:
        """Make the contact sheet and keep it until it is posted."""
        sheet = await self._recordings.contact_sheet(attachment, recording)
        digest = await self._blobs.put(sheet, seconds=SHEET_SECONDS)
        return StoredFile(f"{file_stem(recording.item.filename)}-frames.jpg", digest, alt_text)

    @staticmethod
    def assemble(recording: Recording, watched: Sequence[WatchedBatch]) -> Seen:
        """Put the batches together; pure.

        Args:
            watched: In the order of `batches(recording)`.
        """
        if recording.video is None:
            return Seen((), (), None)
        moments: list[Moment] = []
        missing: list[str] = []
        failed: list[WatchedBatch] = []
        for batch, seen in zip(SummarizeVideo.batches(recording), watched, strict=True):
            moments += seen.moments
            if seen.failure is not None:
                failed.append(seen)
                frames = recording.video.frames
                missing.append(f"{clock(frames[batch[0]].time)} – {clock(frames[batch[-1]].time)}")
        if failed and len(failed) == len(watched):
            return Seen((), (), failed[0].failure)
        notes = (Note("note-frames-failed", {"times": ", ".join(missing)}),) if failed else ()
        return Seen(tuple(moments), notes, None)
