"""Listens for questions, and for the buttons and the command that go with them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

import discord
from discord.ext import commands
from services.container import Services
from services.domain import Attachment, Correction, JobRequest
from services.errors import BotError, UserError
from services.store.jobs import Job, JobState

from cogs import _inbound
from cogs._errors import ErrorReporter
from cogs._ui import to_view
from cogs.questions._commands import build_forget
from cogs.questions._texts import (
    ItemText,
    SentText,
    item_texts,
    present_texts,
    read_form,
    text_files,
    text_form,
)

ACTIONS = frozenset({"text", "edit"})
PATIENCE_TRIES = 10
PATIENCE_SECONDS = 0.2
"""A press has to be answered within three seconds."""


class QuestionsCog(commands.Cog):
    """Takes on follow-ups; shows and changes the text that they are answered from."""

    def __init__(self, bot: commands.AutoShardedBot, services: Services, reporter: ErrorReporter) -> None:
        self._bot = bot
        self._services = services
        self._reporter = reporter
        # Each lock is there for as long as somebody holds it or waits for it.
        self._turns = WeakValueDictionary[tuple[int, int], asyncio.Lock]()
        bot.tree.add_command(build_forget(self, services.catalogue))

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a follow-up."""
        await self.take(message)

    async def take(self, message: discord.Message, *, missed: bool = False) -> None:
        """Answer a follow-up from what its conversation holds.

        Args:
            missed: It was posted while the bot was away.
        """
        heard = _inbound.hear(message, self._me, self._services.settings.listening)
        if heard is None or (heard.attachments and not heard.borrowed) or not _inbound.may_answer(message):
            return
        if missed and await self._services.questions.has(message.id):
            return  # It joined a question before the bot went away.
        with self._services.attendance.in_hand(message.channel.id, message.id):
            try:
                # One after the other: the second message of a burst joins the first one's question.
                async with self._turn(message.channel.id, message.author.id):
                    await self._accept(message, heard, missed=missed)
            except BotError as error:
                await self._reporter.report_message(message, error)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Ask a question anew whose writer changed it; previews of links change nothing.

        The question may have been asked by an edit of a post with files, once that had been read.
        """
        message = event.message
        if message.edited_at is None:
            return
        heard = _inbound.hear(message, self._me, self._services.settings.listening)
        if heard is None or not heard.addressed or not heard.text or not _inbound.may_answer(message):
            return
        try:
            async with self._turn(message.channel.id, message.author.id):
                await self._services.reword_question.run(message.id, heard.text)
        except BotError as error:
            await self._reporter.report_message(message, error)

    @commands.Cog.listener()
    async def on_job_button(
        self, interaction: discord.Interaction[Any], action: str, job_id: str, arg: str
    ) -> None:
        """Show the text that answers are made from, or a form in which it can be changed."""
        if action not in ACTIONS:
            return
        try:
            job = await self._job_here(interaction, job_id)
            if action == "text":
                await self._show_texts(interaction, job)
            else:
                await self._open_form(interaction, job, int(arg) if arg.isdigit() else 0)
        except Exception as error:  # the presser is told, whatever it was
            await self._reporter.report(interaction, error)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Read forms off the event: those opened before a restart arrive here as well."""
        if (sent := read_form(interaction)) is None:
            return
        try:
            await self._keep_edit(interaction, sent)
        except Exception as error:  # the person is told, whatever it was
            await self._reporter.report(interaction, error)

    async def _keep_edit(self, interaction: discord.Interaction[Any], sent: SentText) -> None:
        """Keep what a person wrote into the form, and say so where everybody reads it."""
        if not sent.text:
            raise UserError("text-empty")
        item = await self._item(await self._job_here(interaction, sent.job_id), sent.attachment_id)
        correction = Correction(sent.text, interaction.user.id, replaces=sent.is_whole)
        await self._services.conversations.correct(
            item.conversation_id, item.attachment_id, correction, made_by=f"edit-{interaction.id}"
        )
        said = self._services.catalogue.text("text-edited", number=item.number, person=interaction.user.mention)
        await interaction.response.send_message(said, allowed_mentions=discord.AllowedMentions.none())

    async def forget(self, interaction: discord.Interaction[Any]) -> None:
        """Erase what is remembered of this thread, for who began it and for moderators."""
        await interaction.response.defer(thinking=True, ephemeral=True)
        channel_id = interaction.channel_id
        assert channel_id is not None, "commands are used in a channel"
        is_moderator = interaction.guild_id is None or interaction.permissions.manage_messages
        erased = await self._services.forget.run(channel_id, interaction.user.id, is_moderator=is_moderator)
        said = self._services.catalogue.text(
            "forgotten", items=erased.items, turns=erased.turns, corrections=erased.corrections
        )
        await interaction.edit_original_response(content=said, allowed_mentions=discord.AllowedMentions.none())

    async def _accept(self, message: discord.Message, heard: _inbound.Heard, *, missed: bool) -> None:
        conversations = self._services.conversations
        conversation_id = await conversations.find(
            channel_id=heard.origin.channel_id,
            is_direct=heard.origin.guild_id is None,
            replied_message_id=heard.replies_to,
        )
        if conversation_id is None and heard.origin.own_thread:
            conversation_id = heard.origin.channel_id  # Its first job may have no row yet.
        files = heard.attachments
        if not files and conversation_id is None:
            files = await _inbound.media_up_the_chain(message, self._me)
        if files and not await self._is_known(conversation_id, files):
            goes_on_with = None if _inbound.begins_thread(heard.origin) else conversation_id
            request = self._request(message, heard, "read_post", files=files, conversation_id=goes_on_with)
            await self._services.intake.accept(replace(request, missed=missed))
            return
        if conversation_id is None:
            raise UserError("nothing-to-talk-about")
        limit = self._services.settings.limits.question_chars
        if len(heard.text) > limit:
            raise UserError("question-too-long", limit=str(limit))
        joined = await self._services.questions.join(
            place_id=heard.origin.channel_id,
            conversation_id=conversation_id,
            person_id=message.author.id,
            message_id=message.id,
            text=heard.text,
        )
        if joined is None:
            request = self._request(message, heard, "answer_question", conversation_id=conversation_id)
            await self._services.intake.accept(replace(request, missed=missed))

    async def _is_known(self, conversation_id: int | None, files: tuple[Attachment, ...]) -> bool:
        if conversation_id is None:
            return False
        conversation = await self._services.conversations.load(conversation_id)
        known = {item.source.attachment_id for item, _ in conversation.items}
        if all(each.source.attachment_id in known for each in files):
            return True
        message_id = getattr(files[0].source, "message_id", 0)
        return any(  # A question waits for what is being read.
            job.conversation_id == conversation_id
            and job.request.workflow == "read_post"
            and job.state in {JobState.RUNNING, JobState.DELIVERING}
            for job in await self._services.jobs.of_message(message_id)
        )

    def _request(
        self,
        message: discord.Message,
        heard: _inbound.Heard,
        workflow: str,
        *,
        files: tuple[Attachment, ...] = (),
        conversation_id: int | None = None,
    ) -> JobRequest:
        task = "answer" if workflow == "answer_question" else "describe"
        return JobRequest(
            job_id=f"{task}-{message.id}",
            workflow=workflow,
            requester_id=message.author.id,
            origin=heard.origin,
            text=heard.text,
            attachments=files,
            locale=self._services.settings.bot.language,
            conversation_id=conversation_id,
            replies_to=heard.replies_to,
        )

    async def _job_here(self, interaction: discord.Interaction[Any], job_id: str) -> Job:
        job = await self._services.jobs.get(job_id)
        if job is None or interaction.channel_id != job.place.channel_id:
            raise UserError("button-stale")
        for _ in range(PATIENCE_TRIES):
            if job is None or job.state is not JobState.DELIVERING:
                break  # What was posted a moment ago is kept a moment later.
            await asyncio.sleep(PATIENCE_SECONDS)
            job = await self._services.jobs.get(job_id)
        if job is None:
            raise UserError("button-stale")
        return job

    async def _texts(self, job: Job) -> list[ItemText]:
        conversation_id = job.conversation_id
        conversation = await self._services.conversations.load(conversation_id)
        wanted = {each.source.attachment_id for each in job.request.attachments}
        texts = item_texts(conversation_id, conversation)
        texts = [each for each in texts if each.attachment_id in wanted] or texts
        if not texts:
            raise UserError("text-nothing")
        return texts

    async def _show_texts(self, interaction: discord.Interaction[Any], job: Job) -> None:
        texts = await self._texts(job)
        card = present_texts(self._services.catalogue, texts)
        await interaction.response.send_message(
            view=to_view(card, job.request.job_id, "text"),
            files=[discord.File(io.BytesIO(each.data), each.name) for each in text_files(texts)],
            ephemeral=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def _open_form(self, interaction: discord.Interaction[Any], job: Job, attachment_id: int) -> None:
        item = await self._item(job, attachment_id)
        await interaction.response.send_modal(text_form(self._services.catalogue, item, job.request.job_id))

    async def _item(self, job: Job, attachment_id: int) -> ItemText:
        item = next((each for each in await self._texts(job) if each.attachment_id == attachment_id), None)
        if item is None:
            raise UserError("button-stale")
        return item

    @asynccontextmanager
    async def _turn(self, channel_id: int, person_id: int) -> AsyncGenerator[None]:
        lock = self._turns.setdefault((channel_id, person_id), asyncio.Lock())
        async with lock:
            yield

    @property
    def _me(self) -> discord.ClientUser:
        user = self._bot.user
        assert user is not None, "events come after login"
        return user
