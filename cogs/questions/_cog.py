"""Listens for messages without media that speak to the bot; starts the answering workflow."""

from __future__ import annotations

import discord
from discord.ext import commands
from services.container import Services
from services.domain import JobRequest
from services.errors import BotError, UserError

from cogs import _inbound
from cogs._errors import ErrorReporter


class QuestionsCog(commands.Cog):
    """Takes on follow-ups."""

    def __init__(self, bot: commands.AutoShardedBot, services: Services, reporter: ErrorReporter) -> None:
        self._bot = bot
        self._services = services
        self._reporter = reporter

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a follow-up from what its conversation holds."""
        me = self._bot.user
        assert me is not None, "events come after login"
        heard = _inbound.hear(message, me, self._services.settings.listening)
        if heard is None or heard.attachments or not _inbound.may_answer(message):
            return
        try:
            await self._accept(message, heard)
        except BotError as error:
            await self._reporter.report_message(message, error)

    async def _accept(self, message: discord.Message, heard: _inbound.Heard) -> None:
        conversation_id = await self._services.conversations.find(
            channel_id=heard.origin.channel_id,
            is_direct=heard.origin.guild_id is None,
            replied_message_id=heard.replies_to,
        )
        if conversation_id is None:
            raise UserError("nothing-to-talk-about")
        limit = self._services.settings.limits.question_chars
        if len(heard.text) > limit:
            raise UserError("question-too-long", limit=str(limit))
        await self._services.intake.accept(
            JobRequest(
                job_id=f"answer-{message.id}",
                workflow="answer_question",
                requester_id=message.author.id,
                origin=heard.origin,
                text=heard.text,
                locale=self._services.settings.bot.language,
                conversation_id=conversation_id,
            )
        )
