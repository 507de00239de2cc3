"""The commands `/describe`, `/transcribe`, `/summarize` and the message menus of the same names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from services.catalogue import Catalogue
from services.domain import Length, ReadingOptions, Task
from services.errors import UserError
from services.readings import seconds_of

if TYPE_CHECKING:
    from cogs.media._cog import MediaCog

QUESTION_LIMIT = 1000
Command = app_commands.Command[Any, ..., None] | app_commands.ContextMenu
Question = app_commands.Range[str, 1, QUESTION_LIMIT]
LanguageTag = app_commands.Range[str, 2, 35]
ClockTime = app_commands.Range[str, 1, 10]


def build_commands(cog: MediaCog, catalogue: Catalogue) -> tuple[Command, ...]:
    """Build the feature's commands; each only passes on to the cog."""
    return (
        _describe(cog, catalogue),
        _transcribe(cog, catalogue),
        _summarize(cog, catalogue),
        _menu(cog, catalogue, "describe"),
        _menu(cog, catalogue, "transcribe"),
        _menu(cog, catalogue, "summarize"),
    )


def _describe(cog: MediaCog, catalogue: Catalogue) -> Command:
    @app_commands.command(name="describe", description=catalogue.text("command-describe"))
    @app_commands.describe(
        attachment=catalogue.text("command-describe-attachment"),
        link=catalogue.text("command-link"),
        question=catalogue.text("command-describe-question"),
    )
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def describe(
        interaction: discord.Interaction[Any],
        attachment: discord.Attachment | None = None,
        link: str | None = None,
        question: Question | None = None,
    ) -> None:
        await cog.read(interaction, attachment, link, question or "", ReadingOptions("describe"))

    return cast("Command", describe)


def _transcribe(cog: MediaCog, catalogue: Catalogue) -> Command:
    @app_commands.command(name="transcribe", description=catalogue.text("command-transcribe"))
    @app_commands.describe(
        attachment=catalogue.text("command-transcribe-attachment"), link=catalogue.text("command-link")
    )
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def transcribe(
        interaction: discord.Interaction[Any],
        attachment: discord.Attachment | None = None,
        link: str | None = None,
    ) -> None:
        await cog.read(interaction, attachment, link, "", ReadingOptions("transcribe"))

    return cast("Command", transcribe)


def _summarize(cog: MediaCog, catalogue: Catalogue) -> Command:
    @app_commands.command(name="summarize", description=catalogue.text("command-summarize"))
    @app_commands.describe(
        attachment=catalogue.text("command-summarize-attachment"),
        link=catalogue.text("command-link"),
        length=catalogue.text("command-summarize-length"),
        focus=catalogue.text("command-summarize-focus"),
        language=catalogue.text("command-summarize-language"),
        start=catalogue.text("command-summarize-from"),
        end=catalogue.text("command-summarize-to"),
    )
    @app_commands.rename(start="from", end="to")
    @app_commands.choices(
        length=[
            app_commands.Choice(name=catalogue.text(f"length-{each}"), value=each)
            for each in ("short", "normal", "long")
        ]
    )
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def summarize(
        interaction: discord.Interaction[Any],
        attachment: discord.Attachment | None = None,
        link: str | None = None,
        length: str = "normal",
        focus: Question | None = None,
        language: LanguageTag | None = None,
        start: ClockTime | None = None,
        end: ClockTime | None = None,
    ) -> None:
        options = ReadingOptions(
            "summarize",
            length=cast("Length", length),
            language=language or "",
            start=_time(start),
            end=_time(end),
        )
        if attachment is None and not link:
            await cog.summarize_thread(interaction, focus or "", options)
        else:
            await cog.read(interaction, attachment, link, focus or "", options)

    return cast("Command", summarize)


def _menu(cog: MediaCog, catalogue: Catalogue, task: Task) -> Command:
    @app_commands.context_menu(name=catalogue.text(f"menu-{task}"))
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def menu(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await cog.read_message(interaction, message, ReadingOptions(task))

    return menu


def _time(text: str | None) -> float | None:
    if text is None:
        return None
    if (seconds := seconds_of(text)) is None:
        raise UserError("time-not-understood")
    return seconds
