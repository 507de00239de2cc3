"""Registration of the bot's commands, for everywhere and for single guilds."""

from __future__ import annotations

from collections.abc import Sequence

from playground.discord.errors import DiscordError
from playground.discord.forms.commands import check_command, check_commands, registered
from playground.discord.rest.call import Call, Routes
from playground.discord.state import Payload
from playground.discord.world import World

_GLOBAL = "/applications/{application_id}/commands"
_OF_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


class Commands:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> Routes:
        routes: Routes = {}
        for place in (_GLOBAL, _OF_GUILD):
            routes |= {
                ("GET", place): self._list,
                ("PUT", place): self._replace,
                ("POST", place): self._add,
                ("GET", f"{place}/{{command_id}}"): self._get,
                ("PATCH", f"{place}/{{command_id}}"): self._edit,
                ("DELETE", f"{place}/{{command_id}}"): self._remove,
            }
        return routes

    def _list(self, call: Call) -> Sequence[Payload]:
        return self._held(call)

    def _replace(self, call: Call) -> Sequence[Payload]:
        return self._keep(call, registered(check_commands(call.body), self._held(call), self._world.app.id))

    def _add(self, call: Call) -> Payload:
        added = check_command(call.body, "command")
        others = [
            each for each in self._held(call) if (each["name"], each["type"]) != (added["name"], added["type"])
        ]
        check_commands([*others, added])
        [command] = registered([added], self._held(call), self._world.app.id)
        self._keep(call, [*others, command])
        return command

    def _get(self, call: Call) -> Payload:
        wanted = str(call.id("command_id"))
        found = next((each for each in self._held(call) if each["id"] == wanted), None)
        if found is None:
            raise DiscordError(404, 10063)
        return found

    def _edit(self, call: Call) -> Payload:
        held = self._get(call)
        held.update(check_command(held | dict(call.fields), "command"))
        self._world.changed()
        return held

    def _remove(self, call: Call) -> None:
        gone = self._get(call)
        self._keep(call, [each for each in self._held(call) if each is not gone])

    def _held(self, call: Call) -> Sequence[Payload]:
        if call.id("application_id") != self._world.app.id:
            raise DiscordError(403, 20012)
        if "guild_id" not in call.ids:
            return self._world.commands
        guild = self._world.guilds.get(call.id("guild_id"))
        if guild is None or self._world.app.id not in guild.members:
            raise DiscordError(403, 50001)
        return self._world.guild_commands.get(guild.id, [])

    def _keep(self, call: Call, commands: list[Payload]) -> list[Payload]:
        if "guild_id" in call.ids:
            guild_id = call.id("guild_id")
            commands = [each | {"guild_id": str(guild_id)} for each in commands]
            self._world.guild_commands[guild_id] = commands
        else:
            self._world.commands = commands
        self._world.changed()
        return commands
