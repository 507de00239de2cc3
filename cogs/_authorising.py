"""Who may press a job's buttons."""

from __future__ import annotations

from typing import Any

import discord
from services.errors import UserError
from services.store.jobs import Job, JobRepository


async def authorised(jobs: JobRepository, interaction: discord.Interaction[Any], job_id: str) -> Job:
    """Return the job if it speaks in this place and this person may steer it.

    That is whoever asked for it, and whoever may delete other people's messages here.

    Raises:
        UserError: It is gone, of another place, or somebody else's.
    """
    job = await jobs.get(job_id)
    if job is None or interaction.channel_id != job.place.channel_id:
        raise UserError("button-stale")
    moderator = interaction.permissions.manage_messages
    if interaction.user.id != job.request.requester_id and not moderator:
        raise UserError("button-not-yours")
    return job
