"""The bot on the gateway: intents, cogs, command sync, and its way of being ready."""

from __future__ import annotations

import logging
import sys
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands
from services.container import Services
from services.settings import Settings

from cogs._errors import ErrorReporter
from cogs.controls import ControlsCog, PressedButton
from cogs.media import MediaCog
from cogs.questions import QuestionsCog
from cogs.refine import RefineCog

log = logging.getLogger(__name__)

REST_PATIENCE_SECONDS = 60.0
"""Longest wait that discord.py may spend on one rate limit before it raises."""


RECONNECT_DOUBLINGS = 5


class IsthmusBot(commands.AutoShardedBot):
    """Listens on the gateway; everything it does is in its cogs.

    Args:
        message_content: Ask for the privileged intent. Without it Discord shows the bot only
            messages that mention it, replies to it and direct messages.
    """

    def __init__(self, *, settings: Settings, services: Services, message_content: bool) -> None:
        intents = discord.Intents(
            guilds=True, guild_messages=True, dm_messages=True, message_content=message_content
        )
        discord_settings = settings.discord
        super().__init__(
            command_prefix=(),
            intents=intents,
            help_command=None,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=REST_PATIENCE_SECONDS,
            # With an address of its own the gateway's recommendation is not asked for.
            shard_count=discord_settings.shard_count or (1 if discord_settings.gateway_url else None),
        )
        self.settings = settings
        self.services = services
        self.reporter = ErrorReporter(services.catalogue)
        self.tree.error(self._on_command_error)

    async def setup_hook(self) -> None:
        """Load the features and sync their commands."""
        await self.add_cog(MediaCog(self, self.services, self.reporter))
        await self.add_cog(QuestionsCog(self, self.services, self.reporter))
        await self.add_cog(RefineCog(self, self.services, self.reporter))
        await self.add_cog(ControlsCog(self.services, self.reporter))
        self.add_dynamic_items(PressedButton)
        try:
            await self.tree.sync()
        except discord.HTTPException as error:
            # Posts and questions are answered all the same; commands stay as they were.
            log.warning("The commands could not be synced (status %s, code %s)", error.status, error.code)

    async def on_shard_connect(self, shard_id: int) -> None:
        """See to it that no later try to connect waits for longer than half a minute.

        discord.py doubles its pauses up to a quarter of an hour: after an outage of minutes the bot would
        stay deaf for as long again. A try that fails before it identifies costs nothing at Discord.
        """
        shard = self.shards[shard_id]._parent  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        shard._backoff._max = RECONNECT_DOUBLINGS  # noqa: SLF001 # pyright: ignore[reportPrivateUsage, reportUnknownMemberType]

    async def on_ready(self) -> None:
        """Say once a connection that work can be taken on."""
        sys.stdout.write(f"Isthmus is ready, servers: {len(self.guilds)}\n")
        sys.stdout.flush()

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Report an error that left a listener; the author of a message is told."""
        error = sys.exception() or RuntimeError(event_method)
        if not isinstance(error, Exception):
            return
        message = args[0] if args and isinstance(args[0], discord.Message) else None
        if message is None:
            self.reporter.sentence(error, f"event {event_method}")
        else:
            await self.reporter.report_message(message, error)

    async def _on_command_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError
    ) -> None:
        await self.reporter.report(interaction, error)
