"""The doctor behind `bot.py check`: what is missing or wrong, before anybody notices."""

from __future__ import annotations

import sys

from services.settings import Settings

from cogs._composition import RestClient, create_services


async def check(settings: Settings) -> None:
    """Ask Discord, the models and the database; print one line each."""
    async with RestClient() as rest:
        await rest.login(settings.discord.token.get_secret_value())
        info = await rest.application_info()
        flags = info.flags
        granted = flags.gateway_message_content or flags.gateway_message_content_limited
        _say(ok=True, text=f"Discord: signed in as {rest.user}")
        _say(
            ok=granted or not settings.discord.message_content_intent,
            text="Message content intent: granted"
            if granted
            else "Message content intent: not granted (developer portal, Bot, Privileged Gateway Intents)",
        )
        services = create_services(settings, "run", rest)
        notes = await services.check_models()
        for note in notes:
            _say(ok=False, text=note)
        if not notes:
            _say(ok=True, text="Models: all configured ids answer, none has a shutdown date")
        await services.check_database()
        _say(ok=True, text="Database: reachable and up to date")


def _say(*, ok: bool, text: str) -> None:
    sys.stdout.write(f"{'ok     ' if ok else 'PROBLEM'} {text}\n")
