"""Takes away, in the middle of traffic, what the bot needs: its database, Discord, or the model server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from playground.discord.state import Message
from tests.bots import BotProcess, running_bot
from tests.e2e.conftest import Town
from tests.job_kinds import picture
from tests.killing import cards, quick_fleet
from tests.postgres import PostgresServer
from tests.relay import Relay


@dataclass
class Coast:
    """A town whose bot reaches everything through doors that can be shut."""

    town: Town
    postgres: PostgresServer
    discord: Relay
    models: Relay
    bots: tuple[BotProcess, ...]
    posted: int = 0

    async def post(self, count: int) -> list[Message]:
        """Post pictures, each another one."""
        posts: list[Message] = []
        for _ in range(count):
            self.posted += 1
            file = picture(self.posted)
            posts.append(await self.town.local.post(self.town.ana, self.town.channel, files=[file]))
        return posts

    async def stop_postgres(self) -> None:
        """Let the database die."""
        await asyncio.to_thread(self.postgres.stop)

    async def start_postgres(self) -> None:
        """Start the database again."""
        await asyncio.to_thread(self.postgres.start)


@asynccontextmanager
async def coast(town: Town, postgres: PostgresServer) -> AsyncGenerator[Coast]:
    """Run a bot and a worker on a Postgres; end them in an orderly way."""
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(Relay(urlsplit(town.local.api_url).port or 0))
        models = await stack.enter_async_context(Relay(urlsplit(town.models.base_url).port or 0))
        town.local.world.urls.base = f"http://127.0.0.1:{discord.port}"
        town.local.gateway.url = f"ws://127.0.0.1:{discord.port}/gateway"
        environment = {
            **quick_fleet(town, postgres.new_database()),
            "DISCORD_API_URL": f"http://127.0.0.1:{discord.port}/api/v10",
            "DISCORD_GATEWAY_URL": town.local.gateway.url,
            "DISCORD_CDN_HOSTS": f"127.0.0.1:{discord.port}",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{models.port}/v1",
        }
        bots = [
            await stack.enter_async_context(
                running_bot(town.local, town.models, town.folder, command=command, environment=environment)
            )
            for command in ("run", "worker")
        ]
        yield Coast(town, postgres, discord, models, tuple(bots))
        for bot in bots:
            status = await bot.terminate()
            assert status == 0, f"a process ended with {status}:\n{bot.log.read_text()}"


@dataclass(frozen=True, slots=True)
class Outage:
    """What is away, and how it goes and comes back."""

    name: str
    begin: Callable[[Coast], Awaitable[None]]
    end: Callable[[Coast], Awaitable[None]]
    may_fail: bool = False
    """Whether jobs may end in a sentence that says so; otherwise all end in answers."""


OUTAGES = (
    Outage("database", Coast.stop_postgres, Coast.start_postgres),
    Outage("Discord", lambda coast: coast.discord.shut(), lambda coast: coast.discord.open()),
    Outage("model server", lambda coast: coast.models.shut(), lambda coast: coast.models.open(), may_fail=True),
)


async def suffer(coast: Coast, outage: Outage, *, seconds: float, posts: int, patience: float) -> list[str]:
    """Let something be away for a while in the middle of jobs; return what was wrong afterwards.

    Args:
        posts: Half of them are under way when it goes, the other half comes while it is away.
        patience: Seconds within which every job has to have ended, once it is back.
    """
    town, calls = coast.town, len(coast.town.models.calls)
    under_way = await coast.post((posts + 1) // 2)
    await town.models.wait_for(lambda: len(town.models.calls) > calls, timeout=patience, what="traffic")
    await outage.begin(coast)
    meanwhile = await coast.post(posts // 2)
    await asyncio.sleep(seconds)
    await outage.end(coast)
    after = await coast.post(1)
    wrongs: list[str] = []
    for post in (*under_way, *meanwhile, *after):
        messages = await town.settled(post, timeout=patience)
        if len(messages) != 1:
            wrongs.append(f"{outage.name}: {len(messages)} messages instead of one")
        is_answer = "MARKER" in messages[0].text
        if not is_answer and (not outage.may_fail or post in after or "reference" not in messages[0].text):
            wrongs.append(f"{outage.name}: {messages[0].text!r}")
    if cards(town):
        wrongs.append(f"{outage.name}: a progress card is left")
    return wrongs
