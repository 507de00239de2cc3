"""Stop, Try again and Delete: authorised by the job's row at every press."""

from __future__ import annotations

from typing import Any

import discord
from discord.ext import commands
from services.container import Services
from services.store.jobs import Job

from cogs._authorising import authorised
from cogs._errors import ErrorReporter, tell

ACTIONS = frozenset({"stop", "retry", "go", "delete"})
"""Other presses belong to other features: a form, for one, must be the first response."""


class ControlsCog(commands.Cog):
    """Acts on presses of the buttons that every job has."""

    def __init__(self, services: Services, reporter: ErrorReporter) -> None:
        self._services = services
        self._reporter = reporter

    @commands.Cog.listener()
    async def on_job_button(
        self, interaction: discord.Interaction[Any], action: str, job_id: str, arg: str
    ) -> None:
        """Carry out a press, or say in private why not; other buttons are for other cogs."""
        if action not in ACTIONS:
            return
        try:
            await interaction.response.defer()
            job = await authorised(self._services.jobs, interaction, job_id)
            if action == "stop":
                await self._services.stop_job.run(job, interaction.user.id)
            elif action == "retry":
                if (done := await self._services.retry_job.run(job, interaction.user.id)) is not None:
                    await tell(interaction, self._services.catalogue.text("retried-already", link=_link(done)))
            elif action == "go":
                await self._services.confirm_job.run(job, [int(at) for at in arg.split("-") if at.isdigit()])
            elif action == "delete":
                await self._services.take_back.answer(job)
        except Exception as error:  # the presser is told, whatever it was
            await self._reporter.report(interaction, error)


def _link(job: Job) -> str:
    """Return the link of a job's outcome, or of its card while it runs."""
    message_id = next(iter(job.message_ids), job.place.progress_message_id)
    guild = job.request.origin.guild_id or "@me"
    return f"https://discord.com/channels/{guild}/{job.place.channel_id}/{message_id}"
