"""Who may press a job's buttons."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import discord
from services.errors import UserError
from services.store.jobs import Job, JobRepository

ROW_SECONDS = 1.5
"""So long a press waits for the row of a job whose card has just been posted; Discord waits 3 s for us."""
YOUNG_SECONDS = 60.0
POLL_SECONDS = 0.05


async def authorised(jobs: JobRepository, interaction: discord.Interaction[Any], job_id: str) -> Job:
    """Return the job if it speaks in this place and this person may steer it.

    That is whoever asked for it, and whoever may delete other people's messages here.

    Raises:
        UserError: It is gone, of another place, or somebody else's.
    """
    job = await _written(jobs, interaction, job_id)
    if job is None or interaction.channel_id != job.place.channel_id:
        raise UserError("button-stale")
    moderator = interaction.permissions.manage_messages
    if interaction.user.id != job.request.requester_id and not moderator:
        raise UserError("button-not-yours")
    return job


async def _written(jobs: JobRepository, interaction: discord.Interaction[Any], job_id: str) -> Job | None:
    """Return a job; its card stands a moment before its row does."""
    card = interaction.message
    is_young = card is not None and time.time() - card.created_at.timestamp() < YOUNG_SECONDS
    job = await jobs.get(job_id)
    for _ in range(round(ROW_SECONDS / POLL_SECONDS) if is_young else 0):
        if job is not None:
            break
        await asyncio.sleep(POLL_SECONDS)
        job = await jobs.get(job_id)
    return job
