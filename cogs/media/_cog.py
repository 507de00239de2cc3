"""Listens for media and for the command and menu `Describe`; starts the describing workflow."""

from __future__ import annotations

import contextlib
from typing import Any

import discord
from discord.ext import commands
from services.container import Services
from services.domain import Attachment, JobRequest, Origin
from services.errors import BotError, UserError
from services.tasks import Tasks

from cogs import _inbound
from cogs._errors import ErrorReporter
from cogs._links import find_linked_message
from cogs.media._commands import build_commands


class MediaCog(commands.Cog):
    """Takes on posts with media."""

    def __init__(self, bot: commands.AutoShardedBot, services: Services, reporter: ErrorReporter) -> None:
        self._bot = bot
        self._services = services
        self._reporter = reporter
        self._tasks = Tasks()
        for command in build_commands(self, services.catalogue):
            bot.tree.add_command(command)

    async def cog_unload(self) -> None:
        """End what still runs."""
        await self._tasks.aclose()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Describe the media of a post that the bot listens to."""
        heard = _inbound.hear(message, self._me, self._services.settings.listening)
        if heard is None or not heard.attachments or not _inbound.may_answer(message):
            return
        self._tasks.start(_show_typing(message), name=f"typing-{message.id}")
        try:
            await self._services.intake.accept(
                JobRequest(
                    job_id=f"describe-{message.id}",
                    workflow="describe_image",
                    requester_id=message.author.id,
                    origin=heard.origin,
                    text=heard.text,
                    attachments=heard.attachments,
                    locale=self._services.settings.bot.language,
                )
            )
        except BotError as error:
            await self._reporter.report_message(message, error)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Take back what was made of a message that its author deleted."""
        await self._services.take_back.message(event.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """As for a single deleted message."""
        for message_id in event.message_ids:
            await self._services.take_back.message(message_id)

    async def describe(
        self,
        interaction: discord.Interaction[Any],
        attachment: discord.Attachment | None,
        link: str | None,
        question: str,
    ) -> None:
        """Describe an attached picture in public, or a linked message's pictures under it."""
        await interaction.response.defer(thinking=True, ephemeral=attachment is None)
        if attachment is not None:
            await self._describe_file(interaction, attachment, question)
        elif link:
            message = await find_linked_message(interaction, link)
            await self._describe_message(interaction, message, question)
        else:
            raise UserError("describe-what")

    async def describe_message(self, interaction: discord.Interaction[Any], message: discord.Message) -> None:
        """Describe what any message shows (context menu)."""
        await interaction.response.defer(thinking=True, ephemeral=True)
        await self._describe_message(interaction, message, "")

    async def _describe_file(
        self, interaction: discord.Interaction[Any], file: discord.Attachment, question: str
    ) -> None:
        await self._services.interactions.keep(
            interaction.id,
            token=interaction.token,
            application_id=interaction.application_id,
            expires=interaction.expires_at,
            urls={file.id: file.url},
        )
        attachments = _inbound.interaction_attachments(interaction, [file])
        await self._accept(interaction, _inbound.command_origin(interaction), attachments, question)

    async def _describe_message(
        self, interaction: discord.Interaction[Any], message: discord.Message, question: str
    ) -> None:
        attachments = _inbound.attachments_of(message)
        if not attachments and (replied := _inbound.replied_message(message)) is not None:
            attachments = _inbound.attachments_of(replied)
        if not attachments:
            raise UserError("no-media-there")
        await self._services.interactions.keep(
            interaction.id,
            token=interaction.token,
            application_id=interaction.application_id,
            expires=interaction.expires_at,
            urls={},
        )
        await self._accept(interaction, _inbound.origin_of(message, self._me), attachments, question)

    async def _accept(
        self,
        interaction: discord.Interaction[Any],
        origin: Origin,
        attachments: tuple[Attachment, ...],
        question: str,
    ) -> None:
        await self._services.intake.accept(
            JobRequest(
                job_id=f"describe-{interaction.id}",
                workflow="describe_image",
                requester_id=interaction.user.id,
                origin=origin,
                text=question,
                attachments=attachments,
                locale=str(interaction.locale),
                interaction_id=interaction.id,
            )
        )

    @property
    def _me(self) -> discord.ClientUser:
        user = self._bot.user
        assert user is not None, "events come after login"
        return user


async def _show_typing(message: discord.Message) -> None:
    # A courtesy: the card says the same a moment later.
    with contextlib.suppress(discord.HTTPException):
        await message.channel.typing()
