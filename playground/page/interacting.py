"""How people use the bot's commands, buttons and forms on the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playground.discord.forms.modals import fields_of
from playground.discord.server import LocalDiscord
from playground.discord.state import Interaction, Message, Payload, User
from playground.discord.state.kinds import (
    ATTACHMENT,
    CHANNEL,
    CHANNEL_SELECT,
    FILE_UPLOAD,
    MENTIONABLE,
    MENTIONABLE_SELECT,
    ROLE,
    ROLE_SELECT,
    SLASH,
    USER,
    USER_SELECT,
)
from playground.page.asking import Asked, Handler, RefusedError
from playground.page.providers import Json

_BY_ID = frozenset({USER, CHANNEL, ROLE, MENTIONABLE})
_SELECTS_BY_ID = frozenset({USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT})


class Interacting:
    """Each handler waits until the bot has acknowledged what was done, or its three seconds are over."""

    def __init__(self, local: LocalDiscord) -> None:
        self._local = local

    def handlers(self) -> dict[str, Handler]:
        """Return what is answered, by the last part of the path."""
        return {
            "commands": self._commands,
            "invoke": self._invoke,
            "autocomplete": self._autocomplete,
            "menu": self._menu,
            "press": self._press,
            "submit": self._submit,
        }

    async def _commands(self, asked: Asked) -> Json:
        return {"commands": asked.views.commands(asked.user, asked.channel())}

    async def _invoke(self, asked: Asked) -> Json:
        name = str(asked.body["name"])
        options = self._options(asked, name)
        return await self._answer(await self._local.invoke(asked.user, asked.channel(), name, options))

    async def _autocomplete(self, asked: Asked) -> Json:
        name, focused = str(asked.body["name"]), str(asked.body["focused"])
        options = self._options(asked, name)
        interaction = await self._local.autocomplete(asked.user, asked.channel(), name, focused, options)
        await self._answer(interaction)
        return {"choices": interaction.choices or []}

    async def _menu(self, asked: Asked) -> Json:
        target = asked.chosen(asked.body["person"]) if "person" in asked.body else asked.message()
        if not isinstance(target, User | Message):
            raise RefusedError("choice-gone")
        name, channel = str(asked.body["name"]), asked.channel()
        return await self._answer(await self._local.use_menu(asked.user, name, target, channel=channel))

    async def _press(self, asked: Asked) -> Json:
        message, custom_id = asked.message(), str(asked.body["custom_id"])
        component = message.component(custom_id)
        values: Sequence[Any] = asked.body.get("values") or []
        if component is not None and component["type"] in _SELECTS_BY_ID:
            values = [asked.chosen(each) for each in values]
        return await self._answer(await self._local.press(asked.user, message, custom_id, values))

    async def _submit(self, asked: Asked) -> Json:
        opened = self._opened(asked)
        answers: dict[str, Any] = {
            name: value for name, value in asked.body["answers"].items() if value not in (None, "")
        }
        for field in fields_of(opened.modal or {"components": []}):
            name = field["custom_id"]
            if field["type"] == FILE_UPLOAD and name in asked.files:
                answers[name] = asked.files[name]
            elif field["type"] in _SELECTS_BY_ID and name in answers:
                answers[name] = [asked.chosen(each) for each in answers[name]]
        return await self._answer(await self._local.submit_modal(asked.user, opened, answers))

    async def _answer(self, interaction: Interaction) -> Json:
        """Wait for the bot's first response and tell of it."""
        await self._local.wait_for(
            lambda: interaction.answered or interaction.failed,
            timeout=2 * self._local.interactions.acknowledge_seconds + 5,
        )
        if interaction.failed:
            raise RefusedError("no-answer")
        return {"id": str(interaction.id), "answered": interaction.answered, "modal": interaction.modal}

    def _opened(self, asked: Asked) -> Interaction:
        wanted = str(asked.body["interaction"])
        for interaction in self._local.world.interactions.values():
            if str(interaction.id) == wanted and interaction.user is asked.user and interaction.modal:
                return interaction
        raise RefusedError("form-gone")

    def _options(self, asked: Asked, path: str) -> dict[str, Any]:
        """Return the values of options: ids as what they mean, files as what was uploaded."""
        kinds = {each["name"]: each["type"] for each in self._defined(asked, path)}
        values: dict[str, Any] = {}
        for name, value in (asked.body.get("options") or {}).items():
            values[name] = asked.chosen(value) if kinds.get(name) in _BY_ID else value
        for name, files in asked.files.items():
            if kinds.get(name) == ATTACHMENT:
                values[name] = files[0]
        return values

    def _defined(self, asked: Asked, path: str) -> list[Payload]:
        """Return the options of a command, or of the subcommand that the path names."""
        name, *below = path.split()
        for command in asked.views.commands(asked.user, asked.channel()):
            if command["name"] == name and command["type"] == SLASH:
                options: list[Payload] = command["options"] or []
                for each in below:
                    level = next((option for option in options if option["name"] == each), None)
                    options = (level or {}).get("options") or []
                return options
        raise RefusedError("command-gone")
