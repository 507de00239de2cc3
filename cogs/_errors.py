"""One reporter for every way in which the Discord side can fail: listeners, commands, views, modals.

Each of these surfaces hands its errors to a different hook of discord.py; all of them end here.
"""

from __future__ import annotations

import logging
from typing import Any

import aiohttp
import discord
from discord import app_commands
from services import failures
from services.catalogue import Catalogue

log = logging.getLogger(__name__)

AWAY = (discord.DiscordException, aiohttp.ClientError, TimeoutError)
"""Refusals of Discord, and all that can come between."""


class ErrorReporter:
    """Logs an error under a reference and tells the person one sentence, where there is a way to."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def sentence(self, error: Exception, where: str) -> str:
        """Log the error and return what the person is told."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        return self._catalogue.failure(failures.note(cause, where))

    async def report(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Tell the person who clicked or typed, privately; never raises."""
        text = self.sentence(error, f"interaction {interaction.id}")
        try:
            await tell(interaction, text)
        except AWAY as failed:
            log.warning("Interaction %s could not be told of its error (%s)", interaction.id, failed)

    async def report_message(self, message: discord.Message, error: Exception) -> None:
        """Tell the author of a message, as a reply; never raises."""
        text = self.sentence(error, f"message {message.id}")
        try:
            await message.reply(
                text,
                mention_author=False,
                nonce=str(message.id),
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except AWAY as failed:
            log.warning("Message %s could not be told of its error (%s)", message.id, failed)


async def tell(interaction: discord.Interaction[Any], text: str) -> None:
    """Answer an interaction with a private sentence, whatever was answered before."""
    none = discord.AllowedMentions.none()
    if not interaction.response.is_done():
        await interaction.response.send_message(text, ephemeral=True, allowed_mentions=none)
    elif interaction.type is discord.InteractionType.component:
        # The original of a button press is the card it sits on: leave that alone.
        await interaction.followup.send(text, ephemeral=True, allowed_mentions=none)
    else:
        await interaction.edit_original_response(content=text, allowed_mentions=none)
