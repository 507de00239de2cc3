"""How people use the bot's commands and menus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playground.discord.people.base import Side
from playground.discord.people.resolved import Resolved
from playground.discord.permissions import Permission
from playground.discord.state import DM, Channel, File, Interaction, Message, Payload, Role, User
from playground.discord.state.kinds import (
    ATTACHMENT,
    AUTOCOMPLETE,
    BOOLEAN,
    CHANNEL,
    COMMAND,
    INTEGER,
    MENTIONABLE,
    MESSAGE_MENU,
    NUMBER,
    ROLE,
    SLASH,
    STRING,
    SUBCOMMAND,
    SUBCOMMAND_GROUP,
    USER,
    USER_MENU,
)

_FITS: Mapping[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    USER: (User,),
    CHANNEL: (Channel,),
    ROLE: (Role,),
    MENTIONABLE: (User, Role),
    NUMBER: (int, float),
    ATTACHMENT: (File,),
}
_BOT_DM = 1


class Commands(Side):
    """Each returns the interaction, whose fields then show how the bot answers."""

    async def invoke(
        self, user: User, channel: Channel, name: str, options: Mapping[str, Any] | None = None
    ) -> Interaction:
        """Use a slash command.

        Args:
            user: Who.
            channel: Where.
            name: Of the command; of a subcommand with those above it, e.g. `listen here`.
            options: Values by name: str, int, bool, float, User, Channel, Role, or File (uploaded).

        Raises:
            LookupError: There is no such command or option, or a required option is missing.
            ValueError: A value does not fit its option.
            PermissionError: The person may not use it here.
        """
        command, data = self._data(user, channel, name, dict(options or {}), focused=None)
        self._allow(user, channel, command)
        interaction = self._interactions.start(user, channel, COMMAND, data)
        await self.delivered()
        return interaction

    async def autocomplete(
        self,
        user: User,
        channel: Channel,
        name: str,
        focused: str,
        options: Mapping[str, Any] | None = None,
    ) -> Interaction:
        """Type into an option of a slash command; proposals come in the interaction's `choices`.

        Args:
            user: Who.
            channel: Where.
            name: As in `invoke`.
            focused: The option that is being typed into; its value is what was typed so far.
            options: As in `invoke`; required ones may be missing yet.
        """
        command, data = self._data(user, channel, name, dict(options or {}), focused=focused)
        self._allow(user, channel, command)
        interaction = self._interactions.start(user, channel, AUTOCOMPLETE, data)
        await self.delivered()
        return interaction

    async def use_menu(
        self, user: User, name: str, target: Message | User, *, channel: Channel | None = None
    ) -> Interaction:
        """Use a context menu of a message, or of a person (then say in which channel)."""
        kind = MESSAGE_MENU if isinstance(target, Message) else USER_MENU
        place = self._world.channels[target.channel_id] if isinstance(target, Message) else channel
        if place is None:
            raise ValueError("a person's menu is used in some channel")
        command = self._command(name, kind, place)
        self._allow(user, place, command)
        resolved = Resolved(self._world, user, self._world.guilds.get(place.guild_id or 0))
        data: Payload = {"id": command["id"], "name": name, "type": kind, "target_id": resolved.add(target)}
        data["resolved"] = resolved.data
        interaction = self._interactions.start(user, place, COMMAND, data | _registered_in(command))
        await self.delivered()
        return interaction

    # ---- what the person's client checks -------------------------------------------------------

    def _data(
        self, user: User, channel: Channel, path: str, values: dict[str, Any], *, focused: str | None
    ) -> tuple[Payload, Payload]:
        name, *below = path.split()
        command = self._command(name, SLASH, channel)
        defined: Sequence[Payload] = command["options"] or []
        levels: list[Payload] = []
        for each in below:
            level = next((option for option in defined if option["name"] == each), None)
            if level is None or level["type"] not in {SUBCOMMAND, SUBCOMMAND_GROUP}:
                raise LookupError(f"the command {name} has no subcommand {each}")
            levels.append(level)
            defined = level.get("options") or []
        resolved = Resolved(self._world, user, self._world.guilds.get(channel.guild_id or 0))
        options = self._options(defined, values, resolved, channel, focused)
        for level in reversed(levels):
            options = [{"name": level["name"], "type": level["type"], "options": options}]
        data: Payload = {"id": command["id"], "name": name, "type": SLASH, "options": options}
        if resolved.data:
            data["resolved"] = resolved.data
        return command, data | _registered_in(command)

    def _options(
        self,
        defined: Sequence[Payload],
        values: dict[str, Any],
        resolved: Resolved,
        channel: Channel,
        focused: str | None,
    ) -> list[Payload]:
        sent: list[Payload] = []
        for option in defined:
            name = option["name"]
            if option["type"] in {SUBCOMMAND, SUBCOMMAND_GROUP}:
                raise LookupError(f"{name} is a subcommand: name it with the command")
            if name not in values:
                if option.get("required") and focused is None:
                    raise LookupError(f"the option {name} is required")
                continue
            value = values.pop(name)
            if name != focused:
                _check_value(option, value)
            if isinstance(value, File):
                value = resolved.add(self._upload(channel, value, ephemeral=True))
            elif isinstance(value, User | Role | Channel):
                value = resolved.add(value)
            sent.append({"name": name, "type": option["type"], "value": value})
            if name == focused:
                sent[-1]["focused"] = True
        if values:
            raise LookupError(f"there is no option {', '.join(values)}")
        return sent

    def _command(self, name: str, kind: int, channel: Channel) -> Payload:
        offered = [*self._world.guild_commands.get(channel.guild_id or 0, []), *self._world.commands]
        for command in offered:
            if (command["name"], command["type"]) == (name, kind):
                return command
        raise LookupError(f"the bot has no command {name}")

    def _allow(self, user: User, channel: Channel, command: Payload) -> None:
        """Refuse what the person's client would not even show."""
        if channel.archived:
            raise PermissionError("commands cannot be used in an archived thread")
        if channel.type == DM:
            contexts = command["contexts"]
            if _BOT_DM not in contexts if contexts is not None else not command["dm_permission"]:
                raise PermissionError(f"{command['name']} cannot be used in direct messages")
            return
        needed = int(command["default_member_permissions"] or 0)
        self._require(user, channel, Permission.USE_APPLICATION_COMMANDS, Permission(needed))


def _check_value(option: Payload, value: Any) -> None:
    name, kind = option["name"], option["type"]
    wrong_bool = isinstance(value, bool) and kind != BOOLEAN
    if not isinstance(value, _FITS[kind]) or wrong_bool:
        raise ValueError(f"{value!r} does not fit the option {name}")
    choices = [each["value"] for each in option.get("choices") or []]
    if choices and value not in choices:
        raise ValueError(f"the option {name} is one of {choices}")
    if isinstance(value, str):
        low, high = option.get("min_length"), option.get("max_length")
        measured: float = len(value)
    else:
        low, high = option.get("min_value"), option.get("max_value")
        measured = value if isinstance(value, int | float) else 0
    if (low is not None and measured < low) or (high is not None and measured > high):
        raise ValueError(f"{value!r} is out of the range of {name}")


def _registered_in(command: Payload) -> Payload:
    return {"guild_id": command["guild_id"]} if "guild_id" in command else {}
