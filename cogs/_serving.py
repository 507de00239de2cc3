"""The commands that serve: what `bot.py run`, `worker` and `check` do."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import discord
import discord.gateway
import discord.http
from services import event_loop
from services.configuration import load_settings
from services.container import Services
from services.errors import ConfigurationError
from services.instance_lock import AlreadyRunningError, hold_instance_lock
from services.settings import OFFICIAL_API_URL, Settings
from services.shutdown import until_asked
from yarl import URL

from cogs._bot import IsthmusBot
from cogs._check import check
from cogs._composition import RestClient, create_services

EX_TEMPFAIL = 75
EX_CONFIG = 78
LOCK_PATIENCE_SECONDS = 30.0

log = logging.getLogger("isthmus")


def create_bot(
    settings: Settings, services: Services | None = None, *, message_content: bool | None = None
) -> IsthmusBot:
    """Build the gateway bot; touches no global and connects to nothing."""
    wanted = settings.discord.message_content_intent
    return IsthmusBot(
        settings=settings,
        services=services or create_services(settings, "run", RestClient(settings)),
        message_content=wanted if message_content is None else message_content,
    )


def apply_endpoints(settings: Settings) -> None:
    """Point discord.py at the configured addresses; it keeps them for the whole process."""
    if settings.discord.api_url != OFFICIAL_API_URL:
        discord.http.Route.BASE = settings.discord.api_url.rstrip("/")
    if settings.discord.gateway_url:
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.discord.gateway_url)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Listen on the gateway and do the work, until asked to stop."""
    shared = settings.database_url if settings.is_postgres else ""
    lock = hold_instance_lock(
        settings.bot.data_dir, patience=LOCK_PATIENCE_SECONDS, postgres_url=shared, lost=stop.set
    )
    async with lock, RestClient(settings) as rest:
        token = settings.discord.token.get_secret_value()
        await rest.login(token)
        services = create_services(settings, "run", rest)
        await services.start()
        try:
            for note in await services.check_models():
                log.warning("%s", note)
            async with create_bot(settings, services) as bot:
                try:
                    await bot.serve(token, stop, rest)
                except discord.PrivilegedIntentsRequired:
                    log.warning("%s", services.catalogue.text("no-message-content"))
                else:
                    return
            async with create_bot(settings, services, message_content=False) as bot:
                await bot.serve(token, stop, rest)
        finally:
            await services.aclose()


async def work(settings: Settings, stop: asyncio.Event) -> None:
    """Do the work of a gateway that shares the Postgres, until asked to stop."""
    async with RestClient(settings) as rest:
        await rest.login(settings.discord.token.get_secret_value())
        services = create_services(settings, "worker", rest)
        await services.start()
        try:
            sys.stdout.write("Isthmus worker is ready\n")
            sys.stdout.flush()
            await stop.wait()
        finally:
            await services.aclose()


COMMANDS: dict[str, Callable[[Settings, asyncio.Event], Coroutine[Any, Any, None]]] = {
    "run": run,
    "worker": work,
    "check": check,
}


def serve(command: str) -> int:
    """Load the settings, start, and return the exit status."""
    main = COMMANDS[command]
    try:
        settings = load_settings(command="worker" if command == "worker" else "run")
        apply_endpoints(settings)
        event_loop.run(until_asked(lambda stop: main(settings, stop)))
    except ConfigurationError as error:
        for problem in error.problems:
            sys.stderr.write(f"- {problem}\n")
        return EX_CONFIG
    except discord.LoginFailure:
        sys.stderr.write("- DISCORD_TOKEN was rejected by Discord: copy it again or reset it.\n")
        return EX_CONFIG
    except aiohttp.ClientConnectionError:
        sys.stderr.write("Discord cannot be reached. Check the network and start me again.\n")
        return EX_TEMPFAIL
    except AlreadyRunningError:
        sys.stderr.write("Another Isthmus is running on this data folder or database.\n")
        return EX_TEMPFAIL
    return 0
