"""The bot on the gateway: intents, cogs, command sync, and its way of being ready."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from typing import Any, cast

import aiohttp
import discord
import discord.http
from discord import app_commands
from discord.ext import commands
from services.container import Services
from services.errors import BusyError
from services.settings import Settings
from services.shutdown import unless_stopped
from services.tasks import Tasks

from cogs._errors import ErrorReporter, tell
from cogs._parsers import pass_over_unreadable_events
from cogs._refusals import watch
from cogs._rest import pace, report, retried
from cogs._ui import CUSTOM_ID
from cogs.catch_up import CatchUpCog
from cogs.controls import ControlsCog, PressedButton
from cogs.media import MediaCog
from cogs.questions import QuestionsCog
from cogs.refine import RefineCog
from cogs.status import StatusCog

log = logging.getLogger(__name__)

REST_PATIENCE_SECONDS = 60.0
"""Longest wait that discord.py may spend on one rate limit before it raises."""

_BEGINNINGS = frozenset({"message", "raw_message_edit"})
"""Events that may begin work. What is missed of them while the bot ends, it catches up on afterwards."""


class _Commands(app_commands.CommandTree["IsthmusBot"]):
    """Refuses commands and menus while the bot ends."""

    async def interaction_check(self, interaction: discord.Interaction[IsthmusBot], /) -> bool:
        bot = interaction.client
        if bot.services.is_draining and interaction.type is not discord.InteractionType.autocomplete:
            await bot.refuse(interaction)
        return not bot.services.is_draining


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
        trace = aiohttp.TraceConfig()
        watch(trace, services.refusals)
        pace(trace, services.rest_budget)
        report(trace, services.metrics)
        super().__init__(
            command_prefix=(),
            tree_cls=_Commands,
            intents=intents,
            help_command=None,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=REST_PATIENCE_SECONDS,
            http_trace=trace,
            # With an address of its own the gateway's recommendation is not asked for.
            shard_count=discord_settings.shard_count or (1 if discord_settings.gateway_url else None),
        )
        pass_over_unreadable_events(self)
        self.settings = settings
        self.services = services
        self.reporter = ErrorReporter(services.catalogue)
        self._tasks = Tasks()
        self.tree.error(self._on_command_error)
        services.health.depend_on("gateway", self._is_listening)

    async def serve(self, token: str, stop: asyncio.Event, rest: discord.Client) -> None:
        """Listen until asked to stop; then begin nothing more, and stay to say so while jobs end.

        Args:
            rest: A client that is logged in.

        Raises:
            discord.PrivilegedIntentsRequired: Discord refuses the message content intent.
        """
        listening = asyncio.ensure_future(self._listen(token, rest))
        try:
            if not await unless_stopped(stop, listening):
                await self.services.drain()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Count a new session before it begins, and wait where there were too many."""
        await self.services.identifies.begin(self.shard_count or 1)
        await super().before_identify_hook(shard_id, initial=initial)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Hand an event to its listeners; while the bot ends, none that would begin work."""
        if not self.services.is_draining:
            super().dispatch(event, *args, **kwargs)
            return
        if event == "job_button" or (event == "interaction" and _is_job_form(args[0])):
            pressed = cast("discord.Interaction[Any]", args[0])
            self._tasks.start(self.refuse(pressed), name=f"refuse-{pressed.id}")
        elif event not in _BEGINNINGS:
            super().dispatch(event, *args, **kwargs)

    async def _listen(self, token: str, rest: discord.Client) -> None:
        """Connect, unless that happened too often; waiting is done here, where no time limit ends it."""
        left, reset_seconds, shards = None, 0.0, self.shard_count or 1
        try:
            route = discord.http.Route("GET", "/gateway/bot")
            said: dict[str, Any] = await retried(lambda: rest.http.request(route))
            shards = self.shard_count or said["shards"]
            limit = said["session_start_limit"]
            left, reset_seconds = limit["remaining"], limit["reset_after"] / 1000
        except (discord.HTTPException, BusyError) as error:
            log.warning("Discord did not say how often the bot may connect (%s)", type(error).__name__)
        except (KeyError, TypeError) as error:
            # discord.py would ask again, and fail on the same, when it knows no number of shards.
            self.shard_count = shards
            log.warning("Discord's word on how often the bot may connect cannot be read (%r)", error)
        await self.services.identifies.wait(shards, left=left, reset_seconds=reset_seconds)
        await self.start(token)

    async def refuse(self, interaction: discord.Interaction[Any]) -> None:
        """Tell who pressed or typed that the bot is starting anew; never raises."""
        try:
            await tell(interaction, self.services.catalogue.text("restarting"))
        except (discord.HTTPException, aiohttp.ClientError) as failed:
            log.info("Interaction %s was not told of the restart (%s)", interaction.id, type(failed).__name__)

    async def setup_hook(self) -> None:
        """Load the features and sync their commands."""
        media = MediaCog(self, self.services, self.reporter)
        questions = QuestionsCog(self, self.services, self.reporter)
        await self.add_cog(CatchUpCog(self, self.services, take=(media.take, questions.take)))
        await self.add_cog(media)
        await self.add_cog(questions)
        await self.add_cog(RefineCog(self, self.services, self.reporter))
        await self.add_cog(StatusCog(self, self.services, self.reporter))
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
        await self.services.servers.compare({guild.id for guild in self.guilds})

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Note that a server was left: what is kept of it is erased after a while."""
        await self.services.servers.left(guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Note that a server was joined, perhaps again."""
        await self.services.servers.joined(guild.id)

    async def _is_listening(self) -> bool:
        """Tell whether every shard has a connection that events come through."""
        shards = self.shards.values()
        return self.is_ready() and not self.is_closed() and not any(each.is_closed() for each in shards)

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


def _is_job_form(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether a form that was sent begins work; others only keep what was written."""
    form = {**(interaction.data or {})}
    return interaction.type is discord.InteractionType.modal_submit and bool(
        re.fullmatch(CUSTOM_ID, str(form.get("custom_id", "")))
    )
