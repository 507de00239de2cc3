"""The command `/status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from services.catalogue import Catalogue

if TYPE_CHECKING:
    from cogs.status._cog import StatusCog

Command = app_commands.Command[Any, ..., None]


def build_status(cog: StatusCog, catalogue: Catalogue) -> Command:
    """Build the command; it only passes on to the cog."""

    @app_commands.command(name="status", description=catalogue.text("command-status"))
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def status(interaction: discord.Interaction[Any]) -> None:
        await cog.show(interaction)

    return cast("Command", status)
