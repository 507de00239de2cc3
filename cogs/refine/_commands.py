"""The command `/refine` and the message menu of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from services.catalogue import Catalogue

if TYPE_CHECKING:
    from cogs.refine._cog import RefineCog

Command = app_commands.Command[Any, ..., None] | app_commands.ContextMenu


def build_commands(cog: RefineCog, catalogue: Catalogue) -> tuple[Command, ...]:
    """Build the feature's commands; each only passes on to the cog."""

    @app_commands.command(name="refine", description=catalogue.text("command-refine"))
    @app_commands.describe(
        attachment=catalogue.text("command-refine-attachment"), link=catalogue.text("command-link")
    )
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def refine(
        interaction: discord.Interaction[Any],
        attachment: discord.Attachment | None = None,
        link: str | None = None,
    ) -> None:
        await cog.refine(interaction, attachment, link)

    @app_commands.context_menu(name=catalogue.text("menu-refine"))
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def menu(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await cog.refine_message(interaction, message)

    return cast("Command", refine), menu
