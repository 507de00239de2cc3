"""Erases what the bot remembers of a thread: readings, turns, refinements, recorded jobs and cached media."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from services.engine import Engine
from services.errors import UserError
from services.media.cache import MediaCache
from services.store.conversations import ConversationRepository
from services.store.jobs import Job, JobRepository, JobState
from services.store.questions import QuestionRepository
from services.store.refinements import RefinementRepository

POLL_SECONDS = 0.1
TRIES = 50


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased."""

    items: int
    turns: int
    corrections: int


class ForgetConversations:
    """Erases conversations; the messages in Discord stay."""

    def __init__(
        self,
        *,
        engine: Engine,
        jobs: JobRepository,
        questions: QuestionRepository,
        conversations: ConversationRepository,
        refinements: RefinementRepository,
        cache: MediaCache,
    ) -> None:
        self._engine = engine
        self._jobs = jobs
        self._questions = questions
        self._conversations = conversations
        self._refinements = refinements
        self._cache = cache

    async def run(self, channel_id: int, by_id: int, *, is_moderator: bool) -> Erased:
        """Erase all that is remembered of a thread or channel.

        Args:
            channel_id: Where.
            by_id: Who asks: the person of the thread's first request may, and so may moderators.
            is_moderator: Whether this person may manage messages there; in direct messages everybody may.

        Raises:
            UserError: A job still runs there, there is nothing to erase, or it is not this person's.
        """
        jobs = await self._until_ended(channel_id)
        conversations = await self._conversations.of_channel(channel_id)
        if not conversations and not jobs:
            raise UserError("forget-nothing")
        has_begun = bool(jobs) and jobs[0].place.is_thread and jobs[0].request.requester_id == by_id
        if not is_moderator and not has_begun:
            raise UserError("forget-not-yours")
        job_ids = [job.request.job_id for job in jobs]
        await self._until_recorded(job_ids)
        items = turns = corrections = 0
        for conversation_id in conversations:
            forgotten = await self._conversations.forget(conversation_id)
            items += forgotten.items
            turns += forgotten.turns
            corrections += forgotten.corrections
            for sha256 in forgotten.hashes:
                await self._cache.forget(sha256)
        await self._engine.forget(job_ids)
        for refinement_id in {job.request.refine.refinement_id for job in jobs if job.request.refine}:
            await self._refinements.forget(refinement_id)
        for job_id in job_ids:
            await self._questions.forget(job_id)
            await self._jobs.forget(job_id)
        return Erased(items, turns, corrections)

    async def _until_ended(self, channel_id: int) -> list[Job]:
        """Return the jobs of a place, all ended; what is being delivered ends in a moment."""
        for _ in range(TRIES):
            jobs = await self._jobs.of_place(channel_id)
            states = {job.state for job in jobs}
            if JobState.RUNNING in states:
                break
            if JobState.DELIVERING not in states:
                return jobs
            await asyncio.sleep(POLL_SECONDS)
        raise UserError("forget-busy")

    async def _until_recorded(self, job_ids: Sequence[str]) -> None:
        """Wait for the engine, which records the end of a job a moment after the job's row says so."""
        for job_id in job_ids:
            for _ in range(TRIES):
                if await self._engine.state(job_id) not in {"queued", "running"}:
                    break
                await asyncio.sleep(POLL_SECONDS)
            else:
                raise UserError("forget-busy")
