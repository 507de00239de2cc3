"""What counts as missed: the real discord.py in the local Discord, with this cog alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import discord
import discord.gateway
import discord.http
from discord.ext import commands

from cogs._serving import apply_endpoints
from cogs.catch_up import CatchUpCog
from playground.discord import LocalDiscord
from services.attendance import Attendance
from services.configuration import load_settings
from services.container import Services
from services.domain import JobRequest
from services.settings import Settings
from services.store.checkpoints import Checkpoint, CheckpointRepository
from services.store.database import Database


class Undeleted:
    """Every message of a running job still stands."""

    async def missed(self, concerns: Callable[[JobRequest], bool]) -> None:
        """Find nothing to take back."""


@dataclass
class Deck:
    """Of the services, those that the cog asks for."""

    settings: Settings
    attendance: Attendance
    take_back: Undeleted = field(default_factory=Undeleted)
    is_draining: bool = False


@dataclass
class Feature:
    """Remembers what it was given."""

    given: dict[int, bool] = field(default_factory=dict[int, bool])

    async def take(self, message: discord.Message, *, missed: bool = False) -> None:
        self.given[message.id] = missed


async def test_only_what_came_before_the_session_was_missed(tmp_path: Path) -> None:
    """A post that is made while the bot comes back is heard; that it is also found later says nothing."""
    before = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    await database.migrate()
    async with LocalDiscord() as local:
        ana = local.add_user("ana")
        guild = local.add_guild("Harbour")
        local.join(guild, ana)
        channel = local.add_channel(guild, "photos")
        checkpoints = CheckpointRepository(database)
        seen = await local.post(ana, channel, "seen")
        await checkpoints.save([Checkpoint(channel.id, guild.id, seen.id)])
        missed = await local.post(ana, channel, "missed")

        settings = load_settings(local.environment())
        apply_endpoints(settings)
        attendance = Attendance(checkpoints)
        await attendance.load(window_seconds=3600)
        feature = Feature()
        bot = commands.AutoShardedBot(
            (), intents=discord.Intents(guilds=True, guild_messages=True, message_content=True)
        )
        services = cast("Services", cast("Any", Deck(settings, attendance)))
        await bot.add_cog(CatchUpCog(bot, services, take=[feature.take]))
        running = asyncio.ensure_future(bot.start(local.token))
        try:
            await local.wait_for(lambda: local.gateway.identifies, what="the bot's session")
            heard = await local.post(ana, channel, "heard")
            async with asyncio.timeout(30):
                while heard.id not in feature.given:
                    await asyncio.sleep(0.02)
        finally:
            await bot.close()
            with suppress(asyncio.CancelledError):
                await running
            discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = before
    await database.aclose()
    assert feature.given == {missed.id: True, heard.id: False}
