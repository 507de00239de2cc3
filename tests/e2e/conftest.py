"""A small harbour town: one server, one channel, two people, a local Discord and scripted models."""

from __future__ import annotations

import warnings
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio

from playground.api_description import ApiDescription, find_description
from playground.discord import LocalDiscord
from playground.discord.state import Channel, Guild, Interaction, Message, User
from playground.models import RequestCheck, ScriptedModels
from playground.models.abilities import NONE
from tests.bots import LIMIT_SECONDS, running_bot


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

    async def settled(self, message: Message, *, timeout: float = LIMIT_SECONDS) -> list[Message]:
        """Wait until the thread on a message holds a finished outcome; return the thread's messages."""

        return await self.local.wait_for(
            lambda: self.outcome(message), timeout=timeout, what="a finished thread"
        )

    def outcome(self, message: Message) -> list[Message]:
        """Return the bot's messages in the thread on a message; none before it is finished."""
        thread = self.local.thread_of(message)
        posted = self.local.messages(thread) if thread else []
        own = [each for each in posted if each.author.bot]
        done = own and not any(":stop:" in each for m in own for each in m.custom_ids())
        return own if done else []

    async def replied(self, question: Message, *, timeout: float = LIMIT_SECONDS) -> Message:
        """Wait until a finished reply to a message stands; return it."""

        replies = await self.local.wait_for(
            lambda: self.replies(question), timeout=timeout, what="a finished reply"
        )
        return replies[0]

    def replies(self, question: Message) -> list[Message]:
        """Return the bot's finished replies to a message."""
        return [
            message
            for message in self.local.messages(question.channel_id)
            if message.author.bot
            and (message.reference or {}).get("message_id") == str(question.id)
            and not any(":stop:" in each for each in message.custom_ids())
        ]

    async def card_with(self, post: Message, part: str) -> tuple[Message, str]:
        """Wait for a button in the post's thread; return its message and its custom id."""

        def found() -> tuple[Message, str] | None:
            thread = self.local.thread_of(post)
            for message in self.local.messages(thread) if thread else []:
                for each in message.custom_ids():
                    if part in f":{each}:":
                        return message, each
            return None

        return await self.local.wait_for(found, what=f"a button {part}")

    async def commands_synced(self) -> None:
        """Wait until the bot has told Discord its commands."""
        await self.local.wait_for(lambda: self.local.world.commands)

    def answer_to(self, interaction: Interaction, channel: Channel | None = None) -> str:
        """Return what a command's user reads; empty while the bot is thinking."""
        message = (channel or self.channel).messages.get(interaction.response_id or 0)
        return message.text if message else ""

    def channel_of(self, message: Message) -> Channel:
        """Return where a message stands."""
        return self.local.world.channels[message.channel_id]


@cache
def description_check(name: Literal["discord", "openai"]) -> RequestCheck | None:
    """Return the check of requests against an official description, where it is to be had."""
    path = find_description(name)
    if path is None:
        warnings.warn(ResourceWarning(f"NOT CHECKED: {name}'s official description is not here"), stacklevel=2)
        return None
    return ApiDescription.load(path).check


@pytest.fixture
async def town(tmp_path: Path) -> AsyncGenerator[Town]:
    async with founded(tmp_path) as town:
        yield town


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Town]:
    """A town whose one bot serves a module of tests, which run on the module's event loop."""
    folder = tmp_path_factory.mktemp("town")
    async with founded(folder) as town, running_bot(town.local, town.models, folder):
        yield town


@pytest.fixture
def quarter(served: Town) -> Town:
    """A server of its own, with people who have asked for nothing yet, in a town that others live in too."""
    served.local.faults.clear()
    served.models.calls.clear()
    served.models.latency = 0.0
    served.models.abilities = NONE
    return _inhabited(served.local, served.models, served.folder)


@asynccontextmanager
async def founded(folder: Path) -> AsyncGenerator[Town]:
    """Found a town whose bots keep their data in a folder; look for what must never happen when it ends."""
    async with (
        LocalDiscord(checker=description_check("discord")) as local,
        ScriptedModels(checker=description_check("openai")) as models,
    ):
        yield _inhabited(local, models, folder)
        assert not local.unimplemented
        assert not models.unimplemented
        assert not local.violations
        assert not models.violations
        pinged = [
            each for held in local.world.channels.values() for each in held.messages.values() if each.pinged
        ]
        assert not [each for each in pinged if each.author.bot], "the bot pinged somebody"


def _inhabited(local: LocalDiscord, models: ScriptedModels, folder: Path) -> Town:
    ana, ben = local.add_user("ana"), local.add_user("ben")
    guild = local.add_guild("Harbour")
    local.join(guild, ana, ben)
    channel = local.add_channel(guild, "photos")
    return Town(local, models, folder, guild, channel, ana, ben)
