"""Shows people their own jobs, in private, and stops them from there."""

from __future__ import annotations

from typing import Any

import discord
from discord.ext import commands
from services.container import Services
from services.errors import UserError
from services.store.jobs import Job

from cogs._errors import ErrorReporter, tell
from cogs._ui import to_view
from cogs.status._commands import build_status
from cogs.status._presenter import STOP, present


class StatusCog(commands.Cog):
    """Answers `/status` and its buttons."""

    def __init__(self, bot: commands.AutoShardedBot, services: Services, reporter: ErrorReporter) -> None:
        self._services = services
        self._reporter = reporter
        bot.tree.add_command(build_status(self, services.catalogue))

    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Show the person's jobs and budget."""
        await interaction.response.defer(thinking=True, ephemeral=True)
        status = await self._services.own_jobs.of(interaction.user.id)
        card = present(self._services.catalogue, status)
        await interaction.edit_original_response(
            view=to_view(card, f"status-{interaction.id}"), allowed_mentions=discord.AllowedMentions.none()
        )

    @commands.Cog.listener()
    async def on_job_button(
        self, interaction: discord.Interaction[Any], action: str, _job_id: str, arg: str
    ) -> None:
        """Stop one of the person's own jobs; other buttons are for other cogs."""
        if action != STOP:
            return
        try:
            await interaction.response.defer()
            job = await self._own(arg, interaction.user.id)
            await self._services.stop_job.run(job, interaction.user.id)
            await tell(interaction, self._services.catalogue.text("status-stopped"))
        except Exception as error:  # the presser is told, whatever it was
            await self._reporter.report(interaction, error)

    async def _own(self, job_id: str, person_id: int) -> Job:
        job = await self._services.jobs.get(job_id)
        if job is None or job.request.requester_id != person_id:
            raise UserError("button-stale")
        return job
