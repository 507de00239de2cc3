"""The command `/forget`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from services.catalogue import Catalogue

if TYPE_CHECKING:
    from cogs.questions._cog import QuestionsCog

Command = app_commands.Command[Any, ..., None]


def build_forget(cog: QuestionsCog, catalogue: Catalogue) -> Command:
    """Build the command; it only passes on to the cog."""

    @app_commands.command(name="forget", description=catalogue.text("command-forget"))
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def forget(interaction: discord.Interaction[Any]) -> None:
        await cog.forget(interaction)

    return cast("Command", forget)
