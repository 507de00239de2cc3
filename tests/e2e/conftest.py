"""A small harbour town: one server, one channel, two people, a local Discord and scripted models."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from playground.discord import LocalDiscord
from playground.discord.state import Channel, Guild, Message, User
from playground.models import ScriptedModels


@dataclass
class Town:
    """Where the end-to-end tests take place."""

    local: LocalDiscord
    models: ScriptedModels
    folder: Path
    guild: Guild
    channel: Channel
    ana: User
    ben: User

    async def settled(self, message: Message, *, timeout: float = 30.0) -> list[Message]:
        """Wait until the thread on a message holds a finished outcome; return the thread's messages."""

        def finished() -> list[Message]:
            thread = self.local.thread_of(message)
            posted = self.local.messages(thread) if thread else []
            own = [each for each in posted if each.author.bot]
            done = own and not any(":stop:" in each for m in own for each in m.custom_ids())
            return own if done else []

        return await self.local.wait_for(finished, timeout=timeout, what="a finished thread")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncGenerator[Town]:
    async with LocalDiscord() as local, ScriptedModels() as models:
        ana, ben = local.add_user("ana"), local.add_user("ben")
        guild = local.add_guild("Harbour")
        local.join(guild, ana, ben)
        channel = local.add_channel(guild, "photos")
        yield Town(local, models, tmp_path, guild, channel, ana, ben)
        assert not local.unimplemented
        assert not models.unimplemented
        pinged = [
            each for held in local.world.channels.values() for each in held.messages.values() if each.pinged
        ]
        assert not [each for each in pinged if each.author.bot], "the bot pinged somebody"
