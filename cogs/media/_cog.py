"""Listens for media and for the commands and menus that read them; starts the reading workflow."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import discord
from discord.ext import commands
from services.container import Services
from services.domain import Attachment, JobRequest, Origin, ReadingOptions
from services.errors import BotError, UserError
from services.tasks import Tasks

from cogs import _inbound
from cogs._errors import AWAY, ErrorReporter
from cogs._links import find_linked_message
from cogs._rest import in_passing
from cogs.media._commands import build_commands

TYPING_SECONDS = 1.0
EDITED_SECONDS = 3600.0
"""Edits of older messages ask for nothing: what was answered then may be forgotten by now."""


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
        """Describe the media of a post."""
        await self.take(message)

    async def take(self, message: discord.Message, *, missed: bool = False) -> None:
        """Describe the media of a post that the bot listens to; replies to posts are questions.

        Args:
            missed: It was posted while the bot was away.
        """
        heard = _inbound.hear(message, self._me, self._services.settings.listening)
        if heard is None or not heard.attachments or heard.borrowed or not _inbound.may_answer(message):
            return
        if not missed and not self._services.rest_budget.is_tight:
            self._tasks.start(self._show_typing(message), name=f"typing-{message.id}")
        with self._services.attendance.in_hand(message.channel.id, message.id):
            try:
                await self._accept(message, heard, missed=missed)
            except BotError as error:
                if heard.addressed or not missed:
                    await self._reporter.report_message(message, error)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Take over what a person changes in a post; previews that Discord adds to it are no edits."""
        message = event.message
        age = discord.utils.utcnow() - message.created_at
        if message.edited_at is None or message.author.bot or age.total_seconds() > EDITED_SECONDS:
            return
        is_read = await self._services.amend_post.run(
            message.id,
            text=_inbound.without_mention(message, self._me),
            attachment_ids={each.source.attachment_id for each in _inbound.attachments_of(message)},
        )
        if not is_read and _inbound.is_mentioned(message, self._me):
            await self._asked_by_edit(message)

    async def _asked_by_edit(self, message: discord.Message) -> None:
        """Answer a message that turned to the bot by an edit; a post that was read before gets one answer."""
        heard = _inbound.hear(message, self._me, self._services.settings.listening)
        jobs = await self._services.jobs.of_message(message.id)
        read = next((each for each in jobs if each.request.workflow == "read_post"), None)
        was_asked = any(each.request.workflow == "answer_question" for each in jobs)
        if read is None:
            # A question is asked anew elsewhere, also one that has joined another message's.
            if not was_asked and not await self._services.questions.has(message.id):
                self._bot.dispatch("message", message)  # As if it had just been posted.
        elif heard is not None and heard.text and heard.text != read.request.text:
            request = JobRequest(
                job_id=f"answer-{message.id}",
                workflow="answer_question",
                requester_id=message.author.id,
                origin=heard.origin,
                text=heard.text,
                locale=self._services.settings.bot.language,
                conversation_id=read.conversation_id,
            )
            try:
                await self._services.intake.accept(request)
            except BotError as error:
                await self._reporter.report_message(message, error)

    async def _accept(self, message: discord.Message, heard: _inbound.Heard, *, missed: bool) -> None:
        conversation_id = await self._conversation_of(heard)
        files = heard.attachments
        if heard.text and heard.addressed and conversation_id is None:
            # "What differs from yours?" is about the files of both messages.
            files += await _inbound.media_up_the_chain(message, self._me)
        await self._services.intake.accept(
            JobRequest(
                job_id=f"describe-{message.id}",
                workflow="read_post",
                requester_id=message.author.id,
                origin=heard.origin,
                text=heard.text,
                attachments=files,
                locale=self._services.settings.bot.language,
                conversation_id=conversation_id,
                replies_to=heard.replies_to,
                missed=missed,
            ),
            may_wait=True,
        )

    async def _conversation_of(self, heard: _inbound.Heard) -> int | None:
        """Return the conversation that a post goes on with; None where it begins one.

        A post on which a thread is opened begins one of its own, whatever it replies to.
        """
        origin = heard.origin
        if not heard.addressed or _inbound.begins_thread(origin):
            return None
        return await self._services.conversations.find(
            channel_id=origin.channel_id,
            is_direct=origin.guild_id is None,
            replied_message_id=heard.replies_to,
        )

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Take back what was made of a message that its author deleted."""
        await self._services.take_back.message(event.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """As for a single deleted message."""
        for message_id in event.message_ids:
            await self._services.take_back.message(message_id)

    async def read(
        self,
        interaction: discord.Interaction[Any],
        attachment: discord.Attachment | None,
        link: str | None,
        text: str,
        options: ReadingOptions,
    ) -> None:
        """Read an attached file in public, or a linked message's files under it."""
        await interaction.response.defer(thinking=True, ephemeral=attachment is None)
        if attachment is not None:
            await self._read_file(interaction, attachment, text, options)
        elif link:
            message = await find_linked_message(interaction, link)
            await self._read_message(interaction, message, text, options)
        else:
            raise UserError(f"{options.task}-what")

    async def read_message(
        self, interaction: discord.Interaction[Any], message: discord.Message, options: ReadingOptions
    ) -> None:
        """Read what any message shows (context menu)."""
        await interaction.response.defer(thinking=True, ephemeral=True)
        await self._read_message(interaction, message, "", options)

    async def summarize_thread(
        self, interaction: discord.Interaction[Any], text: str, options: ReadingOptions
    ) -> None:
        """Sum up the conversation in which the command was used."""
        await interaction.response.defer(thinking=True)
        assert interaction.channel_id is not None, "commands are used in a channel"
        conversation_id = await self._services.conversations.find(
            channel_id=interaction.channel_id,
            is_direct=interaction.guild_id is None,
            replied_message_id=None,
        )
        if conversation_id is None:
            raise UserError("summarize-what")
        await self._keep(interaction, {})
        request = self._request(interaction, _inbound.command_origin(interaction), (), text, options)
        await self._services.intake.accept(
            replace(request, workflow="summarize_thread", conversation_id=conversation_id)
        )

    async def _read_file(
        self,
        interaction: discord.Interaction[Any],
        file: discord.Attachment,
        text: str,
        options: ReadingOptions,
    ) -> None:
        await self._keep(interaction, {file.id: file.url})
        attachments = _inbound.interaction_attachments(interaction, [file])
        origin = _inbound.command_origin(interaction)
        await self._services.intake.accept(self._request(interaction, origin, attachments, text, options))

    async def _read_message(
        self,
        interaction: discord.Interaction[Any],
        message: discord.Message,
        text: str,
        options: ReadingOptions,
    ) -> None:
        attachments = _inbound.attachments_of(message)
        if not attachments and (replied := _inbound.replied_message(message)) is not None:
            attachments = _inbound.attachments_of(replied)
        if not attachments:
            raise UserError("no-media-there")
        await self._keep(interaction, {})
        origin = _inbound.origin_of(message, self._me)
        await self._services.intake.accept(self._request(interaction, origin, attachments, text, options))

    async def _keep(self, interaction: discord.Interaction[Any], urls: dict[int, str]) -> None:
        await self._services.interactions.keep(
            interaction.id,
            token=interaction.token,
            application_id=interaction.application_id,
            expires=interaction.expires_at,
            urls=urls,
        )

    def _request(
        self,
        interaction: discord.Interaction[Any],
        origin: Origin,
        attachments: tuple[Attachment, ...],
        text: str,
        options: ReadingOptions,
    ) -> JobRequest:
        return JobRequest(
            job_id=f"{options.task}-{interaction.id}",
            workflow="read_post",
            requester_id=interaction.user.id,
            origin=origin,
            text=text,
            attachments=attachments,
            locale=str(interaction.locale),
            interaction_id=interaction.id,
            options=options,
        )

    async def _show_typing(self, message: discord.Message) -> None:
        # A courtesy: the card says the same a moment later, and after that nobody needs it any more.
        with contextlib.suppress(*AWAY):
            async with in_passing(self._services.rest_budget, seconds=TYPING_SECONDS):
                await message.channel.typing()

    @property
    def _me(self) -> discord.ClientUser:
        user = self._bot.user
        assert user is not None, "events come after login"
        return user
