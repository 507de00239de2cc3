"""What reading a long recording will take, so that people can decide before anything is paid."""

from __future__ import annotations

import math

from services.ai.prices import PriceTable
from services.ai.protocols import Picture
from services.domain import Estimate, JobRequest
from services.media.fetch import Fetched
from services.media.inspector import Inspector
from services.media.sniff import Format
from services.settings import Settings
from services.workflows import summarize_video, transcribe_audio
from services.workflows.recordings import Recording

PIECE_SECONDS = 22.0
"""Mean length of a piece of sound."""
CALL_SECONDS = 5.0
"""What one call takes, roughly."""
CHARACTERS_PER_SECOND = 17.0
"""Of speech."""
FRAME_PICTURE = Picture(b"", "image/jpeg", 1024, 576)


class Estimator:
    """Says which recordings need a yes first, and what they would take."""

    def __init__(self, *, settings: Settings, inspector: Inspector, prices: PriceTable) -> None:
        self._settings = settings
        self._inspector = inspector
        self._prices = prices

    async def of_file(self, request: JobRequest, file: Fetched, found: Format) -> Estimate | None:
        """Return an estimate by what a file's header says, before it is decoded; None to go ahead."""
        if request.options.confirmed:
            return None
        claimed = await self._inspector.inspect(file, found)
        if claimed.seconds is None:
            return None
        watched = claimed.has_picture and request.options.task != "transcribe"
        return self._if_long(claimed.seconds, watched=watched)

    def of_recording(self, request: JobRequest, recording: Recording) -> Estimate | None:
        """Return an estimate of a decoded recording whose header had said less; None to go ahead."""
        if request.options.confirmed:
            return None
        return self._if_long(recording.seconds, watched=recording.video is not None)

    def _if_long(self, seconds: float, *, watched: bool) -> Estimate | None:
        limits = self._settings.limits
        estimate = Estimate(seconds, self._work_seconds(seconds), self._usd(seconds, watched=watched))
        if seconds > limits.ask_from_seconds or (estimate.usd or 0.0) > limits.ask_from_usd > 0:
            return estimate
        return None

    def _work_seconds(self, seconds: float) -> float:
        in_a_row = math.ceil(seconds / PIECE_SECONDS / transcribe_audio.LANES)
        return (in_a_row + 2) * CALL_SECONDS

    def _usd(self, seconds: float, *, watched: bool) -> float | None:
        models, limits = self._settings.models, self._settings.limits
        costs = [
            self._prices.estimate_sound(models.transcription.model, seconds=seconds),
            self._prices.estimate(
                models.text.model,
                characters=int(seconds * CHARACTERS_PER_SECOND),
                pictures=(),
                max_output_tokens=limits.summary_tokens,
            ),
        ]
        if watched:
            frames = limits.video_frames
            calls = math.ceil(frames / summarize_video.BATCH_FRAMES)
            costs.append(
                self._prices.estimate(
                    models.vision.model,
                    characters=calls * summarize_video.EARLIER_CHARACTERS,
                    pictures=[FRAME_PICTURE] * frames,
                    max_output_tokens=calls * limits.description_tokens,
                )
            )
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None
