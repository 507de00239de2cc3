"""The doctor behind `bot.py check`: what is missing or wrong, before anybody notices."""

from __future__ import annotations

import sys
from collections.abc import Callable

import aiohttp
import discord
from services.container import Services
from services.errors import ConfigurationError
from services.settings import Settings

from cogs._composition import RestClient, create_services


async def check(settings: Settings) -> None:
    """Ask Discord, the models and the database; print one line for each finding.

    Raises:
        ConfigurationError: Something is wrong; how many things, for the last line.
    """
    problems = 0

    def say(*, ok: bool, text: str) -> None:
        nonlocal problems
        problems += not ok
        sys.stdout.write(f"{'ok     ' if ok else 'PROBLEM'} {text}\n")

    async with RestClient(settings) as rest:
        await _check_discord(settings, rest, say)
        services = create_services(settings, "run", rest)
        notes = await services.check_models()
        for note in notes:
            say(ok=False, text=note)
        if not notes:
            say(ok=True, text="Models: nothing is known against the configured ids")
        await _check_database(services, say)
    if problems:
        raise ConfigurationError([f"{problems} of these need your attention." if problems > 1 else "Fix this."])


async def _check_discord(settings: Settings, rest: RestClient, say: Callable[..., None]) -> None:
    try:
        await rest.login(settings.discord.token.get_secret_value())
        flags = (await rest.application_info()).flags
    except discord.LoginFailure:
        say(ok=False, text="Discord: DISCORD_TOKEN was rejected; copy it again or reset it")
        return
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        say(ok=False, text=f"Discord: cannot be reached at {settings.discord.api_url} ({type(error).__name__})")
        return
    say(ok=True, text=f"Discord: signed in as {rest.user}")
    granted = flags.gateway_message_content or flags.gateway_message_content_limited
    say(
        ok=granted or not settings.discord.message_content_intent,
        text="Message content intent: granted"
        if granted
        else "Message content intent: not granted (developer portal, Bot, Privileged Gateway Intents)",
    )


async def _check_database(services: Services, say: Callable[..., None]) -> None:
    try:
        await services.check_database()
    except Exception as error:  # drivers have many; the doctor names whatever it is and goes on
        say(ok=False, text=f"Database: cannot be opened ({type(error).__name__}); see ISTHMUS_DATABASE_URL")
    else:
        say(ok=True, text="Database: reachable and up to date")
