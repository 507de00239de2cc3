"""The command `/describe` and the message menu "Describe", worded by the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from services.catalogue import Catalogue

if TYPE_CHECKING:
    from cogs.media._cog import MediaCog

QUESTION_LIMIT = 1000


def build_commands(
    cog: MediaCog, catalogue: Catalogue
) -> tuple[app_commands.Command[Any, ..., None] | app_commands.ContextMenu, ...]:
    """Build the feature's commands; each only passes on to the cog."""

    @app_commands.command(name="describe", description=catalogue.text("command-describe"))
    @app_commands.describe(
        attachment=catalogue.text("command-describe-attachment"),
        link=catalogue.text("command-describe-link"),
        question=catalogue.text("command-describe-question"),
    )
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def describe(
        interaction: discord.Interaction[Any],
        attachment: discord.Attachment | None = None,
        link: str | None = None,
        question: app_commands.Range[str, 1, QUESTION_LIMIT] | None = None,
    ) -> None:
        await cog.describe(interaction, attachment, link, question or "")

    @app_commands.context_menu(name=catalogue.text("menu-describe"))
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def describe_menu(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await cog.describe_message(interaction, message)

    return cast("app_commands.Command[Any, ..., None]", describe), describe_menu
