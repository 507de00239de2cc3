"""Puts the workflows together from a process's collaborators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from services.ai.build import Models
from services.catalogue import Catalogue
from services.delivery import Delivery
from services.domain import JobRequest
from services.engine import Engine
from services.media.cache import MediaCache
from services.media.crops import CropReader
from services.media.fetch import Fetcher
from services.media.inspector import Inspector
from services.media.picture_studio import PictureStudio
from services.media.reader import PictureReader
from services.media.sandbox import Sandbox
from services.media.sound_reader import SoundLimits, SoundReader
from services.media.video_reader import VideoLimits, VideoReader
from services.settings import Settings
from services.store.stores import Stores
from services.workflows.adoption import Adoption
from services.workflows.amending import Amendments
from services.workflows.answer_question import AnswerQuestion
from services.workflows.answering import Answering
from services.workflows.describe_image import DescribeImage
from services.workflows.estimates import Estimator
from services.workflows.job import JobFrame
from services.workflows.media_again import MediaAgain
from services.workflows.opening_media import MediaOpener
from services.workflows.paid import PaidCalls
from services.workflows.perception import Perception
from services.workflows.question_loop import QuestionLoop
from services.workflows.question_work import QuestionWork
from services.workflows.read_post import ReadPost
from services.workflows.recordings import Recordings
from services.workflows.refine_calls import RefineCalls
from services.workflows.refine_image import RefineImage
from services.workflows.refine_pictures import RefinePictures
from services.workflows.refine_rounds import RefineRounds
from services.workflows.refine_start import RefineStart
from services.workflows.sources import MediaSources
from services.workflows.summaries import Summaries
from services.workflows.summarize_thread import SummarizeThread
from services.workflows.summarize_video import SummarizeVideo
from services.workflows.transcribe_audio import TranscribeAudio
from services.workflows.turn_taking import TurnTaking

CLOSE_LONG_SIDE = 1920
"""Of a frame that is looked at for itself, in px: enough for small writing."""


class Workflow(Protocol):
    """A durable sequence of steps."""

    name: str

    async def run(self, request: JobRequest) -> None:
        """Run one job to its end."""
        ...


@dataclass(frozen=True, slots=True)
class WorkflowParts:
    """What workflows are made of."""

    settings: Settings
    catalogue: Catalogue
    stores: Stores
    delivery: Delivery
    models: Models
    engine: Engine
    frame: JobFrame
    paid: PaidCalls
    sandbox: Sandbox
    fetcher: Fetcher
    draws: bool = False
    """Whether a Refine button under an answer leads anywhere."""


def build_workflows(parts: WorkflowParts) -> Sequence[Workflow]:
    """Return every workflow, ready to be registered."""
    settings, stores, models, limits = parts.settings, parts.stores, parts.models, parts.settings.limits
    pictures = PictureReader(sandbox=parts.sandbox, limits=limits)
    sources = MediaSources(
        delivery=parts.delivery,
        interactions=stores.interactions,
        fetcher=parts.fetcher,
        pictures=pictures,
        limits=limits,
    )
    cache = MediaCache(settings.bot.data_dir / "cache", max_bytes=limits.cache_bytes)
    sound = SoundReader(
        sandbox=parts.sandbox,
        cache=cache,
        limits=SoundLimits(
            limits.sound_bytes,
            limits.video_bytes,
            limits.sound_seconds,
            allows_as_is=settings.models.transcription.api != "offline",
        ),
    )
    video_limits = VideoLimits(video_bytes=limits.video_bytes, frames=limits.video_frames)
    video = VideoReader(sandbox=parts.sandbox, cache=cache, limits=video_limits)
    recordings = Recordings(sources=sources, sound=sound, video=video)
    media_again = MediaAgain(
        sources=sources,
        crops=CropReader(sandbox=parts.sandbox, cache=cache, max_pixels=limits.image_pixels),
        video=video,
        closely=VideoReader(
            sandbox=parts.sandbox,
            cache=cache,
            limits=replace(
                video_limits,
                long_side=CLOSE_LONG_SIDE,
                screen_long_side=CLOSE_LONG_SIDE,
                soft_long_side=CLOSE_LONG_SIDE,
            ),
        ),
        sound=sound,
        delivery=parts.delivery,
    )
    prices, paid, secrets = models.prices, parts.paid, stores.secrets
    summaries = Summaries(text=models.text, secrets=secrets, settings=settings, prices=prices, paid=paid)
    adoption = Adoption(
        engine=parts.engine,
        delivery=parts.delivery,
        sources=sources,
        moderator=models.moderator,
        moderation=settings.models.moderation,
        paid=paid,
    )
    turn_taking = TurnTaking(jobs=stores.jobs, delivery=parts.delivery)
    answering = Answering(
        settings=settings,
        engine=parts.engine,
        delivery=parts.delivery,
        text=models.text,
        loop=_question_loop(parts, media_again),
        prices=prices,
        paid=paid,
        conversations=stores.conversations,
        secrets=secrets,
    )
    post = ReadPost(
        settings=settings,
        engine=parts.engine,
        frame=parts.frame,
        adoption=adoption,
        opener=MediaOpener(
            sources=sources,
            pictures=DescribeImage(
                pictures=pictures,
                vision=models.vision,
                secrets=secrets,
                settings=settings,
                prices=prices,
                paid=paid,
            ),
            recordings=recordings,
            estimator=Estimator(
                settings=settings,
                inspector=Inspector(sandbox=parts.sandbox, max_pixels=limits.image_pixels),
                prices=prices,
            ),
            conversations=stores.conversations,
            delivery=parts.delivery,
        ),
        perception=Perception(
            settings=settings,
            engine=parts.engine,
            catalogue=parts.catalogue,
            audio=TranscribeAudio(
                recordings=recordings,
                transcription=models.transcription,
                settings=settings,
                prices=prices,
                paid=paid,
            ),
            video=SummarizeVideo(
                recordings=recordings,
                vision=models.vision,
                secrets=secrets,
                blobs=stores.blobs,
                settings=settings,
                prices=prices,
                paid=paid,
            ),
            summaries=summaries,
        ),
        amendments=Amendments(engine=parts.engine, jobs=stores.jobs, conversations=stores.conversations),
        turn_taking=turn_taking,
        answering=answering,
        conversations=stores.conversations,
    )
    answer = AnswerQuestion(
        settings=settings,
        engine=parts.engine,
        frame=parts.frame,
        turn_taking=turn_taking,
        jobs=stores.jobs,
        questions=stores.questions,
        answering=answering,
        conversations=stores.conversations,
    )
    thread = SummarizeThread(
        settings=settings,
        engine=parts.engine,
        frame=parts.frame,
        summaries=summaries,
        conversations=stores.conversations,
    )
    return [post, answer, thread, _refine_image(parts, sources, adoption)]


def _refine_image(parts: WorkflowParts, sources: MediaSources, adoption: Adoption) -> RefineImage:
    settings, stores, engine, delivery = parts.settings, parts.stores, parts.engine, parts.delivery
    pictures = RefinePictures(
        sources=sources,
        studio=PictureStudio(sandbox=parts.sandbox, limits=settings.limits),
        blobs=stores.blobs,
        catalogue=parts.catalogue,
        image=settings.models.image,
    )
    calls = RefineCalls(
        settings=settings,
        models=parts.models,
        pictures=pictures,
        blobs=stores.blobs,
        paid=parts.paid,
        secrets=stores.secrets,
    )
    return RefineImage(
        engine=engine,
        frame=parts.frame,
        delivery=delivery,
        refinements=stores.refinements,
        pictures=pictures,
        start=RefineStart(
            settings=settings,
            engine=engine,
            adoption=adoption,
            calls=calls,
            pictures=pictures,
            conversations=stores.conversations,
            refinements=stores.refinements,
        ),
        rounds=RefineRounds(
            settings=settings,
            engine=engine,
            delivery=delivery,
            calls=calls,
            pictures=pictures,
            refinements=stores.refinements,
        ),
    )


def _question_loop(parts: WorkflowParts, media: MediaAgain) -> QuestionLoop | None:
    """Return the loop in which questions are answered; None where the model cannot call tools."""
    stores, models = parts.stores, parts.models
    if models.agent is None:
        return None
    return QuestionLoop(
        settings=parts.settings,
        engine=parts.engine,
        model=models.agent,
        work=QuestionWork(
            settings=parts.settings,
            catalogue=parts.catalogue,
            media=media,
            looker=models.looker,
            vision=models.vision,
            transcription=models.transcription,
            conversations=stores.conversations,
            blobs=stores.blobs,
            prices=models.prices,
            paid=parts.paid,
            secrets=stores.secrets,
            draws=parts.draws,
        ),
        prices=models.prices,
        paid=parts.paid,
        secrets=stores.secrets,
    )
